// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// tableNames knows the routing tables by name.
type tableNames struct {
	fs     fs.FS // that has the files of iproute2; nil: none
	byName map[string]uint32
}

const (
	mainTable    = 254
	maxTableFile = 1 << 16 // octets of a file of names that are read
)

// tableFiles are the files of iproute2, from the root of the file system: the first one counts for a name that both have.
var tableFiles = []string{"etc/iproute2/rt_tables", "usr/share/iproute2/rt_tables"}

// number returns the number of a table.
func (t *tableNames) number(name string) (uint32, bool) {
	if t.byName == nil {
		t.byName = map[string]uint32{"default": 253, "main": mainTable, "local": 255}
		for _, file := range tableFiles {
			t.readFile(file)
		}
	}
	n, ok := t.byName[name]
	return n, ok
}

// readFile reads lines of a number and a name. A file that isn't there has none.
func (t *tableNames) readFile(name string) {
	if t.fs == nil {
		return
	}
	f, err := t.fs.Open(name)
	if err != nil {
		return
	}
	defer f.Close() // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxTableFile))
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) != 2 || t.byName[words[1]] != 0 {
			continue
		}
		if n, err := strconv.ParseUint(words[0], 0, 32); err == nil && n > 0 {
			t.byName[words[1]] = uint32(n)
		}
	}
}

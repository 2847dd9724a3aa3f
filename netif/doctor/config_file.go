// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// setting returns the last value of a key in a section of a file of the kind that systemd.syntax(7) and
// NetworkManager.conf(5) describe. found is false if there is none; the value may be empty, which resets it.
func setting(text, section, key string) (value string, found bool) {
	var current string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[' && strings.HasSuffix(line, "]"):
			current = line[1 : len(line)-1]
		case current == section:
			if k, v, ok := strings.Cut(line, "="); ok && strings.TrimSpace(k) == key {
				value, found = strings.Trim(strings.TrimSpace(v), `"`), true
			}
		}
	}
	return value, found
}

// systemdFolders are where systemd looks for configuration, the most important one first.
func systemdFolders() []string {
	return []string{"etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd", "lib/systemd"}
}

// dropIns returns the files that add to one of systemd, in the order in which they are read: by name, whichever
// folder they are in. Of those with the same name only the most important one counts.
func (h *host) dropIns(name string) []string {
	files := make(map[string]string)
	for _, folder := range slices.Backward(systemdFolders()) {
		matches, _ := fs.Glob(h.files, path.Join(folder, name+".d", "*.conf")) // fails for bad patterns only
		for _, m := range matches {
			files[path.Base(m)] = m
		}
	}
	var list []string
	for _, m := range files {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(path.Base(a), path.Base(b)) })
	return list
}

// systemdSetting returns a setting that a file makes, or one that adds to it: the last one counts.
func (h *host) systemdSetting(files []string, section, key string) (value string) {
	for _, name := range files {
		text, _ := h.read(strings.TrimPrefix(name, "/"))
		if v, found := setting(text, section, key); found {
			value = v
		}
	}
	return value
}

// isYes reports whether a value is a boolean of systemd or of GKeyFile that is true.
func isYes(value string) bool {
	return slices.Contains([]string{"1", "yes", "y", "true", "t", "on"}, strings.ToLower(value))
}

// isNo reports whether it is one that is false.
func isNo(value string) bool {
	return slices.Contains([]string{"0", "no", "n", "false", "f", "off"}, strings.ToLower(value))
}

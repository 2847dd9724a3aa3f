// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"io"
	"os"
)

// maxStat is how much of /proc/PID/stat is read: number, name and state are at its beginning.
const maxStat = 128

// countProcesses returns how many processes match.
func countProcesses(ctx context.Context, cfg *ProcessConfig) (int, error) {
	return countIn(ctx, "/proc", cfg)
}

// countIn does so in a folder like /proc. What ends meanwhile can't be read, and doesn't run.
func countIn(ctx context.Context, proc string, cfg *ProcessConfig) (int, error) {
	dir, err := os.Open(proc)
	if err != nil {
		return 0, err
	}
	names, err := dir.Readdirnames(-1)
	dir.Close()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, pid := range names {
		if pid[0] < '0' || pid[0] > '9' {
			continue
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if cfg.matches(proc + "/" + pid) {
			n++
		}
	}
	return n, nil
}

// matches reports whether a process does, by its folder.
func (c *ProcessConfig) matches(dir string) bool {
	if c.Name != "" && !c.named(begin(dir+"/stat", maxStat)) {
		return false
	}
	if len(c.Argv) == 0 {
		return true
	}
	size := 0
	for _, arg := range c.Argv {
		size += len(arg) + 1
	}
	return c.called(begin(dir+"/cmdline", size))
}

// begin returns the first octets of a file, none if it can't be read.
func begin(path string, size int) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	text := make([]byte, size)
	n, err := io.ReadFull(f, text)
	if err != nil && n == 0 {
		return ""
	}
	return string(text[:n])
}

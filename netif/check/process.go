// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrCount is what the error of a check by [Process] matches if too few or too many processes run.
var ErrCount = errors.New("number of processes")

// ProcessConfig says which processes are counted, and how many must run. There must be a Name or an Argv; of processes
// that are to match both, each must.
type ProcessConfig struct {
	// Name is the name that the kernel has for a process, as ps -o comm shows it. It is compared as a whole; the kernel
	// keeps 15 octets, so no more of Name are compared.
	Name string

	// Argv is what the command line begins with, each argument as a whole: the first is the program as it was called. A
	// script has its interpreter there.
	Argv []string

	// Min and Max are the fewest and the most that may run, keepalived's quorum and quorum_max. 0 is 1 for Min and any
	// number for Max.
	Min, Max int
}

// Process returns a check that processes run, as keepalived's track_process: compared, not searched, and without zombies.
//
// The error matches [ErrCount]. It looks through /proc: with thousands of processes, or with Argv, for which memory of the
// processes is read, a longer interval is due. Processes in other namespaces, and those of other users where /proc is
// mounted with hidepid, are not seen. It runs on Linux; elsewhere the error matches [errors.ErrUnsupported].
func Process(cfg ProcessConfig) func(context.Context) error {
	cfg.Argv = append([]string(nil), cfg.Argv...)
	return func(ctx context.Context) error {
		if cfg.Name == "" && len(cfg.Argv) == 0 {
			return errors.New("check: process: there must be a name or a command line")
		}
		n, err := countProcesses(ctx, &cfg)
		if err != nil {
			return fmt.Errorf("check: process %s: %w", cfg.title(), err)
		}
		return cfg.judge(n)
	}
}

// judge returns what is wrong with a number.
func (c *ProcessConfig) judge(n int) error {
	least := max(c.Min, 1)
	if n < least {
		return fmt.Errorf("check: process %s: %w: %d, at least %d must run", c.title(), ErrCount, n, least)
	}
	if c.Max > 0 && n > c.Max {
		return fmt.Errorf("check: process %s: %w: %d, at most %d may run", c.title(), ErrCount, n, c.Max)
	}
	return nil
}

// title returns what the processes are called in errors. Arguments may be secrets.
func (c *ProcessConfig) title() string {
	if c.Name != "" {
		return c.Name
	}
	return c.Argv[0]
}

// maxComm is how much of its name the kernel keeps (TASK_COMM_LEN, less the zero).
const maxComm = 15

// named reports whether /proc/PID/stat is that of a process of the name that runs: "1 (name) S …". The name may have
// parentheses itself.
func (c *ProcessConfig) named(stat string) bool {
	begin, end := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')')
	if begin < 0 || end < begin || len(stat) < end+3 {
		return false
	}
	if state := stat[end+2]; state == 'Z' || state == 'X' {
		return false
	}
	return stat[begin+1:end] == c.Name[:min(len(c.Name), maxComm)]
}

// called reports whether /proc/PID/cmdline, or as much of it as is needed, begins with Argv. Each argument ends with a
// zero.
func (c *ProcessConfig) called(cmdline string) bool {
	for _, arg := range c.Argv {
		rest, ok := strings.CutPrefix(cmdline, arg+"\x00")
		if !ok {
			return false
		}
		cmdline = rest
	}
	return true
}

// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

const (
	// defaultOutput is how much of a program's output its error has, in octets, unless told otherwise.
	defaultOutput = 512

	// programPath is the PATH of programs. That of the process is nobody's who starts it by hand one day, and as a
	// service the other.
	programPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// CommandConfig says which program a check runs, and how.
type CommandConfig struct {
	// Argv is the program, by its absolute path, and its arguments. There is no shell in between.
	Argv []string

	// Env is the environment of the program, "name=value" each, besides PATH, which is
	// /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin unless Env has one. Nothing is inherited.
	Env []string

	// Dir is the folder it runs in; empty is the root.
	Dir string

	// User and Group are whom it runs as, by name or number; empty is who runs the check. The Group of a User is its
	// primary one, unless Group is given. There are no supplementary groups then. To be somebody else needs privileges.
	User, Group string

	// Output is how much of the end of its output the error has, in octets; 0 is 512, and negative none.
	Output int
}

// Command returns a check that a program ends with status 0, as keepalived's vrrp_script.
//
// The program runs in a process group of its own, its input is empty, and its output and errors are read together. When the
// context ends, the group is killed: the error matches [context.DeadlineExceeded] or [context.Canceled] then. What it left
// running when it ended by itself goes on, and isn't waited for.
//
// Other errors: [*os/exec.ExitError] has the exit status; [os.ErrPermission] and [os.ErrNotExist] are matched where the
// program can't be started. They have the path of the program and the end of its output, and not its arguments. It runs on
// Unix systems; elsewhere the error matches [errors.ErrUnsupported].
func Command(cfg CommandConfig) func(context.Context) error {
	cfg.Argv = append([]string(nil), cfg.Argv...)
	cfg.Env = append([]string{programPath}, cfg.Env...)
	if cfg.Dir == "" {
		cfg.Dir = "/"
	}
	if cfg.Output == 0 {
		cfg.Output = defaultOutput
	}
	return func(ctx context.Context) error {
		if len(cfg.Argv) == 0 {
			return errors.New("check: command: there must be a program")
		}
		if !filepath.IsAbs(cfg.Argv[0]) {
			return fmt.Errorf("check: command %s: must be an absolute path", cfg.Argv[0])
		}
		out := &tail{size: max(cfg.Output, 0)}
		if err := execute(ctx, &cfg, out); err != nil {
			return fmt.Errorf("check: command %s: %w%s", cfg.Argv[0], err, out)
		}
		return nil
	}
}

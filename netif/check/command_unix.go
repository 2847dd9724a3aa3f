// SPDX-License-Identifier: Apache-2.0

//go:build unix

package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"time"
)

// outputDelay is how long a program's output is waited for when it has ended, in case it left something running.
const outputDelay = 100 * time.Millisecond

// execute runs the program.
func execute(ctx context.Context, cfg *CommandConfig, out *tail) error {
	credential, err := identity(cfg.User, cfg.Group)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, cfg.Argv[0], cfg.Argv[1:]...)
	cmd.Env, cmd.Dir = cfg.Env, cfg.Dir
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: credential}
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	cmd.WaitDelay = outputDelay
	err = cmd.Run()
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay) && cmd.ProcessState.Success():
		return nil
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

// killGroup kills the processes of a group.
func killGroup(pid int) error {
	err := syscall.Kill(-pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return os.NewSyscallError("kill", err)
}

// identity returns whom a program is to run as, nil for whoever this process runs as: that needs no privileges.
func identity(name, group string) (*syscall.Credential, error) {
	if name == "" && group == "" {
		return nil, nil
	}
	uid, gid := os.Geteuid(), os.Getegid()
	if name != "" {
		var err error
		if uid, gid, err = lookUser(name, group != ""); err != nil {
			return nil, err
		}
	}
	if group != "" {
		var err error
		if gid, err = lookGroup(group); err != nil {
			return nil, err
		}
	}
	if uid == os.Geteuid() && gid == os.Getegid() {
		return nil, nil
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// lookUser returns a user's number and that of its group. A number needs no user by it if the group is given.
func lookUser(name string, grouped bool) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if number, failed := id(name); err != nil && failed == nil {
		if u, err = user.LookupId(name); err != nil && grouped {
			return number, 0, nil
		}
	}
	if err != nil {
		return 0, 0, err
	}
	uid, uidErr := id(u.Uid)
	gid, gidErr := id(u.Gid)
	return uid, gid, errors.Join(uidErr, gidErr)
}

// lookGroup returns a group's number.
func lookGroup(name string) (int, error) {
	g, err := user.LookupGroup(name)
	if err == nil {
		return id(g.Gid)
	}
	if n, failed := id(name); failed == nil {
		return n, nil
	}
	return 0, err
}

// id returns the number of a user or group. The largest one stands for none.
func id(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err == nil && n == 1<<32-1 {
		err = strconv.ErrRange
	}
	return int(n), err
}

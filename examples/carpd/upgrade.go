// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/handover"
)

// startTime is how long another process may take until it could take over.
const startTime = 30 * time.Second

// successor returns what starts the program anew, as it is on the disk now. The passphrase goes
// to it by a pipe, which is to be closed: it is not to be read in the arguments.
func (p *process) successor() (cmd *exec.Cmd, pipe io.Closer, err error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	cmd = exec.Command(exe, p.args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "WATCHDOG_PID=") })
	cmd.Env = append(cmd.Env, detachedVariable+"="+p.kind())
	cmd.Stdout, cmd.Stderr, cmd.Dir = os.Stdout, os.Stderr, p.dir
	cmd.ExtraFiles = []*os.File{r}
	_, err = io.WriteString(w, p.secret) // it is short: the pipe has room for it
	return cmd, r, errors.Join(err, w.Close())
}

// kind says to the successor whether it is in the background.
func (p *process) kind() string {
	if p.detached != nil {
		return successorDetached
	}
	return successorAttached
}

// upgrade has another process go on in the place of this one.
func (d *daemon) upgrade(ctx context.Context) {
	cmd, pipe, err := d.process.successor()
	if err == nil {
		err = errors.Join(d.handOver(ctx, cmd), pipe.Close())
	}
	if err != nil {
		d.log.write(slog.LevelError, "no other process has taken over: "+err.Error())
	}
}

// handOver has the program that cmd runs go on in the place of this one.
func (d *daemon) handOver(ctx context.Context, cmd *exec.Cmd) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	d.reporter.left.Store(true)
	other, err := handover.Replace(ctx, cmd, d.devices.keepers, func(ctx context.Context, t handover.Transfer) error {
		return d.host.HandOver(ctx, carp.Transfer(t))
	})
	if err != nil {
		d.reporter.left.Store(false)
		return err
	}
	_ = d.told.Replaced(cmd.Process.Pid) // nobody else can be told
	d.unPID = nil                        // the file is about the other one, or is about to be
	d.devices.leave(other.Devices)
	d.log.write(slog.LevelWarn, fmt.Sprintf("another process has taken over: %d", cmd.Process.Pid))
	return nil
}

// inherit takes over from the predecessor.
func (d *daemon) inherit(take carp.Transfer) error {
	if err := d.process.before.Inherit(d.devices.keepers, nil, handover.Transfer(take)); err != nil {
		return err
	}
	d.devices.heir = false
	if err := d.writePID(); err != nil { // there is nobody to go on instead
		d.log.write(slog.LevelError, err.Error())
	}
	d.reporter.post(d.reporter.save)
	return nil
}

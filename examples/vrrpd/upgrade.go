// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/systemd"
)

// startTime is how long another process may take until it could take over.
const startTime = 30 * time.Second

// upgrades has the program go on in another process, each time it is asked to, until ctx ends: once, if that
// succeeds.
func upgrades(ctx context.Context, d *instances.Daemon, told *systemd.Notifier, args []string, asked <-chan os.Signal, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
		}
		if err := upgrade(ctx, d, told, args); err != nil {
			log.Error("no other process has taken over", "error", err)
		}
	}
}

// upgrade has the program, as it is on the disk now, go on in another process, which the service manager is told
// of. That one is watched in the place of this one.
func upgrade(ctx context.Context, d *instances.Daemon, told *systemd.Notifier, args []string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	cmd := exec.Command(exe, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "WATCHDOG_PID=") })
	return d.HandOver(ctx, cmd, func(pid int) { _ = told.Replaced(pid) })
}

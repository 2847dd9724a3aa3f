// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/systemd"
)

// handOver is how long a reload waits for virtual routers that it removes.
const handOver = 30 * time.Second

// reloader goes over to what the file says.
type reloader struct {
	daemon *instances.Daemon
	reread func() (*instances.Plan, error)
	told   *systemd.Notifier
	log    *slog.Logger
}

// run does so each time it is asked to, until ctx ends.
func (r *reloader) run(ctx context.Context, hangup <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		if err := r.told.Reload(func() error { return r.reload(ctx) }, r.daemon.Summary); err != nil {
			r.log.Error("reload failed", "error", err)
			continue
		}
		r.log.Info("the file was read again")
	}
}

// reload does so, or leaves all as it is if that can't be.
func (r *reloader) reload(ctx context.Context) error {
	plan, err := r.reread()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, handOver)
	defer cancel()
	return r.daemon.Reload(ctx, plan)
}

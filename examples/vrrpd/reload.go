// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/go-fhrp/fhrp/internal/instances"
)

// handOver is how long a reload waits for virtual routers that it removes.
const handOver = 30 * time.Second

// reloads goes over to what the file says, each time it is asked to, until ctx ends.
func reloads(ctx context.Context, d *instances.Daemon, hangup <-chan os.Signal, reread func() (*instances.Plan, error), log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		if err := reload(ctx, d, reread); err != nil {
			log.Error("reload failed", "error", err)
			continue
		}
		log.Info("the file was read again")
	}
}

// reload goes over to what the file says, or leaves all as it is if that can't be.
func reload(ctx context.Context, d *instances.Daemon, reread func() (*instances.Plan, error)) error {
	plan, err := reread()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, handOver)
	defer cancel()
	return d.Reload(ctx, plan)
}

// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"log/slog"
	"os/exec"

	"github.com/go-fhrp/fhrp/internal/handover"
	"github.com/go-fhrp/fhrp/vrrp"
)

// HandOver has the program that cmd runs, which is given [Options].Predecessor, go on in the place of this one. Virtual routers
// that both have stay as they are; Run stops the others and returns then. ctx bounds how long the start of the program may take.
// After an error all goes on as before, and the program is no more. taken is called with the number of the new process, before Run
// returns.
func (d *Daemon) HandOver(ctx context.Context, cmd *exec.Cmd, taken func(pid int)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return vrrp.ErrClosed
	}
	d.notifier.leaveAll(true)
	other, err := handover.Replace(ctx, cmd, d.devices.keepers, d.handOver)
	if err != nil {
		d.notifier.leaveAll(false)
		return err
	}
	taken(cmd.Process.Pid) // the first thing, for the other one has something to tell as well
	d.devices.left = map[string]bool{}
	for _, name := range other.Devices {
		d.devices.left[name] = true
	}
	d.leaveRoutes(other.Routes)
	if d.options.Logger != nil {
		d.options.Logger.Info("another process has taken over", slog.Int("pid", cmd.Process.Pid))
	}
	return nil
}

// handOver hands the router over.
func (d *Daemon) handOver(ctx context.Context, t handover.Transfer) error {
	return d.router.HandOver(ctx, vrrp.Transfer(t))
}

// inherit takes over from the predecessor.
func (d *Daemon) inherit(take vrrp.Transfer) error {
	routes := []string{}
	if d.routes != nil {
		routes = d.routes.Wanted()
	}
	if err := d.options.Predecessor.Inherit(d.devices.keepers, routes, handover.Transfer(take)); err != nil {
		return err
	}
	d.devices.heir = false
	d.notifier.running.Go(func() {
		d.notifier.resume(d.router)
		d.inheritRoutes()
	})
	return nil
}

// interruptible ends the wait for the predecessor with ctx, until it is called.
func (d *Daemon) interruptible(ctx context.Context) (stop func()) {
	if d.options.Predecessor == nil {
		return func() {}
	}
	end := context.AfterFunc(ctx, d.options.Predecessor.Interrupt)
	return func() { end() }
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif/guard"
	"github.com/go-fhrp/fhrp/vrrp"
)

// director is the virtual routers, the balancer and the sync daemons of a plan.
type director struct {
	plan     *plan
	log      *slog.Logger
	routers  *instances.Daemon // nil without virtual routers
	table    *kernelTable
	balancer *balancer
	commands *commands
	alerts   *alerts
	follower *follower
	reread   func() (*plan, error)
	told     *systemd.Notifier // nil for nobody
}

// newDirector opens what the plan needs.
func newDirector(p *plan, o options, will *guard.Guard, log *slog.Logger) (d *director, err error) {
	d = &director{plan: p, log: log, commands: newCommands(log), alerts: newAlerts(p.balancing.Mail, log)}
	if d.table, err = openTable(); err != nil {
		return nil, err
	}
	d.balancer = newBalancer(d.table, log)
	d.balancer.call, d.balancer.alert = d.commands.call, d.alerts.tell
	d.follower = &follower{open: func() (syncDaemons, error) { return openSync() }, config: p.balancing.Sync, log: log}
	if err := d.follower.begin(); err != nil {
		return nil, errors.Join(err, d.close())
	}
	if len(p.routers.Instances) > 0 {
		if d.routers, err = instances.Open(p.routers, instances.Options{Permanent: o.permanent, Guard: will, Logger: log}); err != nil {
			return nil, errors.Join(err, d.close())
		}
	}
	return d, nil
}

// run directs until ctx ends. The services come before the addresses and go after them, and the commands and alerts about
// that come last.
func (d *director) run(ctx context.Context, hangup <-chan os.Signal) error {
	commanding, endCommands := context.WithCancel(context.WithoutCancel(ctx))
	balancing, endBalancing := context.WithCancel(commanding)
	defer endCommands()
	var commands, rest sync.WaitGroup
	var balancer, routers error
	commands.Go(func() { d.commands.run(commanding) })
	commands.Go(func() { d.alerts.mailer.run(commanding) })
	rest.Go(func() { balancer = d.balancer.run(balancing, d.plan.balancing.Servers) })
	rest.Go(func() { d.reloads(ctx, hangup, d.routers) })
	defer d.tell(ctx, balancing)()
	rest.Go(func() { d.follower.keep(balancing) })
	if d.routers == nil {
		<-ctx.Done()
	} else {
		telling, endTelling := context.WithCancel(commanding)
		events := d.routers.Router().Events(telling)
		rest.Go(func() { d.follow(events, ctx) })
		routers = d.routers.Run(ctx)
		defer time.AfterFunc(lastTime, endTelling).Stop() // they have ended by then
		d.routers = nil                                   // it has closed itself
	}
	endBalancing()
	rest.Wait()
	endCommands()
	commands.Wait()
	return errors.Join(balancer, routers, d.close())
}

// follow tells the sync daemons the states of the virtual routers, and those who get alerts.
func (d *director) follow(events iter.Seq[vrrp.Event], running context.Context) {
	for e := range events {
		d.alerts.follow(e, running.Err() != nil)
		if e.Kind == vrrp.EventTransition {
			d.follower.follow(e.Name, e.State == vrrp.Active)
		}
	}
}

// tell has the service manager told how the director is until end is called. It is alive if the loop of the election answers or, where
// there is none, the balancer, until balancing has ended.
func (d *director) tell(ctx, balancing context.Context) (end func()) {
	if d.routers != nil {
		return d.routers.Follow(ctx, d.told)
	}
	started := make(chan struct{})
	close(started)
	return d.told.Follow(ctx, systemd.Service{Started: started, Log: d.log, Summary: func() string { return summary(nil) },
		Ask: func() { d.balancer.ask(balancing) }})
}

// summary says in a line how the virtual routers are, of which there may be none.
func summary(routers *instances.Daemon) string {
	if routers == nil {
		return "no virtual routers"
	}
	return routers.Summary()
}

// reloads reads the file again each time it is asked to.
func (d *director) reloads(ctx context.Context, hangup <-chan os.Signal, routers *instances.Daemon) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		err := d.told.Reload(func() error { return d.reloadOnce(ctx, routers) }, func() string { return summary(routers) })
		if err != nil {
			d.log.Error("the file has errors: going on as before", "error", err)
			continue
		}
		d.log.Info("the file was read again")
	}
}

// reloadOnce reads the file again. An error is one of the file, which changes nothing.
func (d *director) reloadOnce(ctx context.Context, routers *instances.Daemon) error {
	p, err := d.reread()
	if err != nil {
		return err
	}
	d.reroute(ctx, p, routers)
	d.alerts.configure(p.balancing.Mail)
	select {
	case d.balancer.reload <- p.balancing.Servers:
	case <-ctx.Done():
	}
	return nil
}

// reroute goes over to the virtual routers of another plan.
func (d *director) reroute(ctx context.Context, p *plan, routers *instances.Daemon) {
	d.follower.configure(p.balancing.Sync)
	if routers == nil {
		if len(p.routers.Instances) > 0 {
			d.log.Warn("virtual routers where there were none need a new start")
		}
		return
	}
	if err := routers.Reload(ctx, p.routers); err != nil {
		d.log.Error("not all virtual routers are as the file says", "error", err)
	}
}

// close lets go of the system.
func (d *director) close() error {
	err := d.follower.end()
	if d.routers != nil {
		err = errors.Join(err, d.routers.Close())
	}
	d.table.close()
	return err
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// retryTime is how soon after a failure the table is tried again.
const retryTime = 5 * time.Second

// balancer holds the kernel's table true to the file and to what checks say.
type balancer struct {
	kernel  *reconciler
	log     *slog.Logger
	call    func(command keepalived.Command)           // must not wait
	alert   func(n notice)                             // must not wait
	probes  func(c keepalived.Check, weight int) probe // makes them
	local   func(v *keepalived.VirtualServer) bool     // whether this host has its addresses
	reports chan report
	reload  chan []keepalived.VirtualServer
	asked   chan struct{} // who sends is answered by that it is received

	pools  map[string]*pool
	stop   context.CancelFunc // of the checkers
	active sync.WaitGroup
	failed bool // the table is to be tried again
}

// report is what a check says.
type report struct {
	pool          *pool
	server, check int
	verdict       verdict
	err           error
}

func newBalancer(t table, log *slog.Logger) *balancer {
	return &balancer{
		kernel: newReconciler(t, log), log: log, probes: newProbe, local: hasAddress,
		reports: make(chan report), reload: make(chan []keepalived.VirtualServer), asked: make(chan struct{}), pools: map[string]*pool{}, stop: func() {},
		call: func(keepalived.Command) {}, alert: func(notice) {},
	}
}

// run balances until ctx ends, and removes its services then. Other virtual servers can be sent to reload meanwhile.
func (b *balancer) run(ctx context.Context, servers []keepalived.VirtualServer) error {
	if err := b.configure(ctx, servers); err != nil {
		b.log.Error("the kernel's table is not as it should be", "error", err)
		b.failed = true
	}
	ticker := time.NewTicker(retryTime)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return b.end()
		case r := <-b.reports:
			b.take(r)
		case <-b.asked:
		case servers := <-b.reload:
			b.note(b.configure(ctx, servers))
		case <-ticker.C:
			if b.failed {
				b.note(b.applyAll())
			}
		}
	}
}

// ask returns when the balancer has answered, or ctx has ended, as it does before the balancer does.
func (b *balancer) ask(ctx context.Context) {
	select {
	case b.asked <- struct{}{}:
	case <-ctx.Done():
	}
}

// note logs an error about the table, which is tried again.
func (b *balancer) note(err error) {
	b.failed = err != nil
	if err != nil {
		b.log.Error("the kernel's table is not as it should be", "error", err)
	}
}

// configure takes other virtual servers. Those that have the same name go on with what is known of them.
func (b *balancer) configure(ctx context.Context, servers []keepalived.VirtualServer) error {
	b.stop()
	former := b.pools
	b.pools = map[string]*pool{}
	for _, v := range servers {
		name := v.Protocol.String() + " " + v.Name
		p, changes := newPool(v, former[name])
		b.pools[name] = p
		b.tell(p, changes)
	}
	for name, p := range former {
		b.tell(p, p.leave(b.pools[name]))
	}
	checking, stop := context.WithCancel(ctx)
	b.stop = stop
	for _, p := range b.pools {
		b.start(checking, p)
	}
	return b.applyAll()
}

// applyAll makes the table what the pools wish for, and removes what no pool does.
func (b *balancer) applyAll() error {
	var all []wish
	for _, p := range b.pools {
		all = append(all, p.wishes()...)
	}
	return errors.Join(b.kernel.apply(all), b.kernel.retire(all))
}

// start starts the checks of a pool.
func (b *balancer) start(ctx context.Context, p *pool) {
	for i, m := range p.members {
		for j, config := range m.config.Checks {
			c := &checker{config: config, probe: b.probes(config, m.config.Weight), up: m.verdict[j].up}
			if p.config.HASuspend {
				c.suspended = func() bool { return !b.local(&p.config) }
			}
			c.report = func(v verdict, err error) {
				select {
				case b.reports <- report{p, i, j, v, err}:
				case <-ctx.Done():
				}
			}
			b.active.Go(func() { c.run(ctx) })
		}
	}
}

// take takes what a check says. One of a pool that was replaced says nothing any more.
func (b *balancer) take(r report) {
	if b.pools[r.pool.config.Protocol.String()+" "+r.pool.config.Name] != r.pool {
		return
	}
	if before := r.pool.members[r.server].verdict[r.check]; before == r.verdict {
		return
	}
	c := r.pool.members[r.server].config.Checks[r.check]
	if r.err != nil {
		b.log.Warn("check failed", "virtual_server", r.pool.config.Name, "server", r.pool.members[r.server].config.Addr, "check", c.Kind, "error", r.err)
	}
	b.tell(r.pool, r.pool.report(r.server, r.check, r.verdict, r.err))
	if err := b.kernel.apply(r.pool.wishes()); err != nil {
		b.note(err)
	}
}

// tell logs changes, calls the commands for them and sends the alerts.
func (b *balancer) tell(p *pool, changes []change) {
	for _, c := range changes {
		log := b.log.With("virtual_server", p.config.Name)
		if c.server.IsValid() {
			log = log.With("server", c.server)
		}
		if c.text != "" {
			log.Info(c.text)
		}
		if !c.command.IsZero() {
			b.call(c.command)
		}
		b.alert(c.notice)
	}
}

// end removes the services.
func (b *balancer) end() error {
	b.stop()
	b.active.Wait()
	for _, p := range b.pools {
		b.tell(p, p.end())
	}
	return b.kernel.retire(nil)
}

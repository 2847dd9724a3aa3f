// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"sync"

	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// setup is what runs on a node.
type setup struct {
	Virtual   []vrrp.VirtualRouterConfig // the node has the Backend: a keeper of the link
	OnLoss    vip.LossPolicy
	OnForeign vip.ForeignPolicy
	Guard     bool              // of a process only
	Group     *vrrp.GroupConfig // of all virtual routers

	// Of a node in this process only.
	Network netif.Config                      `json:"-"`
	Trace   vrrp.Trace                        `json:"-"`
	Logger  *slog.Logger                      `json:"-"`
	Event   func(vip.KeeperEvent)             `json:"-"`
	Wrap    func(vrrp.Backend) vrrp.Backend   `json:"-"`
	Before  func(*netif.Network) vrrp.Network `json:"-"` // what the router sees instead
}

// run is a router with all that it needs, in the network namespace of the thread that opened it.
type run struct {
	network *netif.Network
	router  *vrrp.Router
	virtual []*vrrp.VirtualRouter
	group   *vrrp.Group // nil without
	keepers map[string]*vip.Keeper
	closers []io.Closer // in the order to close them in
}

// openRun opens all that a setup asks for.
func openRun(s *setup, trace vrrp.Trace, event func(vip.KeeperEvent), guard vrrp.Guard) (r *run, err error) {
	r = &run{keepers: map[string]*vip.Keeper{}}
	if r.network, err = netif.Open(&s.Network); err != nil {
		return nil, err
	}
	cfg := vrrp.RouterConfig{Network: r.network, Logger: s.Logger, Trace: trace, Guard: guard}
	if s.Before != nil {
		cfg.Network, cfg.Announcer = s.Before(r.network), r.network
	}
	if r.router, err = vrrp.NewRouter(cfg); err != nil {
		return nil, errors.Join(err, r.network.Close())
	}
	for _, v := range s.Virtual {
		if err := r.add(s, v, event); err != nil {
			return nil, errors.Join(err, r.close())
		}
	}
	if s.Group != nil {
		if r.group, err = r.router.NewGroup(*s.Group, r.virtual...); err != nil {
			return nil, errors.Join(err, r.close())
		}
	}
	return r, nil
}

// add takes part in one more virtual router.
func (r *run) add(s *setup, cfg vrrp.VirtualRouterConfig, event func(vip.KeeperEvent)) error {
	if cfg.Backend == nil {
		keeper, err := r.keeper(s, cfg.Link, event)
		if err != nil {
			return err
		}
		cfg.Backend = keeper
	}
	if s.Wrap != nil {
		cfg.Backend = s.Wrap(cfg.Backend)
	}
	v, err := r.router.Add(cfg)
	r.virtual = append(r.virtual, v)
	return err
}

// keeper returns the keeper of a device, the same one each time.
func (r *run) keeper(s *setup, device string, event func(vip.KeeperEvent)) (*vip.Keeper, error) {
	if k := r.keepers[device]; k != nil {
		return k, nil
	}
	d, err := vip.Open(device, nil)
	if err != nil {
		return nil, err
	}
	k, err := vip.Keep(d, &vip.KeeperConfig{OnLoss: s.OnLoss, OnForeign: s.OnForeign, Event: event, Logger: s.Logger})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	r.keepers[device], r.closers = k, append(r.closers, k, d)
	return k, nil
}

// close closes everything.
func (r *run) close() error {
	var errs []error
	for _, c := range append(r.closers, r.network) {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// node is a router in this process, on a host.
type node struct {
	*bench
	*run
	host string
	end  context.CancelFunc
	done <-chan struct{}

	mu      sync.Mutex
	changes []change
	notices []vrrp.Notice
	events  []vip.KeeperEvent
}

// change is a transition of one of the node's virtual routers.
type change struct {
	of *vrrp.VirtualRouter
	vrrp.Transition
}

// start runs a router with one virtual router on a host until the test ends or it is stopped.
func (b *bench) start(host string, cfg vrrp.VirtualRouterConfig) *node {
	b.Helper()
	return b.startWith(host, setup{Virtual: []vrrp.VirtualRouterConfig{cfg}})
}

// startWith runs a router on a host until the test ends or it is stopped.
func (b *bench) startWith(host string, s setup) *node {
	b.Helper()
	n := &node{bench: b, host: host}
	ctx, cancel := context.WithCancel(b.Context())
	n.end = cancel
	opened := make(chan error, 1)
	n.done = b.host(host).Go(func() {
		var err error
		n.run, err = openRun(&s, n.trace(s.Trace), n.tell(s.Event), nil)
		if opened <- err; err != nil {
			return
		}
		if err := errors.Join(n.router.Run(ctx), n.close()); err != nil {
			b.Errorf("router on %s: %v", host, err)
		}
	})
	b.must(<-opened)
	b.Cleanup(n.stop)
	return n
}

// stop stops the router as planned.
func (n *node) stop() {
	n.end()
	<-n.done
}

// trace takes notes, and calls what the test has set up besides.
func (n *node) trace(also vrrp.Trace) vrrp.Trace {
	t := also
	t.Transition = func(v *vrrp.VirtualRouter, c vrrp.Transition) {
		n.mu.Lock()
		n.changes = append(n.changes, change{v, c})
		n.mu.Unlock()
		if also.Transition != nil {
			also.Transition(v, c)
		}
	}
	t.Notice = func(v *vrrp.VirtualRouter, notice vrrp.Notice) {
		n.mu.Lock()
		n.notices = append(n.notices, notice)
		n.mu.Unlock()
		if also.Notice != nil {
			also.Notice(v, notice)
		}
	}
	return t
}

// tell takes notes of what a keeper tells, and passes it on.
func (n *node) tell(also func(vip.KeeperEvent)) func(vip.KeeperEvent) {
	return func(e vip.KeeperEvent) {
		n.mu.Lock()
		n.events = append(n.events, e)
		n.mu.Unlock()
		if also != nil {
			also(e)
		}
	}
}

// status returns that of the first virtual router.
func (n *node) status() vrrp.Status { return n.virtual[0].Status() }

// state returns that of the first virtual router.
func (n *node) state() vrrp.State { return n.status().State }

// awaitState waits until the first virtual router is in a state.
func (n *node) awaitState(want vrrp.State) {
	n.Helper()
	n.awaitStatus(fmt.Sprintf("%s is %v", n.host, want), func(s vrrp.Status) bool { return s.State == want })
}

// awaitStatus waits until a condition holds for the first virtual router.
func (n *node) awaitStatus(what string, condition func(vrrp.Status) bool) {
	n.Helper()
	await(n.T, what, func() bool { return condition(n.status()) })
}

// transitions returns those of the first virtual router, in order.
func (n *node) transitions() []vrrp.Transition {
	n.mu.Lock()
	defer n.mu.Unlock()
	var list []vrrp.Transition
	for _, c := range n.changes {
		if len(n.virtual) == 0 || c.of == n.virtual[0] {
			list = append(list, c.Transition)
		}
	}
	return list
}

// path returns the states that the first virtual router has been in after Initialize, in order.
func (n *node) path() []vrrp.State {
	var list []vrrp.State
	for _, t := range n.transitions() {
		list = append(list, t.To)
	}
	return list
}

// noticed returns how often the node was told of something odd.
func (n *node) noticed(what vrrp.Notice) (times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, got := range n.notices {
		if got == what {
			times++
		}
	}
	return times
}

// told reports whether a keeper of the node has told of a kind of event.
func (n *node) told(kind vip.EventKind) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.events, func(e vip.KeeperEvent) bool { return e.Kind == kind })
}

// awaitPeer waits until the last advertisement that the first virtual router has accepted is that of a host.
func (n *node) awaitPeer(host string) {
	n.Helper()
	n.awaitStatus(n.host+" hears "+host, func(s vrrp.Status) bool {
		return s.Peer == n.bench.host(host).Addr(0) || s.Peer.Is6() && s.Peer == n.linkLocal(host)
	})
}

// pair runs routers on n1, which is Active, and on n2, which is Backup and has heard n1.
func (b *bench) pair(addrs ...netip.Prefix) (n1, n2 *node) {
	b.Helper()
	n1 = b.start("n1", virtual(200, addrs...))
	n1.awaitState(vrrp.Active)
	n2 = b.start("n2", virtual(100, addrs...))
	n2.awaitPeer("n1")
	b.awaitHolder("n1", []string{"n2"}, n1.status().Held...)
	return n1, n2
}

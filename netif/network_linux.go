// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// A network is a Network on Linux.
type network struct {
	cfg    Config
	log    *slog.Logger
	route  *routeSocket
	waker  *waker
	poll   pollSet
	ports  []*port // by number, nil is free
	inbox  *batch
	closer closer
	closed bool

	pollFailed quietlog.Limit  // of what is logged about it
	swarm      pace            // of packets
	unread     bool            // some may be left since receive
	failed     []failure       // for flush to report
	retryAt    time.Time       // when ports that could not be opened are tried again
	filtered   addressVersions // versions of the addresses that the filters of claims know
	filterAt   time.Time       // when those that don't know the last are told; zero is never
	members    memberships
	sources    []source
	addrs      []netip.Addr

	mu         sync.Mutex            // guards announcers, which only the loop writes: it may read without
	announcers map[string]*announcer // of each attached link
}

// open returns the network of the thread's namespace.
func open(cfg Config) (*network, error) {
	n := &network{cfg: cfg, log: cfg.Logger, inbox: newInbox(), swarm: pace{rest: packetRest, burst: packetBurst}, announcers: make(map[string]*announcer)}
	var err error
	if n.waker, err = newWaker(); err != nil {
		return nil, err
	}
	if n.route, err = openRoute(n.log, n.linkChanged, n.allChanged); err != nil {
		n.waker.close()
		return nil, err
	}
	if err := n.members.open(); err != nil {
		n.log.Warn("lost memberships are not noticed", "err", err)
	}
	return n, nil
}

// close closes everything once.
func (n *network) close() error {
	if n.closed {
		return nil
	}
	n.closed = true
	n.detachAll()
	n.closer.wait()
	n.members.close()
	n.route.close()
	n.waker.close()
	return nil
}

// linkByName looks at the links of the thread's namespace once.
func linkByName(name string) (Link, error) {
	r, err := openRoute(slog.New(slog.DiscardHandler), func(string, int) {}, func() {})
	if err != nil {
		return Link{}, err
	}
	defer r.close()
	e, err := r.table.find(name)
	if err != nil {
		return Link{}, err
	}
	l := Link{Name: e.name, Index: e.index, MAC: e.mac, MTU: int(e.mtu), Down: e.down()}
	for _, s := range e.sources(unix.AF_INET, nil) {
		l.IPv4 = append(l.IPv4, s.addr)
	}
	for _, s := range e.sources(unix.AF_INET6, nil) {
		l.IPv6 = append(l.IPv6, s.addr)
	}
	return l, nil
}

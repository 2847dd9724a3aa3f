// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"slices"
	"time"
)

// linkDown is what a reason begins with for which a host is demoted by itself.
const linkDown = "link down: "

// watch is the Network as the engine sees it. It notes on the way what the host is
// demoted for by itself: links that are down, and what could not be sent. It belongs
// to the loop, but for Wake.
type watch struct {
	Network
	host   *Host
	ports  []watched // by number
	stale  bool      // the state of a port may have changed
	errors bool      // a port has failed

	// What the engine wants to be called, and what is in its place, made once.
	engineLink   func(port int, up bool, addrs []netip.Addr, err error)
	engineUnsent func(port int, err error)
	onLink       func(port int, up bool, addrs []netip.Addr, err error)
	onUnsent     func(port int, err error)
}

// watched is a port.
type watched struct {
	link   string
	ipv6   bool
	users  int
	told   bool // of whether it is up
	up     bool
	stale  bool // told since the last judgement
	failed bool // something could not be sent in this flush
}

func newWatch(h *Host, n Network) *watch {
	w := &watch{Network: n, host: h}
	w.onLink, w.onUnsent = w.linkChanged, w.notSent
	return w
}

// Attach notes the port.
func (w *watch) Attach(link string, group netip.Addr) (port int, err error) {
	port, err = w.Network.Attach(link, group)
	if err != nil {
		return port, err
	}
	w.ports = append(w.ports, make([]watched, max(port+1-len(w.ports), 0))...)
	p := &w.ports[port]
	p.link, p.ipv6 = link, group.Is6()
	p.users++
	return port, nil
}

// Detach forgets a port that has no users any more.
func (w *watch) Detach(port int) {
	if p := &w.ports[port]; p.users > 1 {
		p.users--
	} else {
		link := p.link
		*p = watched{}
		w.judge(link)
	}
	w.Network.Detach(port)
}

// Suspended is the network's, if it knows.
func (w *watch) Suspended() time.Duration {
	if s, ok := w.Network.(Suspender); ok {
		return s.Suspended()
	}
	return 0
}

// Select is the network's, if it can.
func (w *watch) Select(port int, wanted *[256]bool) {
	if s, ok := w.Network.(Selector); ok {
		s.Select(port, wanted)
	}
}

// Links notes which are up.
func (w *watch) Links(f func(port int, up bool, addrs []netip.Addr, err error)) {
	w.engineLink = f
	w.Network.Links(w.onLink)
	if !w.stale {
		return
	}
	w.stale = false
	for i := range w.ports {
		if p := &w.ports[i]; p.stale {
			p.stale = false
			w.judge(p.link)
		}
	}
}

// linkChanged is called for a port.
func (w *watch) linkChanged(port int, up bool, addrs []netip.Addr, err error) {
	if port < len(w.ports) {
		p := &w.ports[port]
		p.told, p.up, p.stale, w.stale = true, up, true, true
	}
	w.engineLink(port, up, addrs, err)
}

// judge demotes the host if a link is down, by what is known of it in both
// families (carp_sc_state).
func (w *watch) judge(link string) {
	weight := w.host.cfg.LinkDownDemotion
	if weight < 0 {
		return
	}
	told, up := false, false
	for _, p := range w.ports {
		if p.link == link {
			told, up = told || p.told, up || p.up
		}
	}
	if reason := linkDown + link; told && !up {
		w.host.demote(reason, weight)
	} else {
		w.host.undemote(reason)
	}
}

// Flush tells the virtual hosts whether what they have queued could be sent. A
// change of demotion that comes of it is told the peers at once.
func (w *watch) Flush(f func(port int, err error)) {
	w.engineUnsent = f
	w.Network.Flush(w.onUnsent)
	for w.settle() {
		w.Network.Flush(w.onUnsent)
	}
}

// notSent is called for a packet. That a peer isn't there is no failure of this host
// (OpenBSD leaves EHOSTDOWN out, too).
func (w *watch) notSent(port int, err error) {
	if port < len(w.ports) && !peerAbsent(err) {
		w.ports[port].failed, w.errors = true, true
	}
	w.engineUnsent(port, err)
}

// failed reports whether something could not be sent on a link in this flush. One
// packet that failed counts for all, for what ails a link ails them all.
func (w *watch) failed(link string, ipv6 bool) bool {
	return w.errors && slices.ContainsFunc(w.ports, func(p watched) bool { return p.failed && p.link == link && p.ipv6 == ipv6 })
}

// settle tells the virtual hosts, and reports whether they have more to send.
func (w *watch) settle() (more bool) {
	h := w.host
	told := h.sent
	h.sent, h.spare = h.spare[:0], told
	for _, v := range told {
		more = v.flushed(w) || more
	}
	clear(told)
	for i := range w.ports {
		w.ports[i].failed = false
	}
	w.errors = false
	return more && len(h.sent) > 0
}

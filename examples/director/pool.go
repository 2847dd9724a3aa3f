// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// pool is a virtual server with what is known of its real servers. It has no clock and does nothing: what is to be in the
// kernel's table is in its wishes, and what is to be called is returned.
type pool struct {
	config  keepalived.VirtualServer
	members []*member
	quorum  bool // there are enough servers
}

// member is a real server of a pool.
type member struct {
	config  keepalived.RealServer
	verdict []verdict // of each check
}

// verdict is what a check said last.
type verdict struct {
	up    bool
	delta int // that it adds to the weight
}

// change is something that happened to a pool, with the command for it and the alert.
type change struct {
	text    string         // "": there is an alert only
	server  netip.AddrPort // not valid if it is about the pool
	command keepalived.Command
	notice  notice
}

// newPool returns the pool of a virtual server. Checks that there were before, in the former pool of the same name, keep
// what they have said. A new pool has its quorum if what is taken to be up suffices; changes tells that.
func newPool(config keepalived.VirtualServer, former *pool) (p *pool, changes []change) {
	p = &pool{config: config}
	for _, s := range config.Servers {
		m := &member{config: s}
		for _, c := range s.Checks {
			v := verdict{up: !s.Alpha}
			if old := former.find(s.Addr, c); old != nil {
				v = *old
			}
			m.verdict = append(m.verdict, v)
		}
		p.members = append(p.members, m)
	}
	if former != nil {
		p.quorum = former.quorum
		return p, p.count(p.config.Hysteresis, "Gained quorum")
	}
	return p, p.count(0, "Starting with quorum up")
}

// find returns what a check of a server has said.
func (p *pool) find(addr netip.AddrPort, c keepalived.Check) *verdict {
	if p == nil {
		return nil
	}
	for _, m := range p.members {
		for i, other := range m.config.Checks {
			if m.config.Addr == addr && sameCheck(other, c) {
				return &m.verdict[i]
			}
		}
	}
	return nil
}

// sameCheck reports whether checks differ in their place in the file only.
func sameCheck(a, b keepalived.Check) bool {
	a.File, b.File, a.Line, b.Line = "", "", 0, 0
	return reflect.DeepEqual(a, b)
}

// up reports whether no check says otherwise.
func (m *member) up() bool {
	for _, v := range m.verdict {
		if !v.up {
			return false
		}
	}
	return true
}

// maxWeight is the most that the kernel takes.
const maxWeight = 65535

// weight returns the weight of a server that is up.
func (m *member) weight() int {
	w := m.config.Weight
	for _, v := range m.verdict {
		w += v.delta
	}
	return min(max(w, 0), maxWeight)
}

// report takes what a check says, with the error if it fails, and returns what that changes.
func (p *pool) report(server, check int, v verdict, err error) []change {
	m := p.members[server]
	before, checked := m.up(), m.verdict[check].up
	m.verdict[check] = v
	var changes []change
	after := m.up()
	switch {
	case after && !before:
		changes = append(changes, change{text: "server is up", server: m.config.Addr, command: m.config.NotifyUp})
	case before && !after:
		changes = append(changes, change{text: "server is down", server: m.config.Addr, command: m.config.NotifyDown})
	}
	if v.up != checked {
		n := serverNotice(&p.config, m.config, after, checkBody(m.config.Checks[check].Kind, v.up, err))
		n.minor = after == before
		changes = append(changes, change{server: m.config.Addr, notice: n})
	}
	return append(changes, p.count(p.config.Hysteresis, "Gained quorum")...)
}

// count looks whether the quorum is gained, which an alert calls so, or lost, with some room between the two.
func (p *pool) count(room int, gained string) []change {
	sum := 0
	for _, m := range p.members {
		if m.up() {
			sum += m.weight()
		}
	}
	quorum, hysteresis := p.config.Quorum, p.config.Hysteresis
	switch {
	case !p.quorum && sum >= quorum+room:
		p.quorum = true
		n := poolNotice(&p.config, true, fmt.Sprintf("=> %s %d+%d=%d <= %d <=", gained, quorum, room, quorum+room, sum))
		return []change{{text: "quorum gained", command: p.config.QuorumUp, notice: n}}
	case p.quorum && sum < quorum-hysteresis:
		p.quorum = false
		return []change{p.lost("quorum lost", sum)}
	}
	return nil
}

// lost tells that the quorum is lost, with this sum of weights.
func (p *pool) lost(text string, sum int) change {
	quorum, hysteresis := p.config.Quorum, p.config.Hysteresis
	n := poolNotice(&p.config, false, fmt.Sprintf("=> Lost quorum %d-%d=%d > %d <=", quorum, hysteresis, quorum-hysteresis, sum))
	return change{text: text, command: p.config.QuorumDown, notice: n}
}

// leave returns what is to be called for servers that were up and are not in the next pool of the same name, which is nil if
// there is none.
func (p *pool) leave(next *pool) []change {
	var changes []change
	for _, m := range p.members {
		stays := next != nil && slices.ContainsFunc(next.members, func(o *member) bool { return o.config.Addr == m.config.Addr })
		if m.up() && !stays {
			n := serverNotice(&p.config, m.config, false, "=> Removing <=")
			changes = append(changes, change{"server is not in the file any more", m.config.Addr, m.config.NotifyDown, n})
		}
	}
	if next == nil && p.quorum {
		changes = append(changes, p.lost("virtual server is not in the file any more", 0))
	}
	return changes
}

// end returns what is to be called at the end, if it is to be.
func (p *pool) end() []change {
	const body = "=> Shutting down <="
	var changes []change
	if !p.config.Omega {
		return nil
	}
	for _, m := range p.members {
		if m.up() {
			n := serverNotice(&p.config, m.config, false, body)
			changes = append(changes, change{"server is given up", m.config.Addr, m.config.NotifyDown, n})
		}
	}
	if p.quorum {
		changes = append(changes, change{text: "quorum is given up", command: p.config.QuorumDown, notice: poolNotice(&p.config, false, body)})
	}
	return changes
}

// wishes returns what is to be in the table: the servers that are up, or the sorry server while there is no quorum. One
// that is inhibited stays with weight 0.
func (p *pool) wishes() []wish {
	var list []wish
	for _, e := range p.config.Endpoints {
		w := wish{service: newService(&p.config, e)}
		sorry := p.config.Sorry
		for _, m := range p.members {
			switch {
			case m.up() && (p.quorum || sorry == nil):
				w.servers = append(w.servers, newServer(m.config, e, m.weight()))
			case m.config.Inhibit:
				w.servers = append(w.servers, newServer(m.config, e, 0))
			}
		}
		switch {
		case sorry != nil && !p.quorum:
			w.servers = append(w.servers, newServer(*sorry, e, sorry.Weight))
		case sorry != nil && p.config.SorryInhibit:
			w.servers = append(w.servers, newServer(*sorry, e, 0))
		}
		list = append(list, w)
	}
	return list
}

// newServer returns a destination of the service of an endpoint. Only NAT changes ports.
func newServer(r keepalived.RealServer, e keepalived.Endpoint, weight int) server {
	addr := r.Addr
	if e.Mark == 0 && (addr.Port() == 0 || r.Method != keepalived.NAT) {
		addr = netip.AddrPortFrom(addr.Addr(), e.Addr.Port())
	}
	return server{addr: addr, method: r.Method, weight: weight, upper: r.Upper, lower: r.Lower}
}

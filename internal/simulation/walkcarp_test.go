// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// carpSubject is a carp.Host that walks.
type carpSubject struct {
	*carp.Host
	w     *walker
	group *carp.Group
}

func newCARPSubject(w *walker, on *netiftest.Host) subject {
	host, err := carp.NewHost(carp.HostConfig{Network: on.Network()})
	if err != nil {
		panic(err)
	}
	group, err := host.NewGroup(carp.GroupConfig{Name: "group", Leave: true})
	if err != nil {
		panic(err)
	}
	return &carpSubject{host, w, group}
}

func (h *carpSubject) setPolicy(value uint64) error {
	policy := [...]carp.GroupPolicy{carp.GroupAll, carp.GroupAny, carp.GroupQuorum, carp.GroupQuorum}[value%4]
	return h.group.SetPolicy(policy, map[uint64]int{2: 2}[value%4])
}

func (h *carpSubject) add(n int, w wish, b *shelf) (instance, error) {
	p := &carpPart{subject: h, place: n, backend: b}
	v, err := h.Add(p.config(w))
	p.VirtualHost = v
	return p, err
}

func (h *carpSubject) follow(ctx context.Context, f func(occurrence)) {
	for e := range h.Events(ctx) {
		t := e.Transition
		f(occurrence{number: e.Number, lost: e.Lost, of: e.VirtualHost, transition: e.Kind == carp.EventTransition, from: t.From.String(), to: t.To.String(),
			reason: t.Reason.String(), by: t.By, peer: t.Peer.IsValid(), text: describe(e.Kind, e.Name, e.State, t, t.To == 0 && t.From == 0, e.Err)})
	}
}

// carpPart is a virtual host that walks.
type carpPart struct {
	*carp.VirtualHost
	subject *carpSubject
	place   int
	backend *shelf // nil for the peer
}

// owns reports whether an event is about it.
func (p *carpPart) owns(of any) bool { return of == any(p.VirtualHost) }

// config returns a configuration, with what is wrong with it.
func (p *carpPart) config(w wish) carp.VirtualHostConfig {
	c := carp.VirtualHostConfig{Name: fmt.Sprint("place ", p.place), Link: linkOf(p.place), Trackers: p.subject.w.tracks(w.Trackers)}
	c.Config = carp.Config{VHID: uint8(1 + p.place), AdvSkew: 255 - w.Rank, AdvBase: uint8(w.Interval / time.Second), Preempt: !w.NoPreempt}
	c.Addresses = (&spot{pool: poolOf(p.place)}).addrs(w)
	if p.backend != nil {
		c.Backend = p.backend.backend()
	}
	for i := range 2 {
		if w.Peers&(1<<i) != 0 {
			c.Peers = append(c.Peers, peerOf(p.place, i))
		}
	}
	if w.Keys != 0 {
		c.Key = carp.IfconfigKey(fmt.Sprint("key ", w.Keys))
	}
	p.spoil(&c, w.Wrong)
	return c
}

// spoil makes a configuration wrong, in one of several ways.
func (p *carpPart) spoil(c *carp.VirtualHostConfig, wrong int) {
	switch wrong {
	case 1:
		c.AdvSkew = 255
	case 2:
		c.Addresses = nil
	case 3:
		c.Link = "eth9"
	case 4:
		c.VHID = 99
	case 5:
		c.SubSecond = true
	case 6:
		c.Addresses = append(c.Addresses, c.Addresses[0])
	case 7:
		c.Peers = []netip.Addr{}
	case 8:
		c.Addresses = append(c.Addresses, netip.MustParsePrefix("2001:db8::1/64"))
	case 9:
		c.Trackers = append(p.subject.w.tracks(1), p.subject.w.tracks(1)...)
	case 10:
		c.GroupIPv4 = netip.AddrFrom4([4]byte{224, 0, 0, 99})
	}
}

func (p *carpPart) reconfigure(w wish) error     { return p.Reconfigure(p.config(w)) }
func (p *carpPart) setTrackers(mask uint8) error { return p.SetTrackers(p.subject.w.tracks(mask)...) }
func (p *carpPart) setRank(rank uint8) error     { return p.SetAdvSkew(255 - rank) }
func (p *carpPart) join() error                  { return p.subject.group.Join(p.VirtualHost) }
func (p *carpPart) leave() error                 { return p.subject.group.Leave(p.VirtualHost) }

func (p *carpPart) look() view {
	s := p.Status()
	return view{s.State.String(), s.Stats.BecameMaster, fmt.Sprintf("%+v", s)}
}

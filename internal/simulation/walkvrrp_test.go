// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// newSubject makes what walks on a host.
func newSubject(w *walker, h *netiftest.Host) subject {
	if w.CARP {
		return newCARPSubject(w, h)
	}
	return newVRRPSubject(w, h)
}

// vrrpSubject is a vrrp.Router that walks.
type vrrpSubject struct {
	*vrrp.Router
	w     *walker
	group *vrrp.Group
}

func newVRRPSubject(w *walker, h *netiftest.Host) subject {
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: h.Network()})
	if err != nil {
		panic(err)
	}
	group, err := router.NewGroup(vrrp.GroupConfig{Name: "group"})
	if err != nil {
		panic(err)
	}
	return &vrrpSubject{router, w, group}
}

func (r *vrrpSubject) setPolicy(value uint64) error {
	policy := [...]vrrp.GroupPolicy{vrrp.GroupAll, vrrp.GroupAny, vrrp.GroupQuorum, vrrp.GroupQuorum}[value%4]
	return r.group.SetPolicy(policy, map[uint64]int{2: 2}[value%4])
}

func (r *vrrpSubject) add(n int, w wish, b *shelf) (instance, error) {
	p := &vrrpPart{subject: r, place: n, backend: b}
	v, err := r.Add(p.config(w))
	p.VirtualRouter = v
	return p, err
}

func (r *vrrpSubject) follow(ctx context.Context, f func(occurrence)) {
	for e := range r.Events(ctx) {
		t := e.Transition
		f(occurrence{number: e.Number, lost: e.Lost, of: e.VirtualRouter, transition: e.Kind == vrrp.EventTransition, from: t.From.String(), to: t.To.String(),
			reason: t.Reason.String(), by: t.By, peer: t.Peer.IsValid(), text: describe(e.Kind, e.Name, e.State, t, t.To == 0 && t.From == 0, e.Err)})
	}
}

// vrrpPart is a virtual router that walks.
type vrrpPart struct {
	*vrrp.VirtualRouter
	subject *vrrpSubject
	place   int
	backend *shelf // nil for the peer
}

// owns reports whether an event is about it.
func (p *vrrpPart) owns(of any) bool { return of == any(p.VirtualRouter) }

// config returns a configuration, with what is wrong with it.
func (p *vrrpPart) config(w wish) vrrp.VirtualRouterConfig {
	c := vrrp.VirtualRouterConfig{Name: fmt.Sprint("place ", p.place), Link: linkOf(p.place), Trackers: p.subject.w.tracks(w.Trackers)}
	c.Config = vrrp.Config{VRID: uint8(1 + p.place), Priority: w.Rank, Interval: w.Interval, NoPreempt: w.NoPreempt}
	c.Addresses = (&spot{pool: poolOf(p.place)}).addrs(w)
	if p.backend != nil {
		c.Backend = p.backend.backend()
	}
	for i := range 2 {
		if w.Peers&(1<<i) != 0 {
			c.Peers = append(c.Peers, vrrp.Peer{Addr: peerOf(p.place, i)})
		}
		if w.Keys&(1<<i) != 0 {
			if c.HMAC == nil {
				c.HMAC = &vrrp.HMACConfig{Mode: vrrp.HMACPermissive}
			}
			secret, err := vrrp.NewSecret(bytes.Repeat([]byte{byte(1 + i)}, 32))
			if err != nil {
				panic(err)
			}
			c.HMAC.Keys = append(c.HMAC.Keys, vrrp.Key{ID: uint8(1 + i), Secret: secret})
		}
	}
	p.spoil(&c, w.Wrong)
	return c
}

// peerOf returns the address of another host on the link of a place.
func peerOf(place, i int) netip.Addr {
	return netip.AddrFrom4([4]byte{192, 0, 2, byte(10*(place/2) + 2 + i)})
}

// spoil makes a configuration wrong, in one of several ways.
func (p *vrrpPart) spoil(c *vrrp.VirtualRouterConfig, wrong int) {
	switch wrong {
	case 1:
		c.Interval = 1
	case 2:
		c.Addresses = nil
	case 3:
		c.Link = "eth9"
	case 4:
		c.VRID = 99
	case 5:
		c.Priority = vrrp.PriorityOwner
	case 6:
		c.Addresses = append(c.Addresses, c.Addresses[0])
	case 7:
		c.Peers = []vrrp.Peer{}
	case 8:
		c.HMAC = &vrrp.HMACConfig{}
	case 9:
		c.Trackers = append(p.subject.w.tracks(1), p.subject.w.tracks(1)...)
	case 10:
		c.Version = vrrp.V2
	}
}

func (p *vrrpPart) reconfigure(w wish) error     { return p.Reconfigure(p.config(w)) }
func (p *vrrpPart) setTrackers(mask uint8) error { return p.SetTrackers(p.subject.w.tracks(mask)...) }
func (p *vrrpPart) setRank(rank uint8) error     { return p.SetPriority(rank) }
func (p *vrrpPart) join() error                  { return p.subject.group.Join(p.VirtualRouter) }
func (p *vrrpPart) leave() error                 { return p.subject.group.Leave(p.VirtualRouter) }

func (p *vrrpPart) look() view {
	s := p.Status()
	return view{s.State.String(), s.Stats.BecameActive, fmt.Sprintf("%+v", s)}
}

// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// keptPackets is how many packets are kept to make others of.
const keptPackets = 8

// record keeps the last packets, if some are to be forged.
func (c *cluster) record() {
	if !slices.ContainsFunc(c.scenario.Faults, func(f fault) bool { return f.Kind == forge }) {
		return
	}
	c.sim.Tap(func(p netiftest.Packet) {
		if p.From == nil || len(c.heard) == keptPackets && c.random.IntN(keptPackets) > 0 {
			return
		}
		p.Payload = slices.Clone(p.Payload)
		if len(c.heard) == keptPackets {
			c.heard = c.heard[:copy(c.heard, c.heard[1:])]
		}
		c.heard = append(c.heard, p)
	})
}

// forge injects packets that must be rejected, until a time.
func (c *cluster) forge(f *fault, until time.Time) {
	if len(c.heard) > 0 {
		p := c.heard[c.random.IntN(len(c.heard))]
		p.Payload = slices.Clone(p.Payload)
		c.spoil(&p)
		c.sim.Inject(p)
	}
	if next := c.now().Add(f.Size); next.Before(until) {
		c.after(f.Size, func() { c.forge(f, until) })
	}
}

// spoil makes a packet one that must be rejected: one that nobody who has the right
// to has sent in this form. Each of the first three would be accepted without the
// check of one field.
func (c *cluster) spoil(p *netiftest.Packet) {
	switch c.random.IntN(6) {
	case 0:
		p.HopLimit = 254
	case 1:
		p.Payload[6+c.random.IntN(2)] ^= byte(1 + c.random.IntN(255)) // the checksum, of CARP as well
	case 2:
		c.spoilContent(p)
	case 3:
		p.Payload = p.Payload[:c.random.IntN(len(p.Payload))]
	case 4:
		p.Payload = append(p.Payload, bytes.Repeat([]byte{0xa5}, 1+c.random.IntN(8))...)
	case 5:
		for i := range p.Payload {
			p.Payload[i] = byte(c.random.Uint32())
		}
		p.HopLimit = byte(c.random.IntN(255))
	}
	if c.random.IntN(4) == 0 {
		p.Src = nobody(p.Src)
	}
}

// spoilContent has an advertisement say what its sender has not said, with the right
// checksum: one of CARP whose digest is wrong, one of VRRP for a virtual router that
// there isn't, or in version 2 of another interval.
func (c *cluster) spoilContent(p *netiftest.Packet) {
	var adv carp.Advertisement
	if adv.Parse(p.Payload, carp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit}) == nil {
		adv.AdvBase, adv.AdvSkew = 0, 1
		adv.Counter += 1 + c.random.Uint64N(1000)
		p.Payload, _ = adv.Append(nil) // has a VHID
		return
	}
	var other vrrp.Advertisement
	if form, err := other.Parse(p.Payload, vrrp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit}); err == nil {
		if other.Interval += 17 * time.Second; other.Version != vrrp.V2 {
			other.VRID += 100
		}
		p.Payload, _ = other.Append(nil, p.Src, p.Dst, form) // was parsed
	}
	p.Src = nobody(p.Src)
}

// nobody returns an address of nobody's.
func nobody(src netip.Addr) netip.Addr {
	if src.Is4() {
		return netip.AddrFrom4([4]byte{192, 0, 2, 222})
	}
	return src
}

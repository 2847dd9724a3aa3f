// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// stranger is whose packets nobody waits for.
var stranger = ipv4(9)

// hostile is a kind of packet that must change nothing, and where it is counted.
type hostile struct {
	name    string
	packet  netiftest.Packet
	counter func(carp.HostStats, carp.Stats) uint64
}

// hostiles returns packets like those of a better host, of advbase 0 and advskew 1,
// each spoilt in one way.
func hostiles(t testing.TB, n *node) []hostile {
	good := n.sign(t, carp.Advertisement{AdvSkew: 1, Counter: 4711})
	spoil := func(i int, v byte, mended bool) []byte {
		b := slices.Clone(good)
		if b[i] = v; mended {
			mend(b)
		}
		return b
	}
	v3 := vrrp.Advertisement{Version: vrrp.V3, VRID: 42, Priority: 255, Interval: time.Second, Addresses: ips("192.0.2.100")}
	v2 := v3
	v2.Version = vrrp.V2
	five := v2
	five.Addresses = ips("192.0.2.100", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4") // as long as CARP's
	of := func(adv vrrp.Advertisement) []byte {
		b, err := adv.Append(nil, stranger, vrrp.GroupIPv4(), vrrp.ChecksumMessage)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	host := func(f func(carp.HostStats) uint64) func(carp.HostStats, carp.Stats) uint64 {
		return func(h carp.HostStats, _ carp.Stats) uint64 { return f(h) }
	}
	own := func(f func(carp.Stats) uint64) func(carp.HostStats, carp.Stats) uint64 {
		return func(_ carp.HostStats, s carp.Stats) uint64 { return f(s) }
	}
	return []hostile{
		{"hop limit", netiftest.Packet{HopLimit: 254, Payload: good}, host(func(h carp.HostStats) uint64 { return h.HopLimitErrors })},
		{"truncated", netiftest.Packet{Payload: good[:35]}, own(func(s carp.Stats) uint64 { return s.ShortErrors })},
		{"its first two octets", netiftest.Packet{Payload: good[:2]}, host(func(h carp.HostStats) uint64 { return h.ShortErrors })},
		{"nothing", netiftest.Packet{}, host(func(h carp.HostStats) uint64 { return h.ShortErrors })},
		{"longer", netiftest.Packet{Payload: append(slices.Clone(good), 0, 0, 0, 0)}, own(func(s carp.Stats) uint64 { return s.LengthErrors })},
		{"version", netiftest.Packet{Payload: spoil(0, 0x41, true)}, own(func(s carp.Stats) uint64 { return s.VersionErrors })},
		{"type", netiftest.Packet{Payload: spoil(0, 0x22, true)}, own(func(s carp.Stats) uint64 { return s.TypeErrors })},
		{"checksum", netiftest.Packet{Payload: spoil(6, ^good[6], false)}, own(func(s carp.Stats) uint64 { return s.ChecksumErrors })},
		{"digest", netiftest.Packet{Payload: spoil(35, ^good[35], true)}, own(func(s carp.Stats) uint64 { return s.DigestErrors })},
		{"counter", netiftest.Packet{Payload: spoil(15, ^good[15], true)}, host(func(h carp.HostStats) uint64 { return h.DigestErrors })},
		{"VHID", netiftest.Packet{Payload: spoil(1, 43, true)}, host(func(h carp.HostStats) uint64 { return h.VHIDErrors })},
		{"VHID 0", netiftest.Packet{Payload: spoil(1, 0, true)}, host(func(h carp.HostStats) uint64 { return h.VHIDErrors })},
		{"VRRP version 3", netiftest.Packet{Payload: of(v3)}, own(func(s carp.Stats) uint64 { return s.VRRP })},
		{"VRRP version 2", netiftest.Packet{Payload: of(v2)}, own(func(s carp.Stats) uint64 { return s.VRRP })},
		{"VRRP version 2 with five addresses", netiftest.Packet{Payload: of(five)}, host(func(h carp.HostStats) uint64 { return h.DigestErrors })},
	}
}

// still returns what may not change in a status.
func still(s carp.Status) carp.Status {
	s.Stats, s.Margin, s.WrongDigest = carp.Stats{}, carp.Margin{}, carp.WrongDigest{}
	for i := range s.Paths {
		s.Paths[i].HeardAt = time.Time{} // the peer goes on
	}
	return s
}

// wantNoChange compares what hosts are and have sent with what they would be without
// the packets that disturb injects.
func wantNoChange(t *testing.T, disturb func(*netiftest.Simulation)) (a, b *node) {
	t.Helper()
	type record struct {
		Status [2]carp.Status
		Sent   []string
	}
	var records [2]record
	for i, f := range []func(*netiftest.Simulation){func(sim *netiftest.Simulation) { sim.Run(5 * time.Second) }, disturb} {
		var sim *netiftest.Simulation
		sim, a, b = pair(t, config(preempt))
		sim.Tap(func(p netiftest.Packet) {
			if p.From != nil {
				records[i].Sent = append(records[i].Sent, p.At.Sub(epoch).String()+string(p.Payload))
			}
		})
		f(sim)
		records[i].Status = [2]carp.Status{still(a.virtual.Status()), still(b.virtual.Status())}
	}
	if diff := cmp.Diff(records[0], records[1], equalIP(), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("changed (-undisturbed +disturbed):\n%s", diff)
	}
	return a, b
}

// A packet that is rejected changes nothing, however many come: no timer, no state,
// no counter.
func TestHostilePackets(t *testing.T) {
	_, n, _ := pair(t, config(preempt))
	for _, c := range hostiles(t, n) {
		t.Run(c.name, func(t *testing.T) {
			c.packet.Src, c.packet.Dst = stranger, carp.GroupIPv4()
			if c.packet.HopLimit == 0 {
				c.packet.HopLimit = 255
			}
			a, b := wantNoChange(t, func(sim *netiftest.Simulation) {
				for range 10000 {
					sim.Inject(c.packet)
					sim.Run(500 * time.Microsecond)
				}
			})
			for _, n := range []*node{a, b} {
				if got := c.counter(n.carp.Stats(), n.virtual.Status().Stats); got != 10000 {
					t.Errorf("%v: counted %d times", n.host, got)
				}
			}
		})
	}
}

// The packet that is not spoilt ends the Master.
func TestHostilePacketsControl(t *testing.T) {
	sim, a, _ := pair(t, config(preempt))
	sim.Inject(netiftest.Packet{Src: stranger, Dst: carp.GroupIPv4(), HopLimit: 255, Payload: a.sign(t, carp.Advertisement{AdvSkew: 1, Counter: 4711})})
	sim.Run(time.Millisecond)
	if a.state() != carp.Backup || a.last().Peer != stranger {
		t.Errorf("%v", a.last())
	}
}

// So it is with what is random, or almost an advertisement.
func TestRandomPackets(t *testing.T) {
	_, n, _ := pair(t, config(preempt))
	good := n.sign(t, carp.Advertisement{AdvSkew: 1, Counter: 4711})
	random := rand.New(rand.NewPCG(1, 2))
	wantNoChange(t, func(sim *netiftest.Simulation) {
		for i := range 10000 {
			payload := slices.Clone(good[:random.IntN(len(good)+1)])
			for len(payload) < random.IntN(80) {
				payload = binary.BigEndian.AppendUint16(payload, uint16(random.Uint32()))
			}
			if i%2 == 0 && len(payload) >= 36 {
				payload = payload[:36]
				payload[8+random.IntN(28)] ^= byte(1 + random.IntN(255))
				mend(payload)
			} else if len(payload) == 36 {
				payload[0] = 0
			}
			sim.Inject(netiftest.Packet{Src: stranger, Dst: carp.GroupIPv4(), HopLimit: uint8(254 + random.IntN(2)), Payload: payload})
			sim.Run(500 * time.Microsecond)
		}
	})
}

// An advertisement that comes back, by whatever way, is known again: by its digest,
// or by its source (carp_source_is_self).
func TestOwnPacketsComeBack(t *testing.T) {
	for name, from := range map[string]netip.Addr{"from itself": {}, "from elsewhere": stranger} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := pair(t, config(five, preempt))
			var echo []netiftest.Packet
			sim.Tap(func(p netiftest.Packet) {
				if p.From == a.host {
					p.Payload = slices.Clone(p.Payload)
					echo = append(echo, p)
				}
			})
			for range 10 {
				sim.Run(time.Second)
				for _, p := range echo {
					if from.IsValid() && p.Src.Is4() {
						p.Src = from
					}
					sim.Inject(p)
				}
				echo = nil
			}
			sim.Run(time.Second)
			wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
			if s := a.virtual.Status(); s.Stats.Looped != 20 || s.Stats.Equals > 0 || len(a.history()) != 2 {
				t.Errorf("%+v", s.Stats)
			}
		})
	}
}

// One that was sent long ago is known by its source, in either family.
func TestOwnPacketsComeBackLate(t *testing.T) {
	sim, a, b := pair(t, config(five, preempt))
	message := a.sign(t, carp.Advertisement{AdvSkew: 1, Counter: 4711})
	sim.Inject(netiftest.Packet{Src: ipv4(1), Dst: carp.GroupIPv4(), HopLimit: 255, Payload: message})
	sim.Inject(netiftest.Packet{Src: ipv6(1), Dst: carp.GroupIPv6(), HopLimit: 255, Payload: message})
	sim.Run(time.Millisecond)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	if s := a.virtual.Status().Stats; s.Looped != 2 {
		t.Errorf("%+v", s)
	}
}

// Where several groups share a port, as they do on a real link, an advertisement to
// another group is that of another LAN.
func TestOtherGroupOnThePort(t *testing.T) {
	for dst, want := range map[netip.Addr]uint64{netip.MustParseAddr("239.1.2.3"): 1, ipv4(1): 0, carp.GroupIPv4(): 0} {
		sim := newSimulation()
		n := newNodeOf(t, sim.LAN, 1, func(h *carp.HostConfig) { h.Network = redirected{h.Network.(*netiftest.Network), dst} }, config())
		sim.Drive(n.host, n.carp)
		sim.Run(time.Second)
		sim.Inject(netiftest.Packet{Src: ipv4(2), Dst: carp.GroupIPv4(), HopLimit: 255, Payload: n.sign(t, carp.Advertisement{AdvBase: 1, Counter: 1})})
		sim.Run(time.Second)
		if got := n.carp.Stats().VHIDErrors; got != want {
			t.Errorf("to %v: %d times an unknown virtual host", dst, got)
		}
	}
}

// redirected is a network on which everything that arrives was sent to dst.
type redirected struct {
	*netiftest.Network
	dst netip.Addr
}

func (n redirected) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	n.Network.Receive(func(port int, src, _ netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
		f(port, src, n.dst, hopLimit, at, payload)
	})
}

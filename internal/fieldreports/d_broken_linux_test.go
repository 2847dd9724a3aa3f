// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/checksum"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// A victim is a router that hears what it is to reject.
type victim struct {
	*node
	heard chan netip.Addr // senders of what it has accepted
}

// victims starts an Active Router on n1 and one that follows it on n2.
func (b *bench) victims(better vrrp.VirtualRouterConfig) []victim {
	b.Helper()
	worse := better
	worse.Priority = 100
	n1 := b.victim("n1", better)
	n1.awaitState(vrrp.Active)
	n2 := b.victim("n2", worse)
	n2.awaitFollower()
	return []victim{n1, n2}
}

func (b *bench) victim(host string, cfg vrrp.VirtualRouterConfig) victim {
	b.Helper()
	heard := make(chan netip.Addr, 1000)
	received := func(_ *vrrp.VirtualRouter, src netip.Addr, _ *vrrp.Advertisement) {
		select {
		case heard <- src:
		default:
		}
	}
	return victim{b.startWith(host, setup{Virtual: []vrrp.VirtualRouterConfig{cfg}, Trace: vrrp.Trace{Received: received}}), heard}
}

// awaitRejected waits until a router has rejected that many packets of a stranger, and checks that nothing has come of
// them. What comes of a machine that is busy is another matter.
func (v victim) awaitRejected(stranger netip.Addr, packets uint64) {
	v.Helper()
	await(v.T, v.host+" has rejected all", func() bool { return v.router.Stats().Rejected == packets })
	v.stop()
	close(v.heard)
	for src := range v.heard {
		if src == stranger {
			v.Errorf("%s has accepted a packet of the stranger", v.host)
		}
	}
	for _, t := range v.transitions() {
		if t.Peer == stranger {
			v.Errorf("%s: %v", v.host, t)
		}
	}
}

// TestFieldReport50EachOctetCounts injects the advertisement of a better router with each of its octets changed in turn,
// of each version and family. All are rejected, and change nothing.
func TestFieldReport50EachOctetCounts(t *testing.T) {
	t.Parallel()
	v2 := virtual(200)
	v2.Version, v2.Interval = vrrp.V2, time.Second
	for name, cfg := range map[string]vrrp.VirtualRouterConfig{
		"V2": v2, "V3IPv4": virtual(200), "V3IPv6": virtual(200, ipv6VIPs()...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !netlabtest.Enter(t) {
				return
			}
			b := newBench(t, "n1", "n2", "stranger")
			victims := b.victims(cfg)
			src, worse := b.host("stranger").Addr(0), cfg
			if worse.Priority = 254; cfg.Addresses[0].Addr().Is6() {
				src = b.linkLocal("stranger")
			}
			length := 0
			b.forged(src, worse, func(message []byte) { length = len(message) })
			for i := range length {
				b.inject("stranger", b.forged(src, worse, func(message []byte) { message[i] ^= 0x5a }))
			}
			for _, v := range victims {
				v.awaitRejected(src, uint64(length))
			}
		})
	}
}

// TestFieldReport54NoiseIsRejected injects packets of protocol 112 of every length up to 64 octets, which are no
// advertisements.
func TestFieldReport54NoiseIsRejected(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "stranger")
	victims, src := b.victims(virtual(200)), b.host("stranger").Addr(0)
	const most = 64
	for length := range most {
		noise := make([]byte, length)
		for i := range noise {
			noise[i] = byte(length*31 + i*17)
		}
		if length > 3 { // the beginning of an advertisement with more addresses than it has room for
			copy(noise, []byte{0x31, 51, 254, 255})
		}
		b.inject("stranger", packet(src, vrrp.GroupIPv4(), noise))
	}
	for _, v := range victims {
		v.awaitRejected(src, most)
	}
}

// TestFieldReport55IntervalOfZero injects an advertisement that asks for an interval of zero: to follow it would be to
// claim at once.
func TestFieldReport55IntervalOfZero(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "stranger")
	victims, src := b.victims(virtual(200)), b.host("stranger").Addr(0)
	const times = 20
	for range times {
		b.inject("stranger", b.forged(src, virtual(254), func(message []byte) {
			copy(message[4:], []byte{0, 0, 0, 0})
			binary.BigEndian.PutUint16(message[6:], ^checksum.Fold(checksum.Sum(message, 0)))
		}))
	}
	for _, v := range victims {
		v.awaitStatus(v.host+" has counted all", func(s vrrp.Status) bool { return s.Stats.IntervalErrors == times })
	}
	for _, v := range victims {
		v.awaitRejected(src, times)
	}
}

// TestFieldReport51PaddingIsNoPartOfThePacket injects advertisements in frames that are longer than the packet: filled up
// to the least length of Ethernet, and beyond. A router with a virtual MAC address gets them by another socket.
func TestFieldReport51PaddingIsNoPartOfThePacket(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		cfg     vrrp.VirtualRouterConfig
		virtual bool
	}{
		{"IPv4", steady(virtual(200)), false}, {"IPv4VirtualMAC", steady(virtual(200)), true},
		{"IPv6", steady(virtual(200, ipv6VIPs()...)), false}, {"IPv6VirtualMAC", steady(virtual(200, ipv6VIPs()...)), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !netlabtest.Enter(t) {
				return
			}
			b := newBench(t, "n1", "peer")
			src, worse := b.host("peer").Addr(0), c.cfg
			if worse.Priority = 100; c.cfg.Addresses[0].Addr().Is6() {
				src = b.linkLocal("peer")
			}
			var n1 *node
			if c.virtual {
				n1 = b.startVirtualMAC("n1", worse).node
			} else {
				n1 = b.start("n1", worse)
			}
			n1.awaitState(vrrp.Active)
			const paddings = 46
			for padding := range paddings {
				b.inject("peer", append(b.forged(src, c.cfg, nil), make([]byte, padding)...))
			}
			n1.awaitStatus("all are heard", func(s vrrp.Status) bool { return s.Stats.Received == paddings })
			if s := n1.status(); s.Stats.LengthErrors != 0 || s.Peer != src {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestFieldReport53IntervalThatTheVersionCantSay wants it refused, and nothing sent.
func TestFieldReport53IntervalThatTheVersionCantSay(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1")
	n1 := b.startWith("n1", setup{})
	for _, c := range []struct {
		version  vrrp.Version
		interval time.Duration
	}{
		{vrrp.V2, 400 * time.Millisecond}, {vrrp.V2, 1500 * time.Millisecond}, {vrrp.V2, 256 * time.Second},
		{vrrp.V3, 5 * time.Millisecond}, {vrrp.V3, 15 * time.Millisecond}, {vrrp.V3, 40960 * time.Millisecond},
	} {
		cfg := virtual(200)
		cfg.Version, cfg.Interval = c.version, c.interval
		if v, err := n1.router.Add(cfg); err == nil {
			t.Errorf("%v, %v: %+v", c.version, c.interval, v.Status())
		}
	}
	n1.stop()
	if sent := b.wire.since(0, advert, goodbye, broken); len(sent) > 0 {
		t.Errorf("%v", sent)
	}
}

// TestFieldReport56AllThatAPacketHolds has a virtual router with as many addresses as one advertisement holds, and
// more that are not advertised. All move.
func TestFieldReport56AllThatAPacketHolds(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	cfg := steady(virtual(200))
	cfg.Addresses = nil
	for i := range 255 {
		cfg.Addresses = append(cfg.Addresses, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, 0, byte(i + 1)}), 32))
		cfg.Excluded = append(cfg.Excluded, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 2, 0, byte(i + 1)}), 32))
	}
	v := b.victims(cfg)
	n1, n2 := v[0], v[1]
	all := slices.Concat(cfg.Addresses, cfg.Excluded)
	b.awaitHolder("n1", []string{"n2"}, all...)
	if s := n2.status(); s.Stats.LengthErrors+s.Stats.AddressListMismatches != 0 {
		t.Errorf("%+v", s)
	}
	if got := b.awaitSent("n1", 0, 1, advert)[0].adv.Addresses; len(got) != 255 {
		t.Errorf("%d addresses are advertised", len(got))
	}
	n1.stop()
	b.awaitHolder("n2", []string{"n1"}, all...)
}

// TestFieldReport52AddressesOfBothFamilies has a virtual router with an address of the other family, which is not
// advertised: what keepalived gets has the length that it expects, and the other way round.
func TestFieldReport52AddressesOfBothFamilies(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	ours := withKeepalived(virtual(200))
	ours.Excluded = prefixes("fd00::100/128")
	all := append(prefixes("fd00::100/128"), vip4())
	n1 := b.start("n1", ours)
	n1.awaitState(vrrp.Active)
	k := b.startKeepalived("n2", virtual(100), "virtual_ipaddress_excluded {\n fd00::100/128\n }")
	k.awaitLog(kaBackup, 1)
	b.awaitSent("n1", b.wire.mark(), 10, advert)
	b.awaitHolder("n1", []string{"n2"}, all...)
	n1.stop()
	k.awaitLog(kaMaster, 1)
	b.awaitHolder("n2", []string{"n1"}, all...)
	n1 = b.start("n1", ours)
	n1.awaitState(vrrp.Active)
	b.awaitHolder("n1", []string{"n2"}, all...)
	if s := n1.status(); s.Stats.LengthErrors+s.Stats.AddressListMismatches != 0 || n1.router.Stats().Rejected != 0 {
		t.Errorf("%+v", s)
	}
	k.wantNoComplaint()
}

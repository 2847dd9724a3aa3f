// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport47UnicastWithTheChecksumOfTheGroup has keepalived send its advertisements to us alone, with the checksum
// over a pseudo-header that has our address or, as its old versions do, that of the group. Both are heard.
func TestFieldReport47UnicastWithTheChecksumOfTheGroup(t *testing.T) {
	t.Parallel()
	const unicast = "unicast_src_ip 10.0.0.71\n unicast_peer {\n 10.0.0.72\n }"
	for _, c := range []struct {
		name  string
		lines []string
		count func(vrrp.Stats) uint64
	}{
		{"Peer", []string{unicast}, func(s vrrp.Stats) uint64 { return s.ChecksumPseudoHeader }},
		{"Group", []string{unicast, "old_unicast_checksum"}, func(s vrrp.Stats) uint64 { return s.ChecksumPseudoGroup }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !netlabtest.Enter(t) {
				return
			}
			b := newBench(t, "n1", "n2")
			b.startKeepalived("n1", steady(virtual(200)), c.lines...).awaitLog(kaMaster, 1)
			n2 := b.start("n2", steady(virtual(100)))
			n2.awaitStatus("n2 hears keepalived", func(s vrrp.Status) bool { return c.count(s.Stats) >= 4 })
			if s := n2.status(); c.count(s.Stats) != s.Stats.Received || s.Stats.ChecksumErrors != 0 || s.State != vrrp.Backup {
				t.Errorf("%+v", s)
			}
			if got := n2.path(); !slices.Equal(got, []vrrp.State{vrrp.Backup}) {
				t.Errorf("n2 was %v", got)
			}
		})
	}
}

// TestFieldReport48EitherChecksumIsHeard has routers side by side that disagree about the checksum of version 3 over IPv4,
// as those of different makers do. They follow each other all the same, and one that is left to choose takes up the form
// of the last one that it heard.
func TestFieldReport48EitherChecksumIsHeard(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "n3")
	start := func(host string, priority uint8, form vrrp.ChecksumForm) *node {
		cfg := virtual(priority)
		cfg.Checksum = form
		return b.start(host, cfg)
	}
	n1 := start("n1", 200, vrrp.ChecksumMessage)
	n1.awaitState(vrrp.Active)
	n2 := start("n2", 150, vrrp.ChecksumPseudoHeader)
	n2.awaitStatus("n2 hears the one form", func(s vrrp.Status) bool { return s.Stats.ChecksumMessage > 0 })
	n3 := start("n3", 100, vrrp.ChecksumAuto)
	n3.awaitFollower()
	n1.stop()
	n3.awaitStatus("n3 hears the other form", func(s vrrp.Status) bool { return s.Stats.ChecksumPseudoHeader > 0 })
	n2.awaitState(vrrp.Active)
	n1 = start("n1", 200, vrrp.ChecksumMessage)
	n1.awaitState(vrrp.Active)
	n2.awaitState(vrrp.Backup)
	n1.stop()
	n2.awaitState(vrrp.Active)
	n3.awaitStatus("n3 has heard n2 last", func(s vrrp.Status) bool { return s.Checksum == vrrp.ChecksumPseudoHeader })
	n2.stop()
	n3.awaitState(vrrp.Active)
	last := b.awaitSent("n3", 0, 1, advert)[0]
	if form, err := formOf(last); err != nil || form != vrrp.ChecksumPseudoHeader {
		t.Errorf("n3 sends form %v, %v", form, err)
	}
	for _, n := range []*node{n2, n3} {
		if path := n.path(); slices.Contains(path[:len(path)-1], vrrp.Initialize) {
			t.Errorf("%s was %v", n.host, path)
		}
	}
	if broken := b.wire.since(0, broken); len(broken) > 0 {
		t.Errorf("%v", broken)
	}
}

// formOf returns the checksum form of an IPv4 advertisement.
func formOf(s seen) (vrrp.ChecksumForm, error) {
	var adv vrrp.Advertisement
	ip := s.raw[14:]
	return adv.Parse(ip[20:20+8+4*len(s.adv.Addresses)], vrrp.IPHeader{Src: s.from, Dst: vrrp.GroupIPv4(), HopLimit: ip[8]})
}

// TestFieldReport49MessageChecksumSurvivesNAT has advertisements come from another address than they were sent from. With
// the checksum over the message alone they are heard; with a pseudo-header they are not, and don't count as a sign of
// life.
func TestFieldReport49MessageChecksumSurvivesNAT(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "nat")
	inside, outside := netip.MustParseAddr("192.0.2.1"), b.host("nat").Addr(0)
	translated := func(form vrrp.ChecksumForm) []byte {
		adv := vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 200, Interval: 300 * time.Millisecond, Addresses: []netip.Addr{vip4().Addr()}}
		message, err := adv.Append(nil, inside, vrrp.GroupIPv4(), form)
		b.must(err)
		return packet(outside, vrrp.GroupIPv4(), message)
	}
	stop := b.repeat("nat", translated(vrrp.ChecksumMessage), 20*time.Millisecond)
	n1 := b.start("n1", steady(virtual(100)))
	n1.awaitStatus("n1 hears the peer", func(s vrrp.Status) bool { return s.Stats.Received >= 50 })
	if s := n1.status(); s.State != vrrp.Backup || s.Peer != outside || s.Stats.ChecksumErrors != 0 {
		t.Errorf("%+v", s)
	}
	stop()
	b.repeat("nat", translated(vrrp.ChecksumPseudoHeader), 20*time.Millisecond)
	n1.awaitState(vrrp.Active)
	n1.awaitStatus("the packets are counted", func(s vrrp.Status) bool { return s.Stats.ChecksumErrors >= 50 })
	if s := n1.status(); s.State != vrrp.Active || s.Last.Reason != vrrp.ReasonNoResponse {
		t.Errorf("%+v", s)
	}
}

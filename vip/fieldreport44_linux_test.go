// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// TestFieldReport44MessagesLost: when more happens at once than the kernel can tell, all is listed and made up for.
func TestFieldReport44MessagesLost(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	somebody(t, h, netlink.AddrAdd, prefixes("192.0.2.9/32")...)
	release, blocked := make(chan struct{}), make(chan struct{})
	k := keep(t, h, "eth0", vip.KeeperConfig{Event: func(e vip.KeeperEvent) {
		if e.Kind == vip.EventForeign { // during which the keeper is deaf
			close(blocked)
			<-release
		}
	}})
	k.mustAdd(append(all, prefixes("192.0.2.9/32")...)...)
	<-blocked
	many := slices.DeleteFunc(manyAddresses(4000), func(p netip.Prefix) bool { return p.Addr().Is6() })
	somebody(t, h, netlink.AddrAdd, many...)
	somebody(t, h, netlink.AddrDel, many...)
	somebody(t, h, netlink.AddrDel, all...)
	close(release)
	k.mustTell(vip.EventOverrun, netip.Prefix{})
	for _, p := range all {
		k.mustTell(vip.EventRestored, p)
	}
	if !holds(t, h, all...) {
		t.Errorf("held are %v", addresses(t, h))
	}
}

// TestFieldReport60SameLinkLocalOnSeveralDevices: an address belongs to a device. Another may have the same.
func TestFieldReport60SameLinkLocalOnSeveralDevices(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	bridge(t, h, netlink.LinkAdd, "late0")
	setUp(t, h, "late0")
	p := netip.MustParsePrefix("fe80::1/64")
	one, two := keep(t, h, "eth0", vip.KeeperConfig{}), keep(t, h, "late0", vip.KeeperConfig{})
	one.mustAdd(p)
	two.mustLease(time.Hour, p)
	one.mustRemove(p)
	if held, err := two.List(t.Context()); err != nil || !slices.Contains(held, p) || !holdsNone(t, h, p) {
		t.Errorf("held are %v, %v on one device and %v on the other", held, err, addresses(t, h))
	}
	one.mustNotHaveTold(vip.EventForeign)
	two.mustNotHaveTold(vip.EventForeign, vip.EventLost, vip.EventRestored)
}

// TestFieldReport61LinkLocalBackAfterFlap: the kernel gives a device its own link-local address when it comes up, and
// takes ours when it goes down.
func TestFieldReport61LinkLocalBackAfterFlap(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	p := netip.MustParsePrefix("fe80::1/64")
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustLease(time.Hour, p)
	flap(t, h)
	k.mustTell(vip.EventRestored, p)
	if !holds(t, h, p) {
		t.Errorf("held are %v", addresses(t, h))
	}
}

// TestFieldReport63NoDuplicateAddressDetection: ours are usable at once while another host has them, as in a hand-over;
// and one that somebody configured with detection, which then failed, is made usable.
func TestFieldReport63NoDuplicateAddressDetection(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	one, two := lab.Host("n1"), lab.Host("n2")
	setSysctl(t, one, "ipv6/conf/eth0/accept_dad", "1")
	all := prefixes("2001:db8::1/128", "2001:db8::2/128", "2001:db8::3/64")
	somebody(t, two, netlink.AddrAdd, all...)
	somebody(t, one, netlink.AddrAdd, all[0])
	failed := func(p netip.Prefix) bool {
		s := show(t, one, []netip.Prefix{p})
		return len(s) == 1 && s[0].DADFailed
	}
	await(t, "duplicate address detection fails", func() bool { return failed(all[0]) })
	k := keep(t, one, "eth0", vip.KeeperConfig{})
	k.mustAdd(all[0], all[1])
	k.mustLease(time.Hour, all[2])
	k.mustTell(vip.EventDADFailed, all[0])
	await(t, "all are usable", func() bool {
		return !slices.ContainsFunc(show(t, one, all), func(s shown) bool { return s.Tentative || s.DADFailed })
	})
	if !holds(t, one, all...) {
		t.Errorf("held are %v", addresses(t, one))
	}
	k.mustRemove(all...)
	if !holdsNone(t, one, all...) {
		t.Errorf("held are %v after Remove", addresses(t, one))
	}
}

// TestFieldReport67OnlyWhatIsWishedFor: no event of the link brings an address back whose role was given up.
func TestFieldReport67OnlyWhatIsWishedFor(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustAdd(all...)
	if err := h.SetLink(0, false); err != nil {
		t.Fatal(err)
	}
	k.mustRemove(all[1:]...) // of which the kernel removed some before
	if err := h.SetLink(0, true); err != nil {
		t.Fatal(err)
	}
	k.mustAdd(prefixes("192.0.2.8/32")...) // when this is done, all before it has been seen to
	if !holds(t, h, all[0]) || !holdsNone(t, h, all[1:]...) {
		t.Errorf("held are %v", addresses(t, h))
	}
}

// TestFieldReport68NetworkNamespace: a keeper stays in the namespace it was made in, and two in different ones have
// nothing to do with each other.
func TestFieldReport68NetworkNamespace(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	one, two := lab.Host("n1"), lab.Host("n2")
	all := service()
	k1 := keep(t, one, "eth0", vip.KeeperConfig{})
	k1.mustAdd(all...)
	k2 := keep(t, two, "eth0", vip.KeeperConfig{})
	k2.mustAdd(all[0])
	if !holds(t, one, all...) || !holds(t, two, all[0]) || !holdsNone(t, two, all[1:]...) {
		t.Errorf("held are %v and %v", addresses(t, one), addresses(t, two))
	}
	k2.close()
	if !holds(t, one, all...) || !holdsNone(t, two, all[0]) {
		t.Errorf("held are %v and %v", addresses(t, one), addresses(t, two))
	}
	if k, err := vip.Keep(open(t, one, "eth0", nil), nil); err == nil {
		k.Close()
		t.Error("a keeper watches another namespace than that of its device")
	}
}

// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// TestKeeperLeasesAreNotExtended: the keeper lives, and nobody renews.
func TestKeeperLeasesAreNotExtended(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustAdd(all[0])
	k.mustLease(3*time.Second, all[1:]...)
	somebody(t, h, netlink.AddrDel, all[2]) // which is put back for the rest only
	k.mustTell(vip.EventRestored, all[2])
	for _, p := range all[1:] {
		k.mustTell(vip.EventExpired, p)
	}
	if !holds(t, h, all[0]) || !holdsNone(t, h, all[1:]...) {
		t.Errorf("held are %v", addresses(t, h))
	}
	k.mustLease(time.Hour, all...)
	if !holds(t, h, all...) {
		t.Errorf("held are %v after another Lease", addresses(t, h))
	}
	k.mustNotHaveTold(vip.EventLost)
}

// TestKeeperEndsLeases: an address that is added has no end any more.
func TestKeeperEndsLeases(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustLease(time.Hour, all...)
	for _, s := range show(t, h, all) {
		single6 := s.PrefixLen == 128
		if s.ValidLifetime > 3600 || s.Deprecated != single6 {
			t.Errorf("leased: %+v", s)
		}
	}
	k.mustAdd(all...)
	for _, s := range show(t, h, all) {
		if s.ValidLifetime != forever || s.Deprecated {
			t.Errorf("added: %+v", s)
		}
	}
}

// TestKeeperSharedPrefix: here the virtual address is the primary one of the network, and the host's own would go with
// it at the end of the lease.
func TestKeeperSharedPrefix(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	virtual, own := netip.MustParsePrefix("192.0.2.1/24"), prefixes("192.0.2.71/24")[0]
	single := netip.PrefixFrom(virtual.Addr(), 32)
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustLease(time.Hour, virtual)
	somebody(t, h, netlink.AddrAdd, own)
	k.mustLease(time.Hour, virtual)
	k.mustTell(vip.EventSharedPrefix, virtual)
	if !holds(t, h, single, own) || !holdsNone(t, h, virtual) {
		t.Errorf("held are %v, want %v", addresses(t, h), single)
	}
	somebody(t, h, netlink.AddrDel, single)
	k.mustTell(vip.EventRestored, virtual)
	k.mustLease(time.Second, virtual)
	k.mustTell(vip.EventExpired, virtual)
	if !holds(t, h, own) || !holdsNone(t, h, single) {
		t.Errorf("held are %v after the lease", addresses(t, h))
	}
	k.mustLease(time.Hour, virtual)
	k.mustAdd(virtual) // without an end there is nothing to fear
	if !holds(t, h, virtual, own) || !holdsNone(t, h, single) {
		t.Errorf("held are %v after Add", addresses(t, h))
	}
	k.mustRemove(virtual)
	if !holds(t, h, own) || !holdsNone(t, h, virtual, single) {
		t.Errorf("held are %v after Remove", addresses(t, h))
	}
	k.mustNotHaveTold(vip.EventSwept, vip.EventLost)
}

// TestKeeperSharedPrefixPromoted: where the kernel promotes a secondary address there is nothing to fear.
func TestKeeperSharedPrefixPromoted(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	setSysctl(t, h, "ipv4/conf/eth0/promote_secondaries", "1")
	virtual, own := netip.MustParsePrefix("192.0.2.1/24"), prefixes("192.0.2.71/24")[0]
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustLease(time.Hour, virtual)
	somebody(t, h, netlink.AddrAdd, own)
	k.mustLease(time.Second, virtual)
	k.mustTell(vip.EventExpired, virtual)
	if !holds(t, h, own) {
		t.Errorf("held are %v after the lease", addresses(t, h))
	}
	k.mustNotHaveTold(vip.EventSharedPrefix)
}

// TestKeeperRenewalAllocations: leases of thousands of addresses are renewed every second or two. What that takes is
// used again, so that the garbage is that of a call and not that of each address.
func TestKeeperRenewalAllocations(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	var all []netip.Prefix
	for i := range byte(64) {
		all = append(all, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 7, 0, i}), 32))
	}
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustLease(time.Hour, all...)
	renew := func() {
		if err := k.Lease(t.Context(), all, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, renew); n > 32 {
		t.Errorf("%v allocations to renew the leases of %d addresses", n, len(all))
	}
}

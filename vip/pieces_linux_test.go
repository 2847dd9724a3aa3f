// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// singles returns more single IPv4 addresses than the kernel gets at once.
func singles() []netip.Prefix { return ofFamily(manyAddresses(600), netip.Addr.Is4) }

// TestKeeperOfMoreThanOneDatagram has one call about addresses of which the first and the last, which the kernel does not
// get together, concern each other.
func TestKeeperOfMoreThanOneDatagram(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	own, shared := netip.MustParsePrefix("192.0.2.71/24"), netip.MustParsePrefix("192.0.2.1/24")
	single, wide := netip.MustParsePrefix("198.51.100.1/32"), netip.MustParsePrefix("198.51.100.1/24")
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	before := addresses(t, h)
	k.mustAdd(shared)
	somebody(t, h, netlink.AddrAdd, own) // the end of a lease of the one before would take it along
	all := slices.Concat([]netip.Prefix{single}, singles(), []netip.Prefix{wide, shared, single})
	for range 2 {
		k.mustLease(time.Hour, all...)
		if want := append(singles(), own, single, wide, netip.MustParsePrefix("192.0.2.1/32")); !holds(t, h, want...) || !holdsNone(t, h, shared) {
			t.Errorf("held are %v", addresses(t, h))
		}
	}
	k.mustTell(vip.EventSharedPrefix, shared)
	k.mustRemove(all...)
	if got := addresses(t, h); len(got) != len(before)+1 || !slices.Contains(got, own) {
		t.Errorf("held are %v when all was removed, %v before", got, before)
	}
	k.mustNotHaveTold(vip.EventLost, vip.EventRestored, vip.EventFailed)
}

// TestKeeperRestoresMoreThanOneDatagram: all of many addresses that somebody removes are put back.
func TestKeeperRestoresMoreThanOneDatagram(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h, many := newHost(t), singles()
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustAdd(many...)
	somebody(t, h, netlink.AddrDel, many...)
	for _, p := range many {
		k.mustTell(vip.EventRestored, p)
	}
	await(t, "all are back", func() bool { return holds(t, h, many...) })
}

// TestMemoryOfTakeOver bounds what taking over 1,000 addresses takes of the heap, most of which is what is then known of
// them: what is garbage afterwards costs page faults, and a collection, while packets for the addresses are lost.
func TestMemoryOfTakeOver(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h, many := newHost(t), ofFamily(manyAddresses(2000), netip.Addr.Is4)
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	take := func(what string, most uint64, parts []int) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := leaseParts(t.Context(), k.Keeper, many, parts)
		runtime.ReadMemStats(&after)
		n := after.TotalAlloc - before.TotalAlloc
		if t.Logf("%s: %d octets in %d pieces of the heap", what, n, after.Mallocs-before.Mallocs); n > most || err != nil {
			t.Errorf("%s takes %d octets of the heap, more than %d, or %v", what, n, most, err)
		}
	}
	take("to take over 1,000 addresses", 450_000, growing())
	take("to renew their leases in one call", 120_000, []int{len(many)})
	take("to renew their leases in calls of 100", 60_000, slices.Repeat([]int{100}, 10))
}

// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// TestFieldReport07RestartOfAnotherManager: a program that removes what it does not know removes all addresses at once.
// Ours are put back at once, the second time a second later, and so on; the host's own are its own affair.
func TestFieldReport07RestartOfAnotherManager(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustAdd(all[:2]...)
	k.mustLease(time.Hour, all[2:]...)
	own := netip.PrefixFrom(h.Addr(0), 24)
	somebody(t, h, netlink.AddrDel, append(all, own)...)
	await(t, "the addresses are there again", func() bool { return holds(t, h, all...) })
	for _, p := range all {
		k.mustTell(vip.EventRestored, p)
	}
	k.mustNotHaveTold(vip.EventLost)
	if !holdsNone(t, h, own) {
		t.Errorf("%v was put back", own)
	}
	// Once more: not at once, and whoever asks for it is told.
	somebody(t, h, netlink.AddrDel, all[0])
	if e := k.mustTell(vip.EventLost, all[0]); e.After <= 0 || e.Err != nil {
		t.Errorf("event %+v", e)
	}
	if err := k.Lease(t.Context(), all[:1], time.Hour); err != nil && !errors.Is(err, vip.ErrLost) {
		t.Errorf("Lease: %v", err)
	}
	await(t, "the address is there once more", func() bool { return holds(t, h, all...) })
}

// TestFieldReport08VIPRemovedByOther: whoever wants to give up the role instead is told, and the address stays away.
func TestFieldReport08VIPRemovedByOther(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	k := keep(t, h, "eth0", vip.KeeperConfig{OnLoss: vip.LossReport})
	k.mustAdd(all...)
	somebody(t, h, netlink.AddrDel, all[0], all[1])
	k.mustTell(vip.EventLost, all[0])
	k.mustTell(vip.EventLost, all[1])
	if !holdsNone(t, h, all[:2]...) || !holds(t, h, all[2:]...) {
		t.Errorf("held are %v", addresses(t, h))
	}
	k.mustNotHaveTold(vip.EventRestored)
	k.mustRemove(all...)
	k.mustAdd(all...) // the role is taken anew
	if !holds(t, h, all...) {
		t.Errorf("held are %v after Add", addresses(t, h))
	}
}

// TestFieldReport09DeviceDownAndUp: what is Active while the device comes up has its addresses.
func TestFieldReport09DeviceDownAndUp(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	k := keep(t, h, "eth0", vip.KeeperConfig{OnLoss: vip.LossReport})
	k.mustAdd(all...)
	for range 3 {
		flap(t, h)
		await(t, "all addresses are there again", func() bool { return holds(t, h, all...) })
	}
	k.mustTell(vip.EventRestored, all[1])
	k.mustNotHaveTold(vip.EventLost) // it was nobody's fault
}

// flap sets eth0 of the host down and up again.
func flap(t *testing.T, h *netlab.Host) {
	t.Helper()
	for _, up := range []bool{false, true} {
		if err := h.SetLink(0, up); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFieldReport11NoRouteAndAnotherTry: addresses bring no route to their network, also when they are renewed and put
// back; and what can't be put back is reported and tried again until it can.
func TestFieldReport11NoRouteAndAnotherTry(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()[2:]
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	for range 2 {
		k.mustLease(time.Hour, all...)
	}
	somebody(t, h, netlink.AddrDel, all[0])
	k.mustTell(vip.EventRestored, all[0])
	setSysctl(t, h, "ipv6/conf/eth0/disable_ipv6", "1") // which removes the address
	if e := k.mustTell(vip.EventLost, all[1]); !errors.Is(e.Err, os.ErrPermission) {
		t.Errorf("event %+v", e)
	}
	setSysctl(t, h, "ipv6/conf/eth0/disable_ipv6", "0")
	k.mustTell(vip.EventRestored, all[1])
	for _, family := range []string{"-4", "-6"} {
		var routes []struct {
			To string `json:"dst"`
		}
		ip(t, h, &routes, family, "route", "show", "dev", "eth0")
		for _, r := range routes {
			if r.To == all[0].Masked().String() || r.To == all[1].Masked().String() {
				t.Errorf("there is a route to %v", r.To)
			}
		}
	}
}

// TestFieldReport12AddressOfAnother: an address that an administrator has configured is reported. It counts as there, is
// not put on a lease, and is still there afterwards.
func TestFieldReport12AddressOfAnother(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	somebody(t, h, netlink.AddrAdd, all...)
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustLease(time.Second, all[:2]...)
	k.mustAdd(all[2:]...)
	for _, p := range all {
		k.mustTell(vip.EventForeign, p)
	}
	for _, s := range show(t, h, all) {
		if s.ValidLifetime != forever {
			t.Errorf("%v/%d got a lifetime of %d s", s.Local, s.PrefixLen, s.ValidLifetime)
		}
	}
	k.mustRemove(all...)
	k.close()
	if !holds(t, h, all...) {
		t.Errorf("held are %v afterwards", addresses(t, h))
	}
	// One that becomes somebody else's while we have it is reported as well.
	late := prefixes("192.0.2.7/32")[0]
	k = keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustAdd(late)
	somebody(t, h, netlink.AddrReplace, late)
	k.mustTell(vip.EventForeign, late)
}

// TestFieldReport13RestoredForTheRestOfTheLease: the kernel removes IPv6 addresses when the device goes down. They come
// back with it, and for no longer than they were leased.
func TestFieldReport13RestoredForTheRestOfTheLease(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	p := service()[1]
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustLease(4*time.Second, p)
	flap(t, h)
	k.mustTell(vip.EventRestored, p)
	if s := show(t, h, []netip.Prefix{p}); len(s) == 1 && s[0].ValidLifetime > 4 {
		t.Errorf("put back for %d s", s[0].ValidLifetime)
	}
	k.mustTell(vip.EventExpired, p)
	flap(t, h)
	if !holdsNone(t, h, p) {
		t.Errorf("%v is there after its lease", p)
	}
	k.mustLease(time.Hour, p)
	if !holds(t, h, p) {
		t.Errorf("%v is not there after another lease", p)
	}
	k.mustNotHaveTold(vip.EventLost)
}

// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// service is what most of these tests hold: an address of each family, and two that have a network.
func service() []netip.Prefix {
	return prefixes("192.0.2.1/32", "2001:db8::1/128", "192.0.2.2/24", "2001:db8::2/64")
}

// somebody is another program that configures addresses on eth0 of a host: it knows nothing of keepers.
func somebody(t *testing.T, h *netlab.Host, f func(netlink.Link, *netlink.Addr) error, addrs ...netip.Prefix) {
	t.Helper()
	err := h.Do(func() error {
		l, err := netlink.LinkByName("eth0")
		for _, p := range addrs {
			if err == nil {
				a, _ := netlink.ParseAddr(p.String())
				err = f(l, a)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// bridge makes or deletes a bridge, a device that is easily had.
func bridge(t *testing.T, h *netlab.Host, f func(netlink.Link) error, name string) {
	t.Helper()
	if err := h.Do(func() error { return f(&netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: name}}) }); err != nil {
		t.Fatal(err)
	}
}

// TestFieldReport01KilledProcessLeavesNoAddress: an address on a lease outlives its process by the rest of the lease,
// by the kernel's hand, while one without a lease stays until somebody sweeps it.
func TestFieldReport01KilledProcessLeavesNoAddress(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	p := startHolder(t, h, holding{Addrs: service(), Lifetime: 2 * time.Second})
	for range 3 { // together longer than the lease
		p.await()
	}
	if !holds(t, h, service()...) {
		t.Errorf("held are %v while the process lives", addresses(t, h))
	}
	p.kill()
	await(t, "the addresses of the killed process are gone", func() bool { return holdsNone(t, h, service()...) })
	if own := netip.PrefixFrom(h.Addr(0), 24); !holds(t, h, own) {
		t.Errorf("%v of the host went along", own)
	}
}

// TestFieldReport01FrozenProcessLeavesNoAddress: the same goes for a process that is stopped. What it does when it goes
// on is its own affair: here it leases anew.
func TestFieldReport01FrozenProcessLeavesNoAddress(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	p := startHolder(t, h, holding{Addrs: service(), Lifetime: 2 * time.Second})
	p.signal(syscall.SIGSTOP)
	await(t, "the addresses of the stopped process are gone", func() bool { return holdsNone(t, h, service()...) })
	// Its mark is in use: another keeper neither takes it nor sweeps.
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	p.signal(syscall.SIGCONT)
	await(t, "the process leases its addresses again", func() bool { return holds(t, h, service()...) })
	k.mustNotHaveTold(vip.EventSwept)
}

// TestFieldReport02SweepFindsAddressesOfEarlierConfigurations: what a killed process left is found by its mark, whatever
// the new one is to hold, and nothing else is touched.
func TestFieldReport02SweepFindsAddressesOfEarlierConfigurations(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	startHolder(t, h, holding{Addrs: service()}).kill()
	other := prefixes("192.0.2.3/24", "2001:db8::3/128")
	somebody(t, h, netlink.AddrAdd, other...)
	before := addresses(t, h)
	if !holds(t, h, service()...) {
		t.Fatalf("held are %v", before)
	}
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	if left := addresses(t, h); !holdsNone(t, h, service()...) || len(left) != len(before)-len(service()) {
		t.Errorf("left are %v of %v", left, before)
	}
	for _, p := range service() {
		k.mustTell(vip.EventSwept, p)
	}
	k.mustAdd(service()[0])
	k.mustNotHaveTold(vip.EventForeign, vip.EventLost)
}

// TestFieldReport03SweepSparesTheLiving: only the start of a keeper sweeps, and only what no living keeper has; a change
// of what is wished for touches nothing that stays.
func TestFieldReport03SweepSparesTheLiving(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	living := startHolder(t, h, holding{Addrs: all[:2]})
	killed := startHolder(t, h, holding{Addrs: all[2:3]})
	killed.kill()
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	k.mustTell(vip.EventSwept, all[2])
	if !holds(t, h, all[0], all[1]) {
		t.Errorf("held are %v, want those of the living keeper", addresses(t, h))
	}
	// A new configuration: one address stays, one comes, one goes.
	var gone []netip.Prefix
	stop := watchRemovals(t, h, func(p netip.Prefix) { gone = append(gone, p) })
	next := prefixes("192.0.2.4/32", "192.0.2.5/32", "192.0.2.6/32")
	k.mustAdd(next[:2]...)
	k.mustAdd(next[1:]...)
	k.mustRemove(next[0])
	stop()
	if !slices.Equal(gone, next[:1]) || !holds(t, h, next[1:]...) {
		t.Errorf("removed were %v, held are %v", gone, addresses(t, h))
	}
	// The end of one keeper is no matter to the others.
	k.close()
	if !holds(t, h, all[0], all[1]) || !holdsNone(t, h, next...) {
		t.Errorf("held are %v after the end of one keeper", addresses(t, h))
	}
	living.kill()
}

// watchRemovals calls f for each address that is removed from eth0 of the host until stop is called.
func watchRemovals(t *testing.T, h *netlab.Host, f func(netip.Prefix)) (stop func()) {
	t.Helper()
	updates, done := make(chan netlink.AddrUpdate, 10000), make(chan struct{})
	if err := h.Do(func() error { return netlink.AddrSubscribe(updates, done) }); err != nil {
		t.Fatal(err)
	}
	return func() {
		// All that was before this one has been told when it is.
		mark := netip.MustParsePrefix("198.51.100.255/32")
		somebody(t, h, netlink.AddrAdd, mark)
		for u := range updates {
			ip, _ := netip.AddrFromSlice(u.LinkAddress.IP)
			bits, _ := u.LinkAddress.Mask.Size()
			p := netip.PrefixFrom(ip.Unmap(), bits)
			if p == mark {
				close(done)
				somebody(t, h, netlink.AddrDel, mark)
				return
			}
			if !u.NewAddr {
				f(p)
			}
		}
		t.Error("the kernel told of no more changes")
	}
}

// TestFieldReport04RemoveWithoutAdd: a role that is not to have the address ensures that it is not there, though it never
// added it. With [vip.ForeignRespect] somebody else's stays, and that is reported.
func TestFieldReport04RemoveWithoutAdd(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	somebody(t, h, netlink.AddrAdd, all...)
	respects := keep(t, h, "eth0", vip.KeeperConfig{})
	respects.mustRemove(all...)
	for _, p := range all {
		respects.mustTell(vip.EventForeign, p)
	}
	if !holds(t, h, all...) {
		t.Errorf("held are %v, somebody else's were removed", addresses(t, h))
	}
	adopts := keep(t, h, "eth0", vip.KeeperConfig{OnForeign: vip.ForeignAdopt})
	adopts.mustRemove(all...)
	if !holdsNone(t, h, all...) {
		t.Errorf("held are %v after Remove", addresses(t, h))
	}
}

// TestFieldReport05DeviceMadeAnew: addresses belong to a device, not to its name. They are put on the one that has the
// name now, and are removed from it.
func TestFieldReport05DeviceMadeAnew(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	bridge(t, h, netlink.LinkAdd, "late0")
	k := keep(t, h, "late0", vip.KeeperConfig{})
	k.mustAdd(all[:2]...)
	k.mustLease(time.Hour, all[2:]...)
	bridge(t, h, netlink.LinkDel, "late0")
	k.mustTell(vip.EventLinkGone, netip.Prefix{})
	if err := k.Add(t.Context(), prefixes("192.0.2.9/32")); !errors.Is(err, vip.ErrNoDevice) {
		t.Errorf("Add without a device: %v", err)
	}
	bridge(t, h, netlink.LinkAdd, "late0")
	k.mustTell(vip.EventLinkFound, netip.Prefix{})
	k.mustTell(vip.EventRestored, all[0])
	k.mustTell(vip.EventRestored, all[2])
	if held, err := k.List(t.Context()); err != nil || slices.Contains(held, prefixes("192.0.2.9/32")[0]) {
		t.Errorf("held are %v, %v: what could not be added is not wished for", held, err)
	}
	setUp(t, h, "late0")
	k.mustTell(vip.EventRestored, all[1])
	k.mustTell(vip.EventRestored, all[3])
	k.mustRemove(all...)
	if held, err := k.List(t.Context()); err != nil || slices.ContainsFunc(all, func(p netip.Prefix) bool { return slices.Contains(held, p) }) {
		t.Errorf("held are %v, %v after Remove", held, err)
	}
	k.mustNotHaveTold(vip.EventLost)
}

// setUp sets a device up.
func setUp(t *testing.T, h *netlab.Host, name string) {
	t.Helper()
	err := h.Do(func() error {
		l, err := netlink.LinkByName(name)
		if err != nil {
			return err
		}
		return netlink.LinkSetUp(l)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFieldReport06RemoveTakesNoOther: an address is removed by its prefix, and neither another length of it nor one
// that is secondary to it goes along.
func TestFieldReport06RemoveTakesNoOther(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	first := netip.MustParsePrefix("192.0.2.1/24")
	others := prefixes("192.0.2.2/24", "192.0.2.1/32", "192.0.2.1/25")
	k.mustAdd(first)
	somebody(t, h, netlink.AddrAdd, others...)
	k.mustRemove(prefixes("192.0.2.1/26", "192.0.2.0/24")...)
	if !holds(t, h, append(others, first)...) {
		t.Errorf("held are %v", addresses(t, h))
	}
	k.mustRemove(first)
	if !holds(t, h, others...) || !holdsNone(t, h, first) {
		t.Errorf("held are %v after Remove of %v", addresses(t, h), first)
	}
}

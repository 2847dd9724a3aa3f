// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

func TestKeeperContract(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	viptest.TestBackend(t, func(t *testing.T) (vip.Backend, func() []netip.Prefix) {
		return keep(t, h, "eth0", vip.KeeperConfig{}), func() []netip.Prefix { return addresses(t, h) }
	})
}

func TestKeeperAdopts(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	somebody(t, h, netlink.AddrAdd, all...)
	k := keep(t, h, "eth0", vip.KeeperConfig{OnForeign: vip.ForeignAdopt})
	k.mustLease(time.Second, all[:2]...)
	k.mustAdd(all[2:]...)
	for _, p := range all {
		k.mustTell(vip.EventForeign, p)
	}
	k.mustTell(vip.EventExpired, all[0])
	k.mustTell(vip.EventExpired, all[1])
	k.close()
	if !holdsNone(t, h, all...) {
		t.Errorf("held are %v afterwards", addresses(t, h))
	}
}

// TestKeeperAdoptsOfTheDead: the owner died after this keeper's start, when it had the address.
func TestKeeperAdoptsOfTheDead(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	p := startHolder(t, h, holding{Addrs: all})
	k := keep(t, h, "eth0", vip.KeeperConfig{OnForeign: vip.ForeignAdopt})
	k.mustAdd(all[0])
	k.mustTell(vip.EventForeign, all[0]) // the living are respected
	p.kill()
	k.mustAdd(all...)
	k.mustRemove(all...)
	if !holdsNone(t, h, all...) {
		t.Errorf("held are %v", addresses(t, h))
	}
}

// TestKeeperOfRenamedDevice: what is ours goes from a device that has another name now, and comes to the one that has
// the name, with whatever is on it already.
func TestKeeperOfRenamedDevice(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	bridge(t, h, netlink.LinkAdd, "late0")
	bridge(t, h, netlink.LinkAdd, "late1")
	setUp(t, h, "late0")
	setUp(t, h, "late1")
	foreign := open(t, h, "late1", nil)
	if err := foreign.Add(t.Context(), all[:1]); err != nil {
		t.Fatal(err)
	}
	rename := func(from, to string) {
		t.Helper()
		err := h.Do(func() error {
			l, err := netlink.LinkByName(from)
			if err == nil {
				err = netlink.LinkSetName(l, to)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	k := keep(t, h, "late0", vip.KeeperConfig{})
	k.mustAdd(all...)
	rename("late0", "late2")
	k.mustTell(vip.EventLinkGone, netip.Prefix{})
	for _, p := range all {
		k.mustTell(vip.EventSwept, p)
	}
	rename("late1", "late0")
	k.mustTell(vip.EventLinkFound, netip.Prefix{})
	for _, p := range all[1:] {
		k.mustTell(vip.EventRestored, p)
	}
	left, err := open(t, h, "late2", nil).List(t.Context())
	if err != nil || slices.ContainsFunc(left, func(p netip.Prefix) bool { return slices.Contains(all, p) }) {
		t.Errorf("on the renamed device are %v, %v", left, err)
	}
}

// TestKeeperUnlocked: when all marks are in use a keeper works without one of its own, and sweeps nothing.
func TestKeeperUnlocked(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := manyAddresses(vip.Keepers + 2)
	for _, p := range all[:vip.Keepers] {
		keep(t, h, "eth0", vip.KeeperConfig{}).mustAdd(p)
	}
	for _, p := range all[vip.Keepers:] {
		k := keep(t, h, "eth0", vip.KeeperConfig{})
		if e := k.mustTell(vip.EventUnlocked, netip.Prefix{}); e.Err == nil {
			t.Errorf("event %+v", e)
		}
		k.mustAdd(p)
		somebody(t, h, netlink.AddrDel, p)
		k.mustTell(vip.EventRestored, p)
		k.mustNotHaveTold(vip.EventSwept)
	}
	if !holds(t, h, all...) {
		t.Errorf("held are %v, want %v", addresses(t, h), all)
	}
}

func TestKeeperClosed(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	somebody(t, h, netlink.AddrAdd, all[3])
	d := open(t, h, "eth0", nil)
	var k *vip.Keeper
	again := func() error {
		return h.Do(func() (err error) { k, err = vip.Keep(d, nil); return err })
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
	first := k
	if err := again(); err == nil {
		t.Error("two keepers of a device")
	}
	if err := first.Add(t.Context(), all); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if !holdsNone(t, h, all[:3]...) || !holds(t, h, all[3]) {
		t.Errorf("held are %v after Close", addresses(t, h))
	}
	for op, err := range map[string]error{
		"Add":    first.Add(t.Context(), all),
		"Lease":  first.Lease(t.Context(), all, time.Hour),
		"Remove": first.Remove(t.Context(), all),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", op, err)
		}
	}
	if err := again(); err != nil {
		t.Errorf("another keeper: %v", err)
	}
	if err := errors.Join(k.Close(), d.Add(t.Context(), all[:1])); err != nil {
		t.Error(err)
	}
	if marks := protocols(t, h); marks[all[0].Addr()] != vip.Protocol {
		t.Errorf("the device without a keeper uses mark %d", marks[all[0].Addr()])
	}
}

// TestKeeperOfClosedDevice: it can do nothing any more, and says so.
func TestKeeperOfClosedDevice(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	var d *vip.Device
	var k *vip.Keeper
	err := h.Do(func() (err error) {
		if d, err = vip.Open("eth0", nil); err == nil {
			k, err = vip.Keep(d, nil)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := service()
	if err := errors.Join(k.Add(t.Context(), all[:1]), d.Close()); err != nil {
		t.Fatal(err)
	}
	if err := k.Add(t.Context(), all); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Add: %v", err)
	}
	if err := k.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Close: %v", err)
	}
	if err := k.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// TestKeeperFromItsEvents: whoever is told may act on it.
func TestKeeperFromItsEvents(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	var k *keeping
	failed := make(chan error, 1)
	k = keep(t, h, "eth0", vip.KeeperConfig{OnLoss: vip.LossReport, Event: func(e vip.KeeperEvent) {
		if e.Kind == vip.EventLost {
			failed <- k.Remove(context.Background(), all)
		}
	}})
	k.mustAdd(all...)
	somebody(t, h, netlink.AddrDel, all[0])
	if err := <-failed; err != nil || !holdsNone(t, h, all...) {
		t.Errorf("Remove: %v; held are %v", err, addresses(t, h))
	}
}

// TestKeeperAmongOthers has several goroutines use a keeper while somebody removes what he can.
func TestKeeperAmongOthers(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	vandal := open(t, h, "eth0", nil)
	many := manyAddresses(120)
	var wg sync.WaitGroup
	for own := range slices.Chunk(many, 40) {
		wg.Go(func() {
			for i := range 30 {
				err := k.Lease(t.Context(), own, time.Hour)
				if i%3 == 0 {
					err = errors.Join(err, k.Remove(t.Context(), own))
				}
				if err != nil && !errors.Is(err, vip.ErrLost) {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 60 {
			if err := vandal.Remove(t.Context(), many[i:i+1]); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	await(t, "all are there", func() bool { return holds(t, h, many...) })
	k.close()
	if !holdsNone(t, h, many...) {
		t.Errorf("held are %v at the end", addresses(t, h))
	}
}

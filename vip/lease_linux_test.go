// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// TestDeviceLeaseLeavesOthers: an address of the host's own does not end because somebody leases it.
func TestDeviceLeaseLeavesOthers(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	own := []netip.Prefix{netip.PrefixFrom(h.Addr(0), 24), netip.PrefixFrom(h.Addr6(0), 64)}
	asked := append(own[:1:1], netip.PrefixFrom(h.Addr6(0), 128)) // IPv6 has room for one length
	if err := d.Lease(t.Context(), asked, time.Hour); err != nil {
		t.Error(err)
	}
	for _, s := range show(t, h, own) {
		if s.ValidLifetime != forever {
			t.Errorf("%v has a lifetime of %d s", s.Local, s.ValidLifetime)
		}
	}
}

// TestDeviceAddEndsLeaseOfAnother: the process that leased it may be no more.
func TestDeviceAddEndsLeaseOfAnother(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	if err := open(t, h, "eth0", nil).Lease(t.Context(), all, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, s := range show(t, h, all) {
		if s.ValidLifetime > 3600 {
			t.Errorf("%v has a lifetime of %d s", s.Local, s.ValidLifetime)
		}
	}
	if err := open(t, h, "eth0", nil).Add(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for _, s := range show(t, h, all) {
		if s.ValidLifetime != forever {
			t.Errorf("%v has a lifetime of %d s after Add", s.Local, s.ValidLifetime)
		}
	}
}

// TestDeviceLeaseOfAnotherLength: IPv6 has room for one length of an address, which keeps it.
func TestDeviceLeaseOfAnotherLength(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	short, long := prefixes("2001:db8::1/64"), prefixes("2001:db8::1/128")
	if err := errors.Join(d.Add(t.Context(), short), d.Lease(t.Context(), long, time.Hour)); err != nil {
		t.Fatal(err)
	}
	if s := show(t, h, long); len(s) != 1 || s[0].PrefixLen != 64 || s[0].ValidLifetime > 3600 || s[0].Deprecated {
		t.Errorf("leased: %+v", s)
	}
	if err := d.Add(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	if s := show(t, h, long); len(s) != 1 || s[0].PrefixLen != 64 || s[0].ValidLifetime != forever {
		t.Errorf("added: %+v", s)
	}
}

// TestDeviceLeaseKeepsTheHostsOwn: the virtual address came first and is the primary one, the host's own is secondary
// to it.
func TestDeviceLeaseKeepsTheHostsOwn(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	virtual, own := prefixes("192.0.2.1/24", "192.0.2.2/24"), prefixes("192.0.2.71/24")[0]
	single := netip.PrefixFrom(virtual[0].Addr(), 32)
	lease := func(lifetime time.Duration, want ...netip.Prefix) {
		t.Helper()
		if err := d.Lease(t.Context(), virtual, lifetime); err != nil {
			t.Fatal(err)
		}
		if !holds(t, h, want...) {
			t.Errorf("held are %v, want %v", addresses(t, h), want)
		}
	}
	lease(time.Hour, virtual...)
	somebody(t, h, netlink.AddrAdd, own)
	lease(time.Hour, single, own) // the second has become the primary one
	lease(time.Hour, single, own) // and is none now
	if err := d.Add(t.Context(), virtual); err != nil || !holds(t, h, append(virtual, own)...) || !holdsNone(t, h, single) {
		t.Errorf("Add: %v; held are %v", err, addresses(t, h))
	}
	lease(time.Second, own)
	await(t, "the leases end", func() bool {
		return holdsNone(t, h, append(virtual, single, netip.PrefixFrom(virtual[1].Addr(), 32))...)
	})
	if !holds(t, h, own) {
		t.Errorf("%v went along", own)
	}
	lease(time.Hour, own)
	if err := d.Remove(t.Context(), virtual); err != nil || !holdsNone(t, h, append(virtual, single)...) {
		t.Errorf("Remove: %v; held are %v", err, addresses(t, h))
	}
}

func TestDeviceLeaseWithoutDevice(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	d := open(t, newHost(t), "late0", nil)
	err := d.Lease(t.Context(), service(), time.Hour)
	if e, ok := errors.AsType[*vip.AddrError](err); !ok || e.Op != vip.OpLease || !errors.Is(err, vip.ErrNoDevice) {
		t.Errorf("Lease: %v", err)
	}
}

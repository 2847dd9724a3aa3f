// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// countdown is a context that ends after it was asked some times.
type countdown struct {
	context.Context
	left atomic.Int32
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestDeviceStopsBetweenBatches(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	before := len(addresses(t, h))
	many := manyAddresses(500)
	ctx := &countdown{Context: t.Context()}
	ctx.left.Store(4)
	err := d.Add(ctx, many)
	added := len(addresses(t, h)) - before
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || !errors.Is(err, context.Canceled) {
		t.Fatalf("error: %v", err)
	}
	if failed := len(joined.Unwrap()); added == 0 || added == len(many) || added+failed != len(many) {
		t.Errorf("%d added and %d failed of %d", added, failed, len(many))
	}
}

func TestDeviceContextDeadline(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	d := open(t, newHost(t), "eth0", nil)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := d.Add(ctx, prefixes("192.0.2.1/32")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Add: %v", err)
	}
	if _, err := d.List(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("List: %v", err)
	}
}

func TestDeviceThatComesAndGoes(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "late0", nil)
	all := prefixes("192.0.2.1/32", "2001:db8::1/128")
	wantGone := func() {
		t.Helper()
		err := d.Add(t.Context(), all)
		if !errors.Is(err, vip.ErrNoDevice) || !strings.Contains(err.Error(), "vip: add 192.0.2.1/32 on late0: no such device") {
			t.Errorf("Add: %v", err)
		}
		if err := d.Remove(t.Context(), all); err != nil {
			t.Errorf("Remove: %v", err)
		}
		if _, err := d.List(t.Context()); !errors.Is(err, vip.ErrNoDevice) {
			t.Errorf("List: %v", err)
		}
	}
	for range 2 { // with a new index each time
		wantGone()
		link := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "late0"}}
		if err := h.Do(func() error { return netlink.LinkAdd(link) }); err != nil {
			t.Fatal(err)
		}
		if err := d.Add(t.Context(), all); err != nil {
			t.Errorf("Add: %v", err)
		}
		if got, err := d.List(t.Context()); err != nil || !slices.Contains(got, all[0]) || !slices.Contains(got, all[1]) {
			t.Errorf("List: %v, %v", got, err)
		}
		if err := h.Do(func() error { return netlink.LinkDel(link) }); err != nil {
			t.Fatal(err)
		}
	}
	wantGone()
}

// TestDeviceWithoutCapability has a thread, not the process, without CAP_NET_ADMIN.
func TestDeviceWithoutCapability(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	held := prefixes("192.0.2.1/32")
	if err := d.Add(t.Context(), held); err != nil {
		t.Fatal(err)
	}
	err := h.Do(func() error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			return err
		}
		for op, err := range map[string]error{
			"Add":    d.Add(t.Context(), prefixes("192.0.2.2/32", "2001:db8::2/128")),
			"Remove": d.Remove(t.Context(), held),
		} {
			if !errors.Is(err, unix.EPERM) || !errors.Is(err, os.ErrPermission) {
				t.Errorf("%s: %v", op, err)
			}
		}
		if got, err := d.List(t.Context()); err != nil || !slices.Contains(got, held[0]) {
			t.Errorf("List: %v, %v", got, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeviceKeepsTheReasonOfTheKernel(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	setSysctl(t, h, "ipv6/conf/eth0/disable_ipv6", "1")
	err := d.Add(t.Context(), prefixes("192.0.2.1/32", "2001:db8::1/128"))
	e, ok := errors.AsType[*vip.AddrError](err)
	if !ok || e.Prefix.String() != "2001:db8::1/128" || e.Device != "eth0" || e.Op != vip.OpAdd || !errors.Is(e, unix.EACCES) {
		t.Errorf("error: %v", err)
	}
	if !strings.Contains(fmt.Sprint(err), "IPv6 is disabled") {
		t.Errorf("error %v does not say why", err)
	}
	if err := d.Remove(t.Context(), prefixes("192.0.2.1/32", "2001:db8::1/128")); err != nil {
		t.Errorf("Remove: %v", err)
	}
}

// TestDeviceOneLengthOfAnIPv6Address: the kernel has room for one only.
func TestDeviceOneLengthOfAnIPv6Address(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	own := netip.PrefixFrom(h.Addr6(0), 64)
	other := []netip.Prefix{netip.PrefixFrom(own.Addr(), 128)}
	if err := d.Add(t.Context(), other); err != nil {
		t.Errorf("Add: %v", err)
	}
	if err := d.Remove(t.Context(), other); err != nil {
		t.Errorf("Remove: %v", err)
	}
	if held := addresses(t, h); !slices.Contains(held, own) {
		t.Errorf("held are %v, want %v", held, own)
	}
}

func TestDeviceClosed(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	for range 2 {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	one := prefixes("192.0.2.1/32")
	_, listErr := d.List(t.Context())
	for op, err := range map[string]error{"Add": d.Add(t.Context(), one), "Remove": d.Remove(t.Context(), one), "List": listErr} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// newHost returns a host, on which the sysctl promote_secondaries is off unless the host that the test runs on has it
// on for all devices.
func newHost(t *testing.T) *netlab.Host {
	t.Helper()
	h := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	setSysctl(t, h, "ipv4/conf/all/promote_secondaries", "0")
	setSysctl(t, h, "ipv4/conf/eth0/promote_secondaries", "0")
	return h
}

func setSysctl(t *testing.T, h *netlab.Host, name, value string) {
	t.Helper()
	if err := h.Do(func() error { return os.WriteFile("/proc/sys/net/"+name, []byte(value), 0) }); err != nil {
		t.Fatal(err)
	}
}

func sysctl(t *testing.T, h *netlab.Host, name string) string {
	t.Helper()
	var b []byte
	if err := h.Do(func() (err error) { b, err = os.ReadFile("/proc/sys/net/" + name); return err }); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// open returns a device of the host, to be used outside of the host's namespace.
func open(t *testing.T, h *netlab.Host, name string, cfg *vip.Config) *vip.Device {
	t.Helper()
	var d *vip.Device
	if err := h.Do(func() (err error) { d, err = vip.Open(name, cfg); return err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// addresses returns what the kernel has on eth0.
func addresses(t *testing.T, h *netlab.Host) []netip.Prefix {
	t.Helper()
	addrs, err := h.Addresses(0)
	if err != nil {
		t.Fatal(err)
	}
	return addrs
}

func TestDeviceContract(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	newBackend := func(t *testing.T) (vip.Backend, func() []netip.Prefix) {
		return open(t, h, "eth0", nil), func() []netip.Prefix { return addresses(t, h) }
	}
	viptest.TestBackend(t, newBackend)
	t.Run("PromoteSecondaries", func(t *testing.T) {
		setSysctl(t, h, "ipv4/conf/eth0/promote_secondaries", "1")
		viptest.TestBackend(t, newBackend)
	})
}

func TestDeviceList(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	if d.Name() != "eth0" {
		t.Errorf("Name() = %q", d.Name())
	}
	if err := d.Add(t.Context(), prefixes("192.0.2.1/24", "192.0.2.2/24", "2001:db8::1/128")); err != nil {
		t.Fatal(err)
	}
	// Addresses of another device are not listed.
	if err := open(t, h, "lo", nil).Add(t.Context(), prefixes("192.0.2.9/32")); err != nil {
		t.Fatal(err)
	}
	got, err := d.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := addresses(t, h)
	slices.SortFunc(got, netip.Prefix.Compare)
	slices.SortFunc(want, netip.Prefix.Compare)
	if diff := cmp.Diff(want, got, comparePrefixes); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
}

// TestDeviceRemoveKeepsTheHostsOwn: here the virtual address came first and is the primary one, the host's own is
// secondary to it.
func TestDeviceRemoveKeepsTheHostsOwn(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	own := netip.PrefixFrom(h.Addr(0), 24)
	virtual := netip.MustParsePrefix("10.0.0.100/24")
	if err := d.Remove(t.Context(), []netip.Prefix{own}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []netip.Prefix{virtual, own} {
		if err := d.Add(t.Context(), []netip.Prefix{p}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Remove(t.Context(), []netip.Prefix{virtual}); err != nil {
		t.Fatal(err)
	}
	if held := addresses(t, h); !slices.Contains(held, own) || slices.Contains(held, virtual) {
		t.Errorf("held are %v, want %v and not %v", held, own, virtual)
	}
	if got := sysctl(t, h, "ipv4/conf/eth0/promote_secondaries"); got != "0" {
		t.Errorf("promote_secondaries is %s afterwards, want 0 as before", got)
	}
}

func TestDeviceManyAddresses(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	d := open(t, h, "eth0", nil)
	before := len(addresses(t, h))
	many := manyAddresses(1000)
	if err := d.Add(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	if got := len(addresses(t, h)) - before; got != len(many) {
		t.Errorf("%d addresses, want %d", got, len(many))
	}
	if err := d.Add(t.Context(), many); err != nil {
		t.Error(err)
	}
	if err := d.Remove(t.Context(), many); err != nil {
		t.Error(err)
	}
	if got := len(addresses(t, h)) - before; got != 0 {
		t.Errorf("%d addresses after Remove", got)
	}
}

// manyAddresses returns so many addresses, of both families in turn.
func manyAddresses(n int) []netip.Prefix {
	list := make([]netip.Prefix, n)
	for i := range list {
		list[i] = netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}), 32)
		if i%2 == 1 {
			list[i] = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 14: byte(i >> 8), 15: byte(i)}), 128)
		}
	}
	return list
}

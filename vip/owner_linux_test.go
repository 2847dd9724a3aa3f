// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// TestKeeperContractOnOldKernel has a keeper do without marks in the kernel.
func TestKeeperContractOnOldKernel(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	viptest.TestBackend(t, func(t *testing.T) (vip.Backend, func() []netip.Prefix) {
		k := keepDevice(t, h, "eth0", vip.KeeperConfig{StateDir: t.TempDir()}, vip.WithoutMarks)
		return k, func() []netip.Prefix { return addresses(t, h) }
	})
}

// TestSweepOnOldKernel: without marks in the kernel, labels and notes on the disk say what was left behind.
func TestSweepOnOldKernel(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all, dir := service(), filepath.Join(t.TempDir(), "state")
	living := prefixes("192.0.2.8/32", "2001:db8::8/128")
	startHolder(t, h, holding{Addrs: living, NoMarks: true, StateDir: dir})
	startHolder(t, h, holding{Addrs: all, NoMarks: true, StateDir: dir}).kill()
	if s := show(t, h, all); s[0].Label != "eth0:fhrp1" {
		t.Errorf("label %q", s[0].Label)
	}
	foreign := prefixes("192.0.2.9/24", "2001:db8::9/128")
	somebody(t, h, netlink.AddrAdd, foreign...)
	k := keepDevice(t, h, "eth0", vip.KeeperConfig{StateDir: dir}, vip.WithoutMarks)
	for _, p := range all {
		k.mustTell(vip.EventSwept, p)
	}
	if !holdsNone(t, h, all...) || !holds(t, h, append(living, foreign...)...) {
		t.Errorf("held are %v", addresses(t, h))
	}
	k.mustAdd(append(all, foreign...)...)
	for _, p := range foreign {
		k.mustTell(vip.EventForeign, p)
	}
	somebody(t, h, netlink.AddrDel, all...)
	for _, p := range all {
		k.mustTell(vip.EventRestored, p)
	}
	k.close()
	if !holdsNone(t, h, all...) || !holds(t, h, append(living, foreign...)...) {
		t.Errorf("held are %v at the end", addresses(t, h))
	}
	content, err := os.ReadFile(filepath.Join(dir, "eth0.113"))
	if err != nil || strings.Count(string(content), "\n") != 1 {
		t.Errorf("notes at the end: %q, %v", content, err)
	}
}

// TestSweepOnOldKernelWithoutNotes: labels alone say nothing of IPv6.
func TestSweepOnOldKernelWithoutNotes(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	startHolder(t, h, holding{Addrs: all, NoMarks: true}).kill()
	k := keepDevice(t, h, "eth0", vip.KeeperConfig{}, vip.WithoutMarks)
	k.mustTell(vip.EventSwept, all[0])
	k.mustTell(vip.EventSwept, all[2])
	if !holdsNone(t, h, all[0], all[2]) || !holds(t, h, all[1], all[3]) {
		t.Errorf("held are %v", addresses(t, h))
	}
}

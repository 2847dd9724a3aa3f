// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStateDir(t *testing.T) {
	dir := t.TempDir()
	open := func(device, scope string) *stateDir {
		t.Helper()
		s, err := newStateDir(dir, device, scope)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	all := []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::1/128")}
	s := open("eth0", "boot 1")
	if got := s.read(Protocol, 2); got != nil {
		t.Errorf("before there is a file: %v", got)
	}
	for range 2 {
		if err := s.write(Protocol, 2, all); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name          string
		device, scope string
		mark          uint8
		index         int32
		want          []netip.Prefix
	}{
		{"the same", "eth0", "boot 1", Protocol, 2, all},
		{"another boot", "eth0", "boot 2", Protocol, 2, nil},
		{"another device", "eth1", "boot 1", Protocol, 2, nil},
		{"a device made anew", "eth0", "boot 1", Protocol, 3, nil},
		{"another mark", "eth0", "boot 1", Protocol + 1, 2, nil},
	} {
		got := open(test.device, test.scope).read(test.mark, test.index)
		if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if err := os.WriteFile(s.path(Protocol), []byte(s.heading(2)+"\nnonsense\n192.0.2.1/32"), 0); err != nil {
		t.Fatal(err)
	}
	if got := s.read(Protocol, 2); len(got) != 1 || got[0] != all[0] {
		t.Errorf("of a damaged file: %v", got)
	}
}

func TestOwnerLabels(t *testing.T) {
	v4, v6 := netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("2001:db8::1/64")
	for _, test := range []struct {
		owner owner
		addr  netip.Prefix
		want  string
	}{
		{owner{device: "eth0", mark: Protocol, inLabels: true}, v4, "eth0:fhrp0"},
		{owner{device: "eth0", mark: Protocol + 15, inLabels: true}, v4, "eth0:fhrpf"},
		{owner{device: "eth0", mark: unlocked, inLabels: true}, v4, "eth0:fhrpg"},
		{owner{device: "enp0s31f6", mark: Protocol, inLabels: true}, v4, "enp0s31f6:fhrp0"},
		{owner{device: "enp0s31f6x", mark: Protocol, inLabels: true}, v4, ""}, // too long
		{owner{device: "eth0", mark: Protocol, inLabels: true}, v6, ""},
		{owner{device: "eth0", mark: Protocol}, v4, ""},
		{owner{device: "eth0", mark: Protocol, inLabels: true, inKernel: true}, v4, ""},
	} {
		got := test.owner.label(test.addr)
		if got != test.want {
			t.Errorf("label of %v on %s: %q, want %q", test.addr, test.owner.device, got, test.want)
		}
		if got != "" && !test.owner.owns(heldAddr{prefix: test.addr, label: got}) {
			t.Errorf("label %q is not our own", got)
		}
	}
	o := owner{device: "eth0", mark: Protocol}
	for _, label := range []string{"eth0", "eth0:fhrp", "eth0:fhrp1", "eth0:fhrp00", "eth0:fhrpz", "eth1:fhrp0", "eth0:fhrp-"} {
		if h := (heldAddr{prefix: v4, label: label}); o.owns(h) {
			t.Errorf("label %q is our own: mark %d", label, o.markOf(h))
		}
	}
}

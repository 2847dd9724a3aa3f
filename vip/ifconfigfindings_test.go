// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/ifconfigmodel"
	"github.com/go-fhrp/fhrp/vip"
)

// The tests below are named after the findings in the recordings of FreeBSD 13, by number; testdata/freebsd-13/README.md
// has the list. Most have two halves: what ifconfig does when it is asked in the plain way, and that the backend does
// not ask that way.

// routes returns the IPv4 routes of the host.
func (b *bsd) routes() string { return b.Model.Run("netstat", "-rn", "-f", "inet").Stdout }

// listed returns the line of an address, without its blanks.
func (b *bsd) listed(t *testing.T, address string) string {
	t.Helper()
	for line := range strings.Lines(b.ifconfig(t)) {
		if words := strings.Fields(line); len(words) > 1 && words[1] == address {
			return strings.Join(words, " ")
		}
	}
	return ""
}

func TestFinding01AddingAgainIsNotNothing(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{})
	plain.ifconfig(t, "inet", "192.0.2.2/24", "alias")
	if strings.Contains(plain.routes(), "default") {
		t.Error("the default route outlives it")
	}
	b := newBSD(t, ifconfigmodel.Config{})
	before := b.routes() + b.ifconfig(t)
	b.mustAdd(t, "192.0.2.2/24", "fe80::ff:fe00:2/64")
	if after := b.routes() + b.ifconfig(t); after != before || len(b.Announced()) > 0 {
		t.Errorf("before:\n%s\nafter:\n%s\nannounced: %v", before, after, b.Announced())
	}
	b.wantChanges(t)
}

func TestFinding02AnotherMaskIsTakenWithoutComplaint(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{})
	plain.ifconfig(t, "inet", "192.0.2.2/32", "alias")
	plain.wantHeld(t, false, "192.0.2.2/24")
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustAdd(t, "2001:db8::100/128")
	other := prefixes("192.0.2.2/32", "2001:db8::100/64")
	err := b.Add(t.Context(), other)
	if !errors.Is(err, vip.ErrPrefixLength) || len(err.(interface{ Unwrap() []error }).Unwrap()) != 2 {
		t.Errorf("Add: %v", err)
	}
	b.wantHeld(t, true, "192.0.2.2/24", "2001:db8::100/128")
	// nor within one call
	if err := b.Add(t.Context(), prefixes("192.0.2.100/24", "192.0.2.100/32")); !errors.Is(err, vip.ErrPrefixLength) {
		t.Errorf("Add: %v", err)
	}
	b.wantHeld(t, true, "192.0.2.100/24")
}

func TestFinding03DeletingWhatIsAbsentFails(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustRemove(t, "192.0.2.100/32", "2001:db8::100/128")
	b.wantChanges(t) // TestIfconfigChangesMeanwhile: and where it went a moment ago, its failure is no error
}

func TestFinding04DeletingIgnoresTheLength(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{})
	plain.ifconfig(t, "inet", "192.0.2.2/32", "-alias")
	plain.wantHeld(t, false, "192.0.2.2/24")
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustAdd(t, "2001:db8::100/128")
	b.mustRemove(t, "192.0.2.2/32", "192.0.2.2/25", "2001:db8::100/64", "fe80::ff:fe00:2/128")
	b.wantHeld(t, true, "192.0.2.2/24", "2001:db8::100/128", "fe80::ff:fe00:2/64")
}

func TestFinding05AMissingWordDeletesTheFirstAddress(t *testing.T) {
	for _, words := range [][]string{{"inet", "-alias"}, {"inet", "192.0.2.100/32"}} {
		plain := newBSD(t, ifconfigmodel.Config{})
		plain.ifconfig(t, words...)
		plain.wantHeld(t, false, "192.0.2.2/24")
	}
	b := newBSD(t, ifconfigmodel.Config{})
	addrs := append(prefixes("192.0.2.100/32", "2001:db8::100/128"), netip.Prefix{}, netip.PrefixFrom(netip.Addr{}, 32),
		netip.PrefixFrom(netip.MustParseAddr("192.0.2.1"), 33))
	for _, change := range []func(context.Context, []netip.Prefix) error{b.Add, b.Remove} {
		if err := change(t.Context(), addrs); !errors.Is(err, vip.ErrAddress) {
			t.Errorf("error: %v", err)
		}
	}
	b.wantChanges(t,
		"inet 192.0.2.100/32 alias", "inet6 2001:db8::100/128 no_dad alias", "inet6 -no_dad",
		"inet 192.0.2.100/32 -alias", "inet6 2001:db8::100/128 -alias")
	b.wantHeld(t, true, "192.0.2.2/24", "fe80::ff:fe00:2/64")
}

func TestFinding06WordOrderMatters(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{})
	plain.ifconfig(t, "inet6", "2001:db8::100/128", "alias")
	if r := plain.Model.Run("ifconfig", ifconfigmodel.Interface, "inet6", "-alias", "2001:db8::100"); r.Exit == 0 {
		t.Error("the other order works")
	}
	b := newBSD(t, ifconfigmodel.Config{})
	all := []string{"192.0.2.100/32", "2001:db8::100/128", "fe80::100/64"}
	b.mustAdd(t, all...)
	b.mustRemove(t, all...)
	b.wantHeld(t, false, all...)
}

func TestFinding07NothingIsChecked(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{})
	for _, words := range []string{
		"inet 192.0.2.255/32 alias", "inet 224.0.0.1/32 alias", "inet6 2001:db8::1/0 alias", "inet 10.0.0.1 alias",
		"inet 192.0.2.100 netmask 255.0.255.0 alias",
	} {
		plain.ifconfig(t, strings.Fields(words)...)
	}
	plain.wantHeld(t, true, "2001:db8::1/128", "10.0.0.1/8")
	// One whose mask has holes is not what anybody asks for: it stays, and is not listed.
	err := plain.Add(t.Context(), prefixes("192.0.2.100/32"))
	if !errors.Is(err, vip.ErrPrefixLength) || !strings.Contains(err.Error(), "holes") {
		t.Errorf("Add: %v", err)
	}
	plain.mustRemove(t, "192.0.2.100/32", "192.0.2.100/16", "192.0.2.100/8")
	if list, err := plain.List(t.Context()); err != nil || len(list) != 6 || plain.listed(t, "192.0.2.100") == "" {
		t.Errorf("List: %v, %v", list, err)
	}
	b := newBSD(t, ifconfigmodel.Config{})
	bad := prefixes("192.0.2.255/32", "192.0.2.255/24", "255.255.255.255/32", "224.0.0.1/32", "0.0.0.0/32", "ff02::5/128",
		"192.0.2.100/0", "2001:db8::1/0", "::/128")
	err = b.Add(t.Context(), bad)
	for i, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		if a, ok := errors.AsType[*vip.AddrError](e); !ok || a.Prefix != bad[i] || !errors.Is(a, vip.ErrAddress) {
			t.Errorf("error %d: %v, want one about %v", i, e, bad[i])
		}
	}
	b.wantChanges(t)
}

func TestFinding08AddingBringsTheInterfaceUp(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{})
	plain.ifconfig(t, "down")
	plain.ifconfig(t, "inet", "192.0.2.100/32", "alias")
	if !strings.Contains(plain.ifconfig(t), "<UP,") {
		t.Error("the interface stays down")
	}
	b := newBSD(t, ifconfigmodel.Config{})
	held := []string{"192.0.2.101/32", "2001:db8::101/128"}
	b.mustAdd(t, held...)
	b.ifconfig(t, "down")
	for _, p := range prefixes("192.0.2.100/32", "2001:db8::100/128") {
		if err := b.Add(t.Context(), []netip.Prefix{p}); !errors.Is(err, vip.ErrDown) {
			t.Errorf("Add(%v): %v", p, err)
		}
	}
	b.mustAdd(t, held...)
	b.mustRemove(t, held...)
	b.wantHeld(t, false, held...)
	if strings.Contains(b.ifconfig(t), "<UP,") {
		t.Error("the interface came up")
	}
	b.ifconfig(t, "up")
	b.mustAdd(t, held...)
}

// A route that is not the backend's gives way to that of an address when it is added: FreeBSD does not say so and it
// can't be helped. It must not happen each time the address is made sure of.
func TestFinding09AStaticRouteIsReplaced(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.Model.Run("route", "add", "-host", "198.51.100.9", "192.0.2.1")
	b.mustAdd(t, "198.51.100.9/32")
	if strings.Contains(b.routes(), "UGHS") {
		t.Error("the static route is still there")
	}
	b.Model.Run("route", "add", "-host", "198.51.100.10", "198.51.100.9") // bound to the address
	before := b.routes()
	b.mustAdd(t, "198.51.100.9/32")
	if after := b.routes(); after != before || !strings.Contains(after, "UGHS") {
		t.Errorf("routes before:\n%s\nafter:\n%s", before, after)
	}
}

func TestFinding10OneGratuitousARPForEachAdd(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	for range 3 {
		b.mustAdd(t, "192.0.2.100/32", "192.0.2.101/24", "2001:db8::100/128")
	}
	b.mustRemove(t, "192.0.2.100/32")
	want := []netip.Addr{netip.MustParseAddr("192.0.2.100"), netip.MustParseAddr("192.0.2.101")}
	if got := b.Announced(); !slices.Equal(got, want) {
		t.Errorf("announced: %v, want %v", got, want)
	}
}

func TestFinding11FamiliesComeInAnyOrder(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.ifconfig(t, "inet", "192.0.2.2/24", "alias") // is last now
	out := b.ifconfig(t)
	if strings.Index(out, "\tinet6 ") > strings.Index(out, "\tinet ") {
		t.Errorf("IPv4 comes first:\n%s", out)
	}
	list, err := b.List(t.Context())
	want := prefixes("fe80::ff:fe00:2/64", "192.0.2.2/24")
	if err != nil || !slices.Equal(list, want) {
		t.Errorf("List: %v, %v; want %v", list, err, want)
	}
}

func TestFinding12AReaddedDuplicateLooksHealthy(t *testing.T) {
	const address = "2001:db8::d00d"
	start := func() *bsd {
		b := newBSD(t, ifconfigmodel.Config{})
		b.Neighbour(netip.MustParseAddr(address))
		b.ifconfig(t, "inet6", address+"/128", "alias")
		b.Pass(2500 * time.Millisecond)
		return b
	}
	plain := start()
	plain.ifconfig(t, "inet6", address+"/128", "alias")
	if got := plain.listed(t, address); strings.Contains(got, "duplicated") {
		t.Errorf("the mark is still there: %s", got)
	}
	b := start()
	for range 2 {
		if err := b.Add(t.Context(), prefixes(address+"/128")); !errors.Is(err, vip.ErrDuplicate) {
			t.Errorf("Add: %v", err)
		}
		if got := b.listed(t, address); !strings.Contains(got, "duplicated") {
			t.Errorf("the mark is gone: %s", got)
		}
	}
	b.mustRemove(t, address+"/128")
	b.mustAdd(t, address+"/128")
	if got := b.listed(t, address); got != "inet6 "+address+" prefixlen 128" {
		t.Errorf("listed: %s", got)
	}
}

func TestFinding13NoDADIsAnOptionOfTheInterface(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{})
	plain.ifconfig(t, "inet6", "2001:db8::100/128", "no_dad", "alias")
	if !strings.Contains(plain.ifconfig(t), "NO_DAD") {
		t.Error("no_dad does not stay")
	}
	plain.mustAdd(t, "2001:db8::101/128") // whoever set it wants it
	if !strings.Contains(plain.ifconfig(t), "NO_DAD") {
		t.Error("no_dad of somebody else was taken back")
	}
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustAdd(t, "2001:db8::100/128", "2001:db8::101/64", "fe80::100/64")
	if err := b.Add(t.Context(), prefixes("::1/128")); !errors.Is(err, syscall.EINVAL) { // with the option set already
		t.Errorf("Add: %v", err)
	}
	b.ifconfig(t, "inet6", "2001:db8::102/128", "alias") // of somebody else
	out := b.ifconfig(t)
	if strings.Contains(out, "NO_DAD") || strings.Count(out, "tentative") != 1 {
		t.Errorf("listed:\n%s", out)
	}
}

// A release without no_dad leaves the address tentative for a moment. It is there.
func TestFinding13WithoutNoDAD(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{WithoutNoDAD: true})
	b.mustAdd(t, "2001:db8::100/128", "2001:db8::101/128")
	b.wantChanges(t,
		"inet6 2001:db8::100/128 no_dad alias", "inet6 2001:db8::100/128 alias", "inet6 2001:db8::101/128 alias")
	b.mustAdd(t, "2001:db8::100/128")
}

// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/ifconfigmodel"
	"github.com/go-fhrp/fhrp/vip"
)

// The findings 14 to 23 are about the kernel's carp(4). The backend has no part in it: it never says vhid, and leaves
// the addresses of vhids alone.

// newCARP returns a host that is master of vhid 1 with two addresses of IPv4 and one of IPv6.
func newCARP(t *testing.T) *bsd {
	t.Helper()
	b := newBSD(t, ifconfigmodel.Config{CARP: true})
	b.ifconfig(t, "vhid", "1", "advskew", "100", "pass", "mypass", "192.0.2.200/24", "alias")
	b.ifconfig(t, "inet", "vhid", "1", "192.0.2.201/32", "alias")
	b.ifconfig(t, "inet6", "vhid", "1", "2001:db8::200/128", "alias")
	b.Pass(5 * time.Second)
	if got := b.vhids(t); !slices.Equal(got, []string{"carp: MASTER vhid 1 advbase 1 advskew 100"}) {
		t.Fatalf("vhids: %q", got)
	}
	return b
}

// ofVHID1 are the addresses of vhid 1.
func ofVHID1() []string { return []string{"192.0.2.200/24", "192.0.2.201/32", "2001:db8::200/128"} }

// vhids returns the lines about vhids.
func (b *bsd) vhids(t *testing.T) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(b.ifconfig(t)) {
		if strings.HasPrefix(line, "\tcarp: ") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

// wantCARP checks that an error is ErrCARP for each address.
func wantCARP(t *testing.T, op string, err error, addrs []netip.Prefix) {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != len(addrs) {
		t.Fatalf("%s: %v, want an error for each of %v", op, err, addrs)
	}
	for _, e := range joined.Unwrap() {
		if !errors.Is(e, vip.ErrCARP) || !strings.Contains(e.Error(), "vhid 1") {
			t.Errorf("%s: %v", op, e)
		}
	}
}

func TestFinding14WithoutTheModuleNothingWorksWithAVHID(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{})
	if r := plain.Model.Run("ifconfig", ifconfigmodel.Interface, "inet", "192.0.2.2/24", "vhid", "1", "-alias"); r.Exit == 0 {
		t.Error("it works")
	}
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustAdd(t, "192.0.2.100/32", "2001:db8::100/128")
	b.mustRemove(t, "192.0.2.100/32", "2001:db8::100/128")
	b.wantHeld(t, false, "192.0.2.100/32", "2001:db8::100/128")
}

func TestFinding15AnyMentionCreatesTheVHID(t *testing.T) {
	plain := newBSD(t, ifconfigmodel.Config{CARP: true})
	plain.Model.Run("ifconfig", ifconfigmodel.Interface, "inet", "vhid", "7", "192.0.2.77", "-alias")
	if got := plain.vhids(t); !slices.Equal(got, []string{"carp: INIT vhid 7 advbase 1 advskew 0"}) {
		t.Errorf("vhids: %q", got)
	}
	b := newBSD(t, ifconfigmodel.Config{CARP: true})
	b.mustAdd(t, "192.0.2.100/32", "2001:db8::100/128")
	b.mustRemove(t, "192.0.2.100/32", "2001:db8::100/128", "192.0.2.101/32")
	if got := b.vhids(t); len(got) != 0 {
		t.Errorf("vhids: %q", got)
	}
}

// Finding 16 is about the order of the words and about passwords. None of the words is said, and no password is read
// (flag -k) that an error could show.
func TestFinding16WordsOfVHIDsAreNotSaid(t *testing.T) {
	b := newCARP(t)
	err := b.Add(t.Context(), prefixes(append(ofVHID1(), "192.0.2.100/32", "2001:db8::100/128")...))
	if strings.Contains(err.Error(), "mypass") {
		t.Errorf("error: %v", err)
	}
	_ = b.Remove(t.Context(), prefixes(append(ofVHID1(), "192.0.2.100/32", "2001:db8::100/128")...))
	for _, args := range b.calls {
		for _, word := range args {
			if slices.Contains([]string{"vhid", "advskew", "advbase", "pass", "state", "-k"}, word) {
				t.Errorf("command %v", args)
			}
		}
	}
}

func TestFinding17EachChangeRestartsTheVHID(t *testing.T) {
	plain := newCARP(t)
	plain.ifconfig(t, "inet", "192.0.2.201/32", "-alias")
	if got := plain.vhids(t); !strings.HasPrefix(got[0], "carp: BACKUP") {
		t.Errorf("vhids: %q", got)
	}
	b := newCARP(t)
	before := b.ifconfig(t) + b.routes()
	all := prefixes(ofVHID1()...)
	wantCARP(t, "Add", b.Add(t.Context(), all), all)
	wantCARP(t, "Remove", b.Remove(t.Context(), all), all)
	b.mustAdd(t, "192.0.2.100/24", "192.0.2.101/32", "2001:db8::100/128")
	b.mustRemove(t, "192.0.2.100/24", "192.0.2.101/32", "2001:db8::100/128")
	if after := b.ifconfig(t) + b.routes(); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestFinding18TheHashCoversAllAddresses(t *testing.T) {
	b := newCARP(t)
	b.mustAdd(t, "192.0.2.100/32", "2001:db8::100/128")
	_ = b.Remove(t.Context(), prefixes(ofVHID1()...))
	if got := strings.Count(b.ifconfig(t), " vhid 1\n"); got != 3 {
		t.Errorf("vhid 1 has %d addresses, want 3", got)
	}
}

func TestFinding19AliasWithoutVHIDTakesTheAddressOutOfIt(t *testing.T) {
	plain := newCARP(t)
	plain.ifconfig(t, "inet", "192.0.2.201/32", "alias")
	if got := plain.listed(t, "192.0.2.201"); strings.Contains(got, "vhid") {
		t.Errorf("listed: %s", got)
	}
	b := newCARP(t)
	// also with another length than it has
	all := prefixes("192.0.2.200/24", "192.0.2.200/32", "192.0.2.201/32", "2001:db8::200/128", "2001:db8::200/64")
	wantCARP(t, "Add", b.Add(t.Context(), all), all)
	b.wantChanges(t)
}

func TestFinding20PresenceIsNotOwnership(t *testing.T) {
	b := newCARP(t)
	b.Peer(1, 0)
	b.Pass(2 * time.Second)
	if got := b.vhids(t); !strings.HasPrefix(got[0], "carp: BACKUP") {
		t.Fatalf("vhids: %q", got)
	}
	all := prefixes(ofVHID1()...)
	wantCARP(t, "Add", b.Add(t.Context(), all), all) // the host does not answer for them, so nil would be a lie
	list, err := b.List(t.Context())
	for _, p := range all {
		if err != nil || !slices.Contains(list, p) {
			t.Errorf("List: %v, %v; want %v among them", list, err, p)
		}
	}
}

func TestFinding21TheLastAddressGoesWithoutAGoodbye(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{CARP: true})
	b.ifconfig(t, "vhid", "1", "192.0.2.200/32", "alias")
	b.Pass(5 * time.Second)
	last := prefixes("192.0.2.200/32")
	wantCARP(t, "Remove", b.Remove(t.Context(), last), last)
	b.mustRemove(t, "192.0.2.200/24") // which isn't there
	if got := b.vhids(t); len(got) != 1 || !strings.HasPrefix(got[0], "carp: MASTER") {
		t.Errorf("vhids: %q", got)
	}
}

// Findings 22 and 23 are about what the kernel sends for a vhid, and about setting its state by hand. The backend has
// the kernel send nothing for one and sets no state.
func TestFinding22And23VHIDsAreLeftAlone(t *testing.T) {
	b := newCARP(t)
	before := b.vhids(t)
	_ = b.Add(t.Context(), prefixes(append(ofVHID1(), "192.0.2.100/32")...))
	_ = b.Remove(t.Context(), prefixes(append(ofVHID1(), "192.0.2.100/32")...))
	if got := b.vhids(t); !slices.Equal(got, before) {
		t.Errorf("vhids: %q, want %q", got, before)
	}
	if got := b.Announced(); !slices.Equal(got, []netip.Addr{netip.MustParseAddr("192.0.2.100")}) {
		t.Errorf("announced: %v", got)
	}
	b.wantChanges(t, "inet 192.0.2.100/32 alias", "inet 192.0.2.100/32 -alias")
}

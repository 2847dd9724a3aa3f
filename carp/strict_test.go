// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"testing"
)

var strictPeer = netip.MustParseAddr("192.0.2.1")

// A copy with another interval or demotion is refused, whoever seems to send it.
func TestStrictRefusesAChangedCopy(t *testing.T) {
	original := Advertisement{VHID: 42, AdvBase: 1, AdvSkew: 100, Demote: 1, Counter: 7, Digest: digestOf(7)}
	var s strict
	if err := s.check(strictPeer, &original); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Advertisement){
		"advbase":       func(a *Advertisement) { a.AdvBase = 0 },
		"advskew":       func(a *Advertisement) { a.AdvSkew = 0 },
		"demote":        func(a *Advertisement) { a.Demote = 0 },
		"bow-out":       func(a *Advertisement) { a.AdvBase, a.AdvSkew = 255, 255 },
		"made a repeat": func(a *Advertisement) { a.AdvSkew++ },
	} {
		changed := original
		change(&changed)
		for _, src := range []netip.Addr{strictPeer, netip.MustParseAddr("192.0.2.66")} {
			if err := s.check(src, &changed); err != ErrReplayed {
				t.Errorf("%s from %v: %v", name, src, err)
			}
		}
	}
	if err := s.check(strictPeer, &original); err != nil {
		t.Errorf("the original again: %v", err)
	}
}

// One of this host's own is known, too.
func TestStrictRefusesAChangedCopyOfAnOwnOne(t *testing.T) {
	own := Advertisement{VHID: 42, AdvBase: 1, AdvSkew: 100, Digest: digestOf(7)}
	var s strict
	s.remember(&own)
	own.AdvSkew = 0
	if err := s.check(strictPeer, &own); err != ErrReplayed {
		t.Errorf("%v", err)
	}
}

func TestStrictSources(t *testing.T) {
	s := strict{sources: []netip.Addr{strictPeer, netip.MustParseAddr("fe80::1")}}
	for n, c := range []struct {
		src  string
		want error
	}{
		{"192.0.2.1", nil}, {"fe80::1", nil}, {"fe80::1%eth0", nil}, {"192.0.2.66", ErrSource}, {"fe80::66", ErrSource}, {"0.0.0.0", ErrSource},
	} {
		if err := s.check(netip.MustParseAddr(c.src), &Advertisement{Digest: digestOf(n)}); err != c.want {
			t.Errorf("%s: %v, want %v", c.src, err, c.want)
		}
	}
}

// The memory is bounded, and what it can hold is in it.
func TestStrictMemory(t *testing.T) {
	var s strict
	for n := range 3 * strictMemory {
		a := Advertisement{AdvBase: 1, Digest: digestOf(n)}
		if err := s.check(strictPeer, &a); err != nil {
			t.Fatal(n, err)
		}
		if oldest := n - strictMemory + 1; oldest >= 0 {
			changed := Advertisement{Digest: digestOf(oldest)}
			if err := s.check(strictPeer, &changed); err != ErrReplayed {
				t.Fatalf("after %d, of %d: %v", n, oldest, err)
			}
		}
		if len(s.known) > strictMemory || len(s.order) > strictMemory || len(s.known) != len(s.order) {
			t.Fatalf("%d digests, %d in order", len(s.known), len(s.order))
		}
	}
	constant := Advertisement{AdvBase: 1, Digest: digestOf(3*strictMemory - 1)}
	for range 2 * strictMemory { // the same one again takes no room
		if err := s.check(strictPeer, &constant); err != nil {
			t.Fatal(err)
		}
	}
	if changed := (Advertisement{Digest: digestOf(2 * strictMemory)}); s.check(strictPeer, &changed) != ErrReplayed {
		t.Error("forgotten for repetitions of another one")
	}
}

// SPDX-License-Identifier: Apache-2.0

package carp

import "testing"

// A copy with another interval or demotion is refused.
func TestStrictRefusesAChangedCopy(t *testing.T) {
	original := Advertisement{VHID: 42, AdvBase: 1, AdvSkew: 100, Demote: 1, Counter: 7, Digest: digestOf(7)}
	var s strict
	if !s.accepts(&original) {
		t.Fatal("the original is refused")
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
		if s.accepts(&changed) {
			t.Errorf("%s: accepted", name)
		}
	}
	if !s.accepts(&original) {
		t.Error("the original is refused")
	}
}

// One of this host's own is known, too.
func TestStrictRefusesAChangedCopyOfAnOwnOne(t *testing.T) {
	own := Advertisement{VHID: 42, AdvBase: 1, AdvSkew: 100, Digest: digestOf(7)}
	var s strict
	s.remember(&own)
	own.AdvSkew = 0
	if s.accepts(&own) {
		t.Error("accepted")
	}
}

// The memory is bounded, and what it can hold is in it.
func TestStrictMemory(t *testing.T) {
	var s strict
	for n := range 3 * strictMemory {
		a := Advertisement{AdvBase: 1, Digest: digestOf(n)}
		if !s.accepts(&a) {
			t.Fatal(n)
		}
		if oldest := n - strictMemory + 1; oldest >= 0 {
			changed := Advertisement{Digest: digestOf(oldest)}
			if s.accepts(&changed) {
				t.Fatalf("after %d, of %d: accepted", n, oldest)
			}
		}
		if len(s.known) > strictMemory || len(s.order) > strictMemory || len(s.known) != len(s.order) {
			t.Fatalf("%d digests, %d in order", len(s.known), len(s.order))
		}
	}
	constant := Advertisement{AdvBase: 1, Digest: digestOf(3*strictMemory - 1)}
	for range 2 * strictMemory { // the same one again takes no room
		if !s.accepts(&constant) {
			t.Fatal("refused")
		}
	}
	if changed := (Advertisement{Digest: digestOf(2 * strictMemory)}); s.accepts(&changed) {
		t.Error("forgotten for repetitions of another one")
	}
}

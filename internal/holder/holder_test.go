// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"errors"
	"testing"

	"github.com/go-fhrp/fhrp/internal/holder"
)

var errBackend = errors.New("backend")

// TestOrder: addresses come before others go, so that a change of the configuration leaves no moment without an address,
// and announcements come last, so that a slow announcer keeps neither waiting.
func TestOrder(t *testing.T) {
	b := newBench(t)
	b.holder.Remove(prefixes("10.0.0.9/24"))
	b.holder.Announce(prefixes("10.0.0.3/24"), 1)
	b.holder.Add(prefixes("10.0.0.1/24", "10.0.0.2/24"))
	b.want()
	b.work()
	b.want(
		"add 10.0.0.1/24 10.0.0.2/24", "added: <nil>",
		"remove 10.0.0.9/24", "removed: <nil>",
		"announce eth0 10.0.0.3", "announced: <nil>",
		"idle")
	b.wantHeld(prefixes("10.0.0.1/24", "10.0.0.2/24")...)
}

// TestAnnounceCount: all that is to be announced is in each round, as often as was asked for.
func TestAnnounceCount(t *testing.T) {
	b := newBench(t)
	b.holder.Announce(prefixes("10.0.0.1/24", "fe80::1/64"), 2)
	b.holder.Announce(prefixes("10.0.0.2/24"), 1)
	b.work()
	b.want(
		"announce eth0 10.0.0.1 fe80::1 10.0.0.2", "announced: <nil>",
		"announce eth0 10.0.0.1 fe80::1", "announced: <nil>",
		"idle")
}

// TestAnnounceCountMerged: of several counts for one address the largest is what is done.
func TestAnnounceCountMerged(t *testing.T) {
	b := newBench(t)
	for _, count := range []int{1, 3, 2} {
		b.holder.Announce(prefixes("10.0.0.1/24"), count)
	}
	b.work()
	b.want(
		"announce eth0 10.0.0.1", "announced: <nil>",
		"announce eth0 10.0.0.1", "announced: <nil>",
		"announce eth0 10.0.0.1", "announced: <nil>",
		"idle")
}

// TestAddTriesAll: one piece that fails doesn't keep the others from being added and announced, and all that is wrong is
// reported at once.
func TestAddTriesAll(t *testing.T) {
	b := newBench(t)
	b.fail("add 10.0.0.0/32 to 10.0.0.63/32: 64", errBackend)
	b.holder.Add(many(70))
	b.holder.Announce(many(70), 1)
	b.work()
	b.want(
		"add 10.0.0.0/32 to 10.0.0.63/32: 64",
		"add 10.0.0.64/32 to 10.0.0.69/32: 6", "announce eth0 10.0.0.64 to 10.0.0.69: 6", "announced: <nil>",
		"added: backend",
		"idle")
	b.wantHeld(many(70)...) // which of them can't be known
}

// TestFailedAddIsNotAnnounced: a host doesn't claim an address that it has not.
func TestFailedAddIsNotAnnounced(t *testing.T) {
	b := newBench(t)
	b.fail("add 10.0.0.1/24", errBackend)
	b.holder.Add(prefixes("10.0.0.1/24"))
	b.holder.Announce(prefixes("10.0.0.1/24"), 3)
	b.work()
	b.want("add 10.0.0.1/24", "added: backend", "idle")
}

// TestRemovedIsNotAnnounced: the same for one that is no longer wished for when its turn comes.
func TestRemovedIsNotAnnounced(t *testing.T) {
	b := newBench(t)
	b.holder.Add(prefixes("10.0.0.1/24", "10.0.0.2/24"))
	b.holder.Announce(prefixes("10.0.0.1/24", "10.0.0.2/24"), 2)
	b.holder.Remove(prefixes("10.0.0.2/24"))
	b.work()
	b.want(
		"add 10.0.0.1/24", "announce eth0 10.0.0.1", "announced: <nil>", "added: <nil>",
		"remove 10.0.0.2/24", "removed: <nil>",
		"announce eth0 10.0.0.1", "announced: <nil>",
		"idle")
}

// TestAddAgain: the backend is asked to make sure of an address that is held.
func TestAddAgain(t *testing.T) {
	b := newBench(t)
	for range 2 {
		b.holder.Add(prefixes("10.0.0.1/24"))
		b.work()
		b.want("add 10.0.0.1/24", "added: <nil>", "idle")
	}
	b.wantHeld(prefixes("10.0.0.1/24")...)
}

// TestLastWishCounts: what is wished for before the work begins is merged.
func TestLastWishCounts(t *testing.T) {
	b := newBench(t)
	b.holder.Add(prefixes("10.0.0.1/24", "10.0.0.2/24"))
	b.holder.Remove(prefixes("10.0.0.1/24", "10.0.0.3/24"))
	b.holder.Add(prefixes("10.0.0.2/24", "10.0.0.3/24"))
	b.work()
	b.want("add 10.0.0.2/24 10.0.0.3/24", "added: <nil>", "remove 10.0.0.1/24", "removed: <nil>", "idle")
	b.wantHeld(prefixes("10.0.0.2/24", "10.0.0.3/24")...)
}

func TestFailedRemovalStaysHeld(t *testing.T) {
	b := newBench(t)
	b.holder.Add(prefixes("10.0.0.1/24"))
	b.work()
	b.want("add 10.0.0.1/24", "added: <nil>", "idle")

	b.fail("remove 10.0.0.1/24", errBackend)
	b.holder.Remove(prefixes("10.0.0.1/24"))
	b.work()
	b.want("remove 10.0.0.1/24", "removed: backend", "idle")
	b.wantHeld(prefixes("10.0.0.1/24")...)

	b.fail("remove 10.0.0.1/24", nil)
	b.holder.Remove(prefixes("10.0.0.1/24"))
	b.work()
	b.want("remove 10.0.0.1/24", "removed: <nil>", "idle")
	b.wantHeld()
}

// TestOtherPrefixLength: of IPv6 the kernel knows an address once, whatever its prefix length, so that removing one
// takes the other along. It is put back, and how that went is told like any other outcome of adding.
func TestOtherPrefixLength(t *testing.T) {
	b := newBench(t)
	b.holder.Add(prefixes("fd00::1/64", "fd00::2/64"))
	b.work()
	b.want("add fd00::1/64 fd00::2/64", "added: <nil>", "idle")

	b.holder.Add(prefixes("fd00::1/128"))
	b.holder.Remove(prefixes("fd00::1/64"))
	b.work()
	b.want("add fd00::1/128", "added: <nil>", "remove fd00::1/64", "add fd00::1/128", "added: <nil>", "removed: <nil>", "idle")
	b.wantHeld(prefixes("fd00::2/64", "fd00::1/128")...)

	b.fail("add fd00::2/64", errBackend)
	b.holder.Remove(prefixes("fd00::2/128"))
	b.work()
	b.want("remove fd00::2/128", "add fd00::2/64", "added: backend", "removed: <nil>", "idle")
}

// TestWithoutBackend: the role alone can be of use, and the outcome is reported all the same.
func TestWithoutBackend(t *testing.T) {
	b := newBench(t)
	cfg := b.config()
	cfg.Backend, cfg.Announcer = nil, nil
	b.holder = holder.New(cfg)
	b.holder.Add(prefixes("10.0.0.1/24"))
	b.holder.Announce(prefixes("10.0.0.1/24"), 3)
	b.work()
	b.want("added: <nil>", "idle")
	b.wantHeld(prefixes("10.0.0.1/24")...)
	b.holder.Remove(prefixes("10.0.0.1/24"))
	b.work()
	b.want("removed: <nil>", "idle")
	b.wantHeld()
}

func TestFailedAnnouncement(t *testing.T) {
	b := newBench(t)
	b.fail("announce eth0 10.0.0.1", errBackend)
	b.holder.Announce(prefixes("10.0.0.1/24"), 2)
	b.work()
	b.want("announce eth0 10.0.0.1", "announced: backend", "announce eth0 10.0.0.1", "announced: backend", "idle")
}

func TestSilenceBeforeTheWork(t *testing.T) {
	b := newBench(t)
	b.holder.Add(prefixes("10.0.0.1/24"))
	b.holder.Announce(prefixes("10.0.0.1/24"), 3)
	b.holder.Silence()
	b.work()
	b.want("add 10.0.0.1/24", "added: <nil>", "idle")
	b.holder.Announce(prefixes("10.0.0.1/24"), 1)
	b.work()
	b.want("announce eth0 10.0.0.1", "announced: <nil>", "idle")
}

func TestIdle(t *testing.T) {
	b := newBench(t)
	var idle bool
	cfg := b.config()
	cfg.Idle = func() { idle = b.holder.Idle() }
	b.holder = holder.New(cfg)
	if !b.holder.Idle() {
		t.Error("a new holder isn't idle")
	}
	b.holder.Add(prefixes("10.0.0.1/24"))
	if b.holder.Idle() {
		t.Error("idle while work waits")
	}
	b.work()
	if !idle {
		t.Error("not idle when Idle of Config was called")
	}
}

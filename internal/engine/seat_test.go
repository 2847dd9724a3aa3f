// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// What can't take part leaves nothing behind.
func TestAddRefuses(t *testing.T) {
	b := newBench(t)
	b.add(1)
	b.add(6, func(c *engine.SeatConfig) { c.Legs[0].Group, c.Addresses = group6, prefixes("2001:db8::1/128") })
	users := b.network.users()
	var used *engine.InUseError
	for name, change := range map[string]func(*engine.SeatConfig){
		"the same identifier":               func(c *engine.SeatConfig) { c.ID = 1 },
		"the same identifier on the second": func(c *engine.SeatConfig) { both(c); c.ID = 6 },
		"the same leg twice":                func(c *engine.SeatConfig) { c.Legs = append(c.Legs, c.Legs...) },
		"another one's address":             func(c *engine.SeatConfig) { c.Addresses = prefixes("192.0.2.101/24") },
	} {
		if _, err := b.tryAdd(2, change); !errors.As(err, &used) || !strings.Contains(err.Error(), "in use") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.tryAdd(2, func(c *engine.SeatConfig) { c.Link = "eth9" }); err == nil || err.Error() != "no link eth9" {
		t.Errorf("no such link: %v", err)
	}
	if got := b.network.users(); got != users || len(b.engine.Members()) != 2 {
		t.Errorf("%d users of ports, want %d; %d members", got, users, len(b.engine.Members()))
	}
	b.add(2, both)
	b.engine.Stop()
	b.turn()
	if _, err := b.tryAdd(3); !errors.Is(err, errClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestMembersAreInOrder(t *testing.T) {
	b := newBench(t)
	var want []engine.Member
	for _, number := range []uint8{7, 3, 150} {
		want = append(want, b.add(number))
	}
	got := b.engine.Members()
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("members %v, want %v", got, want)
		}
	}
}

// A seat that is stopped says goodbye, keeps its addresses, and has none at the end.
func TestStopHandsOver(t *testing.T) {
	b := newBench(t)
	m := b.add(1, with(&backend{bench: b}))
	b.add(2)
	b.turn()
	m.hold()
	b.turn()
	b.forget()
	b.engine.Stop()
	until, done := b.turn()
	b.want("seat 1: shutdown, stopping", "seat 2: shutdown, stopping", "port 0 sends goodbye from 192.0.2.1 to 224.0.0.18")
	if done || until != b.now.Add(handOver) {
		t.Errorf("until %v, done %v", until, done)
	}
	if err := m.seat.Do(func(time.Time) error { return nil }); !errors.Is(err, errClosed) {
		t.Errorf("Do while stopping = %v", err)
	}
	b.network.setUp("eth0", false) // is nobody's business any more
	b.now = until
	if _, done = b.turn(); !done {
		t.Error("not done")
	}
	b.want("remove [192.0.2.101/32]", "seat 1: removed")
	if n := b.network.users(); n != 0 {
		t.Errorf("%d users of ports", n)
	}
}

// remove begins to remove a seat, and returns the outcome when there is one.
func remove(ctx context.Context, m *election) (outcome chan error) {
	outcome = make(chan error, 1)
	go func() { outcome <- m.seat.Remove(ctx) }()
	synctest.Wait()
	return outcome
}

func TestRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		m, other := b.add(1, with(&backend{bench: b})), b.add(2)
		b.turn()
		m.hold()
		b.turn()
		b.forget()
		outcome := remove(t.Context(), m)
		b.advance(handOver)
		if err := <-outcome; err != nil {
			t.Errorf("Remove = %v", err)
		}
		b.want("seat 1: shutdown, stopping", "port 0 sends goodbye from 192.0.2.1 to 224.0.0.18", "remove [192.0.2.101/32]", "seat 1: removed")
		if err := m.seat.Remove(t.Context()); !errors.Is(err, errClosed) {
			t.Errorf("the second Remove = %v", err)
		}
		if p := other.seat.Leg(0).Port(); p.Member(1) != nil || p.Member(2) == nil {
			t.Errorf("members %v and %v", p.Member(1), p.Member(2))
		}
		b.add(1) // identifier and address are free
	})
}

// A seat without anything to hand over is gone at once, before the first turn too,
// and what it said is on the wire.
func TestRemoveAtOnce(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	b.turn()
	m.send("last word")
	b.forget()
	if err := m.seat.Remove(t.Context()); err != nil {
		t.Errorf("Remove = %v", err)
	}
	b.want("seat 1: shutdown, stopping", "port 0 sends last word from 192.0.2.1 to 224.0.0.18")
	if b.network.users() != 0 || len(b.engine.Members()) != 0 {
		t.Errorf("%d users of ports, %d members", b.network.users(), len(b.engine.Members()))
	}
}

// The removal goes on when nobody waits for it any more.
func TestRemoveIsNotWaitedFor(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	b.turn()
	m.hold()
	b.turn()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.seat.Remove(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Remove = %v", err)
	}
	b.advance(handOver)
	if len(b.engine.Members()) != 0 {
		t.Error("it is still there")
	}
}

func TestRemoveTellsWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		m := b.add(1, with(&backend{bench: b, fails: map[string]error{"remove": os.ErrPermission}}))
		b.turn()
		m.hold()
		b.turn()
		outcome := remove(t.Context(), m)
		b.advance(handOver)
		err := <-outcome
		if !errors.Is(err, os.ErrPermission) || !strings.HasPrefix(err.Error(), "test: seat 1: addresses left behind: [192.0.2.101/32]") {
			t.Errorf("Remove = %v", err)
		}
		b.wantLog("test: seat 1", 0)
		b.wantLog(`msg="addresses not removed" seat="seat 1"`, 1)
	})
}

// Reconfigure keeps what identifies the seat, and changes the rest.
func TestConfigure(t *testing.T) {
	b := newBench(t)
	d := &backend{bench: b}
	m := b.add(1, with(d))
	b.turn()
	m.hold()
	b.turn()
	b.forget()
	next := engine.Settings{Name: "another", Interval: 2 * time.Second, Addresses: prefixes("192.0.2.101/32", "192.0.2.111/32")}
	m.seat.Configure(next)
	m.seat.Holder.Add(next.Addresses[1:])
	m.seat.Settle()
	b.turn()
	b.want("add [192.0.2.111/32]", "seat 1: added: <nil>")
	if _, err := b.tryAdd(2, func(c *engine.SeatConfig) { c.Addresses = next.Addresses[1:] }); err == nil {
		t.Error("the new address isn't reserved")
	}
	d.fails = map[string]error{"add": errors.New("no space")}
	m.seat.Holder.Add(next.Addresses)
	b.turn()
	b.wantLog(`msg="addresses not added" seat=another error="no space" suppressed=0`, 1)
}

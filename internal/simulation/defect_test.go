// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// lying is a backend in the place of some of whose methods is another function.
type lying struct {
	leaser
	add, remove func(addrs []netip.Prefix) error
	lease       func(addrs []netip.Prefix, lifetime time.Duration) error
}

func (b lying) Add(ctx context.Context, addrs []netip.Prefix) error {
	if b.add != nil {
		return b.add(addrs)
	}
	return b.leaser.Add(ctx, addrs)
}

func (b lying) Remove(ctx context.Context, addrs []netip.Prefix) error {
	if b.remove != nil {
		return b.remove(addrs)
	}
	return b.leaser.Remove(ctx, addrs)
}

func (b lying) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	if b.lease != nil {
		return b.lease(addrs, lifetime)
	}
	return b.leaser.Lease(ctx, addrs, lifetime)
}

// tampered makes programs whose backend is another.
func tampered(tamper func(leaser) lying) func(*life) program {
	return func(l *life) program {
		l.tamper = func(b leaser) leaser {
			other := tamper(b)
			other.leaser = b
			return &other
		}
		return newProgram(l)
	}
}

// addsNothing says that it has added.
func addsNothing(leaser) lying {
	nothing := func([]netip.Prefix) error { return nil }
	return lying{add: nothing, lease: func([]netip.Prefix, time.Duration) error { return nil }}
}

// removesNothing says that it has removed.
func removesNothing(leaser) lying { return lying{remove: func([]netip.Prefix) error { return nil }} }

// leasesForGood adds for good where it is to lease.
func leasesForGood(b leaser) lying {
	return lying{lease: func(addrs []netip.Prefix, _ time.Duration) error { return b.Add(context.Background(), addrs) }}
}

// renewsSeldom forgets every second lease.
func renewsSeldom(b leaser) lying {
	count := 0
	return lying{lease: func(addrs []netip.Prefix, lifetime time.Duration) error {
		if count++; count%2 == 0 {
			return nil
		}
		return b.Lease(context.Background(), addrs, leastLease)
	}}
}

// stepped makes programs that do something else besides in each turn.
func stepped(after func(l *life, until time.Time) time.Time) func(*life) program {
	return func(l *life) program { return &eccentric{newProgram(l), l, after} }
}

type eccentric struct {
	program
	life  *life
	after func(l *life, until time.Time) time.Time
}

func (e *eccentric) Turn() (until time.Time, done bool) {
	until, done = e.program.Turn()
	return e.after(e.life, until), done
}

// answersRejected has a rejected packet bring the deadline forward.
func answersRejected(l *life, until time.Time) time.Time {
	if l.seen.rejected > 0 && !until.IsZero() {
		return until.Add(-1)
	}
	return until
}

// announcesAlways has a Backup announce addresses once in a while.
func announcesAlways(l *life, until time.Time) time.Time {
	for _, s := range l.st.seats {
		if s.running && !s.active && l.seen.accepted > 0 {
			_ = l.wire.Announce(context.Background(), link, [6]byte{}, []netip.Addr{s.pool[0].Addr()})
		}
	}
	return until
}

// forgetsWills has the guard know of nothing.
func forgetsWills(l *life, until time.Time) time.Time {
	clear(l.wills.list)
	return until
}

// neverClaims makes programs that wait for a day before they claim the role.
func neverClaims(l *life) program {
	var holds []time.Duration
	for _, s := range l.st.seats {
		holds = append(holds, s.is.StartupHold)
		s.is.StartupHold = 24 * time.Hour
	}
	p := newProgram(l)
	for i, s := range l.st.seats {
		s.is.StartupHold = holds[i]
	}
	return p
}

// deaf makes programs that hear nothing.
func deaf(l *life) program {
	l.wire.onReceive = func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) {}
	return newProgram(l)
}

// unaware makes programs that don't find out that they were suspended.
func unaware(l *life) program {
	l.wire.suspended = func() time.Duration { return 0 }
	return newProgram(l)
}

// clumsy is a place that is reconfigured by taking all addresses away first, or
// that can't be.
type clumsy struct {
	place
	backend backend
	err     error
}

func (c clumsy) reconfigure(s *seat) error {
	if c.err != nil {
		return c.err
	}
	if s.active {
		_ = c.backend.Remove(context.Background(), s.held())
		_ = c.backend.Add(context.Background(), s.held())
	}
	return c.place.reconfigure(s)
}

// reconfiguresClumsily makes programs that are.
func reconfiguresClumsily(err error) func(*life) program {
	return func(l *life) program {
		p := newProgram(l)
		for _, s := range l.st.seats {
			s.place = clumsy{s.place, s.backend(l), err}
		}
		return p
	}
}

// errRefused is why a program can't be reconfigured.
var errRefused = errors.New("refused")

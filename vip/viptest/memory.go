// SPDX-License-Identifier: Apache-2.0

// Package viptest helps to test programs that hold virtual addresses: [Memory] is a backend without a device, and
// [TestBackend] is the test that every backend must pass.
package viptest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/vip"
)

// A Call is a call of Add, Remove or Lease that has ended.
type Call struct {
	Op       string         // vip.OpAdd, vip.OpRemove or vip.OpLease
	Addrs    []netip.Prefix // as it was given them
	Lifetime time.Duration  // the same, of a Lease
	Err      error          // what it returned
}

// holding is an address that a Memory holds.
type holding struct {
	prefix netip.Prefix
	until  time.Time // end of its lease; zero: none
}

// Memory is a [vip.Leaser] that holds its addresses in memory, notes every call, and fails or blocks as it is told. A
// lease ends on time by the clock of package time. The zero value holds nothing. It is safe for concurrent use, and may
// be used in a bubble of [testing/synctest] that it was made in, where time is that of the bubble.
//
// [Permanent] makes a backend of it that has no leases.
type Memory struct {
	mu       sync.Mutex
	held     []holding
	calls    []Call
	failures map[netip.Prefix]error
	gate     chan struct{} // calls wait until it is closed; nil: they do not wait
}

var (
	_ vip.Leaser = (*Memory)(nil)
	_ vip.Lister = (*Memory)(nil)
)

// Permanent is a backend without leases, whatever the one in it can do: it is no [vip.Leaser].
type Permanent struct{ vip.Backend }

// Add adds the addresses, without a lease; one that is held already stays where it is.
func (m *Memory) Add(ctx context.Context, addrs []netip.Prefix) error {
	return m.do(ctx, Call{Op: vip.OpAdd, Addrs: addrs}, func(p netip.Prefix) { m.hold(p, time.Time{}) })
}

// Lease adds the addresses for a time, or renews their leases. Lifetimes are rounded as [vip.Leaser] says.
func (m *Memory) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	return m.do(ctx, Call{Op: vip.OpLease, Addrs: addrs, Lifetime: lifetime}, func(p netip.Prefix) {
		m.hold(p, time.Now().Add(lifetime.Truncate(time.Second)))
	})
}

// Remove removes the addresses that are held.
func (m *Memory) Remove(ctx context.Context, addrs []netip.Prefix) error {
	return m.do(ctx, Call{Op: vip.OpRemove, Addrs: addrs}, func(p netip.Prefix) {
		m.held = slices.DeleteFunc(m.held, func(h holding) bool { return h.prefix == p })
	})
}

// hold adds an address with this end of its lease, or changes the end.
func (m *Memory) hold(p netip.Prefix, until time.Time) {
	i := slices.IndexFunc(m.held, func(h holding) bool { return h.prefix == p })
	if i < 0 {
		m.held = append(m.held, holding{p, until})
		return
	}
	m.held[i].until = until
}

// do does one call as soon as it is let through.
func (m *Memory) do(ctx context.Context, c Call, f func(netip.Prefix)) error {
	m.pass(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	c.Err = vip.Each(ctx, c.Op, "", c.Addrs, func(p netip.Prefix) error {
		if err := m.failures[p]; err != nil {
			return err
		}
		if c.Op == vip.OpLease && c.Lifetime < time.Second {
			return vip.ErrLifetime
		}
		f(p)
		return nil
	})
	c.Addrs = slices.Clone(c.Addrs)
	m.calls = append(m.calls, c)
	return c.Err
}

// expire removes the addresses whose lease has ended.
func (m *Memory) expire() {
	now := time.Now()
	m.held = slices.DeleteFunc(m.held, func(h holding) bool { return !h.until.IsZero() && !now.Before(h.until) })
}

// pass waits while calls are blocked, or until ctx ends.
func (m *Memory) pass(ctx context.Context) {
	m.mu.Lock()
	gate := m.gate
	m.mu.Unlock()
	if gate == nil {
		return
	}
	select {
	case <-gate:
	case <-ctx.Done():
	}
}

// List returns the addresses that are held, in the order they were added. It does not fail and is not blocked.
func (m *Memory) List(context.Context) ([]netip.Prefix, error) { return m.Held(), nil }

// Held returns the addresses that are held, in the order they were added.
func (m *Memory) Held() []netip.Prefix {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	held := make([]netip.Prefix, len(m.held))
	for i, h := range m.held {
		held[i] = h.prefix
	}
	return held
}

// Holds reports whether all the addresses are held.
func (m *Memory) Holds(addrs ...netip.Prefix) bool {
	held := m.Held()
	return !slices.ContainsFunc(addrs, func(p netip.Prefix) bool { return !slices.Contains(held, p) })
}

// Calls returns the calls that have ended, in that order.
func (m *Memory) Calls() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// Set changes what is held, as another program on the host would: without a call, without leave and without leases.
func (m *Memory) Set(addrs ...netip.Prefix) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = nil
	for _, p := range addrs {
		m.held = append(m.held, holding{prefix: p})
	}
}

// Fail makes Add, Remove and Lease of the addresses fail with err, until it is called with nil for them.
func (m *Memory) Fail(err error, addrs ...netip.Prefix) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failures == nil {
		m.failures = make(map[netip.Prefix]error)
	}
	for _, p := range addrs {
		m.failures[p] = err
	}
}

// Block makes calls of Add, Remove and Lease wait until release is called or their context ends, in which case their addresses
// are left as they are. Calling release again does nothing. Block panics if calls are blocked already.
func (m *Memory) Block() (release func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gate != nil {
		panic(errors.New("viptest: Memory is blocked already"))
	}
	gate := make(chan struct{})
	m.gate = gate
	return sync.OnceFunc(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.gate = nil
		close(gate)
	})
}

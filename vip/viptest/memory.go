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

	"github.com/go-fhrp/fhrp/vip"
)

// A Call is a call of Add or Remove that has ended.
type Call struct {
	Op    string         // vip.OpAdd or vip.OpRemove
	Addrs []netip.Prefix // as it was given them
	Err   error          // what it returned
}

// Memory is a [vip.Backend] that holds its addresses in memory, notes every call, and fails or blocks as it is told.
// The zero value holds nothing. It is safe for concurrent use, and may be used in a bubble of [testing/synctest] that
// it was made in.
type Memory struct {
	mu       sync.Mutex
	held     []netip.Prefix
	calls    []Call
	failures map[netip.Prefix]error
	gate     chan struct{} // calls wait until it is closed; nil: they do not wait
}

var (
	_ vip.Backend = (*Memory)(nil)
	_ vip.Lister  = (*Memory)(nil)
)

// Add adds the addresses; one that is held already stays where it is.
func (m *Memory) Add(ctx context.Context, addrs []netip.Prefix) error {
	return m.do(ctx, vip.OpAdd, addrs, func(p netip.Prefix) {
		if !slices.Contains(m.held, p) {
			m.held = append(m.held, p)
		}
	})
}

// Remove removes the addresses that are held.
func (m *Memory) Remove(ctx context.Context, addrs []netip.Prefix) error {
	return m.do(ctx, vip.OpRemove, addrs, func(p netip.Prefix) {
		m.held = slices.DeleteFunc(m.held, func(h netip.Prefix) bool { return h == p })
	})
}

// do does one call as soon as it is let through.
func (m *Memory) do(ctx context.Context, op string, addrs []netip.Prefix, f func(netip.Prefix)) error {
	m.pass(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	err := vip.Each(ctx, op, "", addrs, func(p netip.Prefix) error {
		if err := m.failures[p]; err != nil {
			return err
		}
		f(p)
		return nil
	})
	m.calls = append(m.calls, Call{op, slices.Clone(addrs), err})
	return err
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
	return slices.Clone(m.held)
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

// Set changes what is held, as another program on the host would: without a call, and without leave.
func (m *Memory) Set(addrs ...netip.Prefix) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = slices.Clone(addrs)
}

// Fail makes Add and Remove of the addresses fail with err, until it is called with nil for them.
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

// Block makes calls of Add and Remove wait until release is called or their context ends, in which case their addresses
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

// SPDX-License-Identifier: Apache-2.0

package viptest_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

var comparePrefixes = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

func two() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::1/128")}
}

func TestMemoryContract(t *testing.T) {
	t.Parallel()
	viptest.TestBackend(t, func(*testing.T) (vip.Backend, func() []netip.Prefix) {
		m := new(viptest.Memory)
		return m, m.Held
	})
}

func TestMemoryList(t *testing.T) {
	m := new(viptest.Memory)
	m.Set(two()...)
	got, err := m.List(t.Context())
	if diff := cmp.Diff(two(), got, comparePrefixes); diff != "" || err != nil {
		t.Errorf("List: error %v, (-want +got):\n%s", err, diff)
	}
	clear(got)
	if !m.Holds(two()...) {
		t.Error("the list is not a copy")
	}
}

func TestMemoryFail(t *testing.T) {
	m, a, reason := new(viptest.Memory), two(), errors.New("reason")
	m.Fail(reason, a[0])
	if err := m.Add(t.Context(), a); !errors.Is(err, reason) {
		t.Errorf("Add: %v", err)
	}
	if m.Holds(a[0]) || !m.Holds(a[1]) {
		t.Errorf("held are %v", m.Held())
	}
	m.Fail(nil, a[0])
	if err := m.Add(t.Context(), a); err != nil {
		t.Errorf("Add: %v", err)
	}
	want := []viptest.Call{{Op: vip.OpAdd, Addrs: a, Err: reason}, {Op: vip.OpAdd, Addrs: a}}
	if diff := cmp.Diff(want, m.Calls(), comparePrefixes, cmpopts.EquateErrors()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestMemoryBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, a := new(viptest.Memory), two()
		release := m.Block()
		done := make(chan error, 1)
		go func() { done <- m.Add(t.Context(), a) }()
		synctest.Wait()
		if len(done) > 0 || len(m.Held()) > 0 {
			t.Error("not blocked")
		}
		release()
		release()
		if err := <-done; err != nil || !m.Holds(a...) {
			t.Errorf("Add: %v, held are %v", err, m.Held())
		}
		if err := m.Remove(t.Context(), a); err != nil {
			t.Errorf("Remove after the release: %v", err)
		}
	})
}

func TestMemoryBlockedUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, a := new(viptest.Memory), two()
		defer m.Block()()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := m.Add(ctx, a); !errors.Is(err, context.DeadlineExceeded) || len(m.Held()) > 0 {
			t.Errorf("Add: %v, held are %v", err, m.Held())
		}
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		m.Block()
	})
}

func TestMemoryLeases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, a := new(viptest.Memory), two()
		lease := func(lifetime time.Duration, addrs ...netip.Prefix) {
			t.Helper()
			if err := m.Lease(t.Context(), addrs, lifetime); err != nil {
				t.Error(err)
			}
		}
		lease(2500*time.Millisecond, a...)
		time.Sleep(1500 * time.Millisecond)
		lease(time.Second, a[0])
		time.Sleep(500*time.Millisecond - time.Nanosecond)
		if !m.Holds(a...) {
			t.Errorf("before the end held are %v", m.Held())
		}
		time.Sleep(time.Nanosecond)
		if !m.Holds(a[0]) || m.Holds(a[1]) {
			t.Errorf("at the end of one lease held are %v", m.Held())
		}
		if err := m.Add(t.Context(), a[:1]); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		if !m.Holds(a[0]) {
			t.Error("what was added has an end")
		}
		if c := m.Calls()[1]; c.Op != vip.OpLease || c.Lifetime != time.Second {
			t.Errorf("call %+v", c)
		}
	})
}

func TestPermanent(t *testing.T) {
	var m viptest.Memory
	if _, ok := vip.Backend(viptest.Permanent{Backend: &m}).(vip.Leaser); ok {
		t.Error("it is a Leaser")
	}
	viptest.TestBackend(t, func(*testing.T) (vip.Backend, func() []netip.Prefix) {
		m := new(viptest.Memory)
		return viptest.Permanent{Backend: m}, m.Held
	})
}

func ExampleMemory() {
	m := new(viptest.Memory)
	address := []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
	_ = m.Add(context.Background(), address)
	_ = m.Remove(context.Background(), address)
	for _, c := range m.Calls() {
		fmt.Println(c.Op, c.Addrs)
	}
	// Output:
	// add [192.0.2.1/32]
	// remove [192.0.2.1/32]
}

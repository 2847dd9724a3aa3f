// SPDX-License-Identifier: Apache-2.0

package viptest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/go-fhrp/fhrp/vip"
)

// TestBackend tests that a backend does what [vip.Backend] says. It calls newBackend at the beginning of each subtest:
// backend is the one to be tested, on which none of the addresses below is present, and list returns what is on it,
// found out by other means than the backend itself where there are any. Other addresses may be there.
//
// If the backend is a [vip.Leaser], its leases are tested, too, which takes some seconds: those of the backend's own
// clock. One whose Lease fails with [errors.ErrUnsupported] is tested as one that is none.
//
// The addresses are of the networks for documentation, 192.0.2.0/24 and 2001:db8::/32. A backend that gives each a
// device of its own, as [vip.ByPrefix] does, passes as well.
func TestBackend(t *testing.T, newBackend func(t *testing.T) (backend vip.Backend, list func() []netip.Prefix)) {
	t.Helper()
	for _, test := range []struct {
		name string
		f    func(*backendTest)
	}{
		{"AddRemove", testAddRemove},
		{"NoAddresses", testNoAddresses},
		{"AddTwice", testAddTwice},
		{"RemoveAbsent", testRemoveAbsent},
		{"ExactPrefix", testExactPrefix},
		{"RemoveNoOther", testRemoveNoOther},
		{"TryEvery", testTryEvery},
		{"ContextEnded", testContextEnded},
		{"LeaveArguments", testLeaveArguments},
		{"Concurrent", testConcurrent},
		{"LeaseRemove", testLeaseRemove},
		{"LeaseEnds", testLeaseEnds},
		{"LeaseAfterAdd", testLeaseAfterAdd},
		{"LeaseTooShort", testLeaseTooShort},
		{"LeaseTryEvery", testLeaseTryEvery},
		{"LeaseContextEnded", testLeaseContextEnded},
	} {
		t.Run(test.name, func(t *testing.T) {
			backend, list := newBackend(t)
			b := &backendTest{T: t, Backend: backend, list: list}
			b.wantHeld("at the beginning")
			test.f(b)
		})
	}
}

// backendTest is a subtest and the backend it is about.
type backendTest struct {
	*testing.T
	vip.Backend
	list func() []netip.Prefix
}

// mustAdd adds addresses, which must succeed.
func (b *backendTest) mustAdd(addrs ...netip.Prefix) {
	b.Helper()
	if err := b.Add(b.Context(), addrs); err != nil {
		b.Errorf("Add(%v): %v", addrs, err)
	}
}

// mustRemove removes addresses, which must succeed.
func (b *backendTest) mustRemove(addrs ...netip.Prefix) {
	b.Helper()
	if err := b.Remove(b.Context(), addrs); err != nil {
		b.Errorf("Remove(%v): %v", addrs, err)
	}
}

// wantHeld compares what the backend holds, addresses of others apart, with what it must hold.
func (b *backendTest) wantHeld(when string, want ...netip.Prefix) {
	b.Helper()
	got := slices.DeleteFunc(b.list(), func(p netip.Prefix) bool { return !ours(p) })
	slices.SortFunc(got, netip.Prefix.Compare)
	want = slices.SortedFunc(slices.Values(want), netip.Prefix.Compare)
	if !slices.Equal(got, want) {
		b.Errorf("%s: held are %v, want %v", when, got, want)
	}
}

// ours reports whether an address is of the networks for documentation.
func ours(p netip.Prefix) bool {
	return netip.MustParsePrefix("192.0.2.0/24").Contains(p.Addr()) || netip.MustParsePrefix("2001:db8::/32").Contains(p.Addr())
}

// prefixes returns addresses by their text.
func prefixes(text ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(text))
	for i, s := range text {
		list[i] = netip.MustParsePrefix(s)
	}
	return list
}

func testAddRemove(b *backendTest) {
	all := prefixes("192.0.2.1/32", "2001:db8::1/128", "192.0.2.2/24", "2001:db8::2/64")
	b.mustAdd(all...)
	b.wantHeld("after Add", all...)
	b.mustRemove(all[0], all[3])
	b.wantHeld("after Remove of two", all[1], all[2])
	b.mustRemove(all...)
	b.wantHeld("after Remove of all")
}

func testNoAddresses(b *backendTest) {
	b.mustAdd()
	b.mustRemove()
	b.wantHeld("after nothing")
}

func testAddTwice(b *backendTest) {
	all := prefixes("192.0.2.1/32", "192.0.2.2/24", "2001:db8::1/128")
	b.mustAdd(all[0])
	b.mustAdd(all...)
	b.mustAdd(append(all, all...)...)
	b.wantHeld("after Add of those that are there", all...)
	b.mustRemove(all...)
	b.wantHeld("after one Remove")
}

func testRemoveAbsent(b *backendTest) {
	all := prefixes("192.0.2.1/32", "2001:db8::1/128", "192.0.2.2/24")
	b.mustRemove(all...)
	b.mustAdd(all[0])
	b.mustRemove(append(all, all...)...)
	b.wantHeld("after Remove of more than there was")
}

// testExactPrefix: neither the host part nor the length may be lost, and another length is another address.
func testExactPrefix(b *backendTest) {
	all := prefixes("192.0.2.1/24", "192.0.2.130/25", "2001:db8::1/64")
	b.mustAdd(all...)
	b.wantHeld("after Add", all...)
	b.mustRemove(prefixes("192.0.2.1/32", "192.0.2.130/24", "192.0.2.0/24", "2001:db8::1/128", "2001:db8::/64")...)
	b.wantHeld("after Remove of others like them", all...)
	b.mustRemove(all...)
	b.wantHeld("after Remove")
}

// testRemoveNoOther: on Linux the first address of a network is primary and the kernel removes the others with it.
func testRemoveNoOther(b *backendTest) {
	all := prefixes("192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24", "192.0.2.4/24", "192.0.2.5/32")
	b.mustAdd(all...)
	b.mustRemove(all[0])
	b.wantHeld("after Remove of the first", all[1:]...)
	b.mustRemove(all[1], all[3])
	b.wantHeld("after Remove of others", all[2], all[4])
	b.mustRemove(all...)
	b.wantHeld("after Remove of all")
}

// testTryEvery has addresses among the others that no device can hold.
func testTryEvery(b *backendTest) {
	all := prefixes("192.0.2.1/32", "224.0.0.18/32", "192.0.2.2/32", "ff02::12/128", "2001:db8::1/128", "::ffff:192.0.2.3/128")
	good := []netip.Prefix{all[0], all[2], all[4]}
	bad := []netip.Prefix{all[1], all[3], all[5]}
	b.wantErrors(vip.OpAdd, b.Add(b.Context(), all), vip.ErrAddress, bad)
	b.wantHeld("after Add", good...)
	b.wantErrors(vip.OpRemove, b.Remove(b.Context(), all), vip.ErrAddress, bad)
	b.wantHeld("after Remove")
}

// wantErrors checks that an error has one AddrError for each address, and none for others.
func (b *backendTest) wantErrors(op string, err, cause error, want []netip.Prefix) {
	b.Helper()
	var got []netip.Prefix
	for _, e := range leaves(err) {
		a, ok := errors.AsType[*vip.AddrError](e)
		if !ok {
			b.Errorf("%s: error %v is no AddrError", op, e)
			continue
		}
		if a.Op != op || !errors.Is(a, cause) {
			b.Errorf("%s: error %v of operation %s, want the cause %v", op, a, a.Op, cause)
		}
		got = append(got, a.Prefix)
	}
	slices.SortFunc(got, netip.Prefix.Compare)
	want = slices.SortedFunc(slices.Values(want), netip.Prefix.Compare)
	if !slices.Equal(got, want) {
		b.Errorf("%s: error names %v, want %v: %v", op, got, want, err)
	}
}

// leaves returns the errors that were joined.
func leaves(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var list []error
	for _, e := range joined.Unwrap() {
		list = append(list, leaves(e)...)
	}
	return list
}

func testContextEnded(b *backendTest) {
	all := prefixes("192.0.2.1/32", "2001:db8::1/128")
	b.mustAdd(all[0])
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	b.wantErrors(vip.OpAdd, b.Add(ctx, all), context.Canceled, all)
	b.wantHeld("after Add with a context that has ended", all[0])
	b.wantErrors(vip.OpRemove, b.Remove(ctx, all), context.Canceled, all)
	b.wantHeld("after Remove with a context that has ended", all[0])
	b.mustRemove(all...)
}

// testLeaveArguments: the slice is the caller's.
func testLeaveArguments(b *backendTest) {
	all := prefixes("192.0.2.2/24", "192.0.2.1/24", "2001:db8::1/128")
	given := slices.Clone(all)
	b.mustAdd(given...)
	if !slices.Equal(given, all) {
		b.Errorf("Add changed its argument to %v", given)
	}
	clear(given)
	b.wantHeld("after the argument changed", all...)
	given = slices.Clone(all)
	b.mustRemove(given...)
	if !slices.Equal(given, all) {
		b.Errorf("Remove changed its argument to %v", given)
	}
}

// testConcurrent has several goroutines hold addresses of the same network.
func testConcurrent(b *backendTest) {
	own := [][]netip.Prefix{
		prefixes("192.0.2.1/24", "2001:db8::1/128"),
		prefixes("192.0.2.2/24", "2001:db8::2/128"),
		prefixes("192.0.2.3/32", "2001:db8::3/64"),
	}
	var wg sync.WaitGroup
	for i, addrs := range own {
		wg.Go(func() {
			for range 20 {
				b.mustAdd(addrs...)
				b.mustRemove(addrs...)
			}
			if i > 0 {
				b.mustAdd(addrs...)
			}
		})
	}
	wg.Wait()
	b.wantHeld("at the end", slices.Concat(own[1:]...)...)
	b.mustRemove(slices.Concat(own...)...)
	b.wantHeld("after Remove")
}

// SPDX-License-Identifier: Apache-2.0

package viptest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/vip"
)

// leaser returns the backend as one that has leases, and ends the test if it is none: a program has to do without then.
func (b *backendTest) leaser() vip.Leaser {
	b.Helper()
	l, ok := b.Backend.(vip.Leaser)
	if !ok {
		b.Skip("no Leaser")
	}
	if err := l.Lease(b.Context(), prefixes("192.0.2.99/32"), time.Hour); errors.Is(err, errors.ErrUnsupported) {
		b.Skip(err)
	} else if err != nil {
		b.Fatal(err)
	}
	b.mustRemove(prefixes("192.0.2.99/32")...)
	return l
}

// mustLease leases addresses, which must succeed.
func (b *backendTest) mustLease(l vip.Leaser, lifetime time.Duration, addrs ...netip.Prefix) {
	b.Helper()
	if err := l.Lease(b.Context(), addrs, lifetime); err != nil {
		b.Errorf("Lease(%v, %v): %v", addrs, lifetime, err)
	}
}

// mustEnd waits until an address is gone, by the end of its lease.
func (b *backendTest) mustEnd(p netip.Prefix) {
	b.Helper()
	for end := time.Now().Add(time.Minute); slices.Contains(b.list(), p); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("the lease of %v does not end", p)
		}
	}
}

func testLeaseRemove(b *backendTest) {
	l := b.leaser()
	all := prefixes("192.0.2.1/32", "2001:db8::1/128", "192.0.2.2/24", "2001:db8::2/64")
	b.mustLease(l, time.Hour, all[:2]...)
	b.mustLease(l, time.Hour, all...)
	b.mustLease(l, time.Hour)
	b.wantHeld("after Lease", all...)
	b.mustRemove(all[0], all[3])
	b.wantHeld("after Remove of two", all[1], all[2])
	b.mustRemove(all...)
	b.wantHeld("after Remove of all")
}

// testLeaseEnds has leases that end, and some that would have ended at the same time but were renewed, or replaced by
// Add.
func testLeaseEnds(b *backendTest) {
	l := b.leaser()
	all := prefixes("192.0.2.1/32", "2001:db8::1/128", "192.0.2.2/32", "2001:db8::2/128", "192.0.2.3/32", "2001:db8::3/64")
	b.mustLease(l, time.Second, all...)
	b.mustLease(l, time.Hour, all[:2]...)
	b.mustAdd(all[2:4]...)
	b.mustEnd(all[4])
	b.mustEnd(all[5])
	b.wantHeld("after the end of leases", all[:4]...)
	b.mustLease(l, time.Hour, all[4:]...)
	b.wantHeld("after a new Lease", all...)
	b.mustRemove(all...)
	b.wantHeld("after Remove")
}

// testLeaseAfterAdd: what was there without end gets one.
func testLeaseAfterAdd(b *backendTest) {
	l := b.leaser()
	all := prefixes("192.0.2.1/32", "2001:db8::1/128")
	b.mustAdd(all...)
	b.mustLease(l, time.Second, all...)
	b.mustEnd(all[0])
	b.mustEnd(all[1])
	b.wantHeld("after the end of leases")
}

func testLeaseTooShort(b *backendTest) {
	l := b.leaser()
	all := prefixes("192.0.2.1/32", "2001:db8::1/128")
	for _, lifetime := range []time.Duration{0, -time.Second, time.Second - 1} {
		b.wantErrors(vip.OpLease, l.Lease(b.Context(), all, lifetime), vip.ErrLifetime, all)
	}
	b.wantHeld("after leases of no time")
}

func testLeaseTryEvery(b *backendTest) {
	l := b.leaser()
	all := prefixes("192.0.2.1/32", "224.0.0.18/32", "2001:db8::1/128")
	b.wantErrors(vip.OpLease, l.Lease(b.Context(), all, time.Hour), vip.ErrAddress, all[1:2])
	b.wantHeld("after Lease", all[0], all[2])
	b.mustRemove(all[0], all[2])
}

func testLeaseContextEnded(b *backendTest) {
	l := b.leaser()
	all := prefixes("192.0.2.1/32", "2001:db8::1/128")
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	b.wantErrors(vip.OpLease, l.Lease(ctx, all, time.Hour), context.Canceled, all)
	b.wantHeld("after Lease with a context that has ended")
}

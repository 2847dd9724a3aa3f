// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// TestLeasedTogether: who leases for the same time does so together.
func TestLeasedTogether(t *testing.T) {
	b := newBench(t)
	cfg := b.config()
	cfg.Together = true
	for i, lifetime := range []time.Duration{2, 3, 2} {
		cfg.Outcomes = named{b, i}
		h := holder.New(cfg)
		h.SetLease(lifetime * time.Second)
		h.Add(many(3)[i : i+1])
	}
	b.work()
	b.wantWork("lease 2s 10.0.0.0/32 10.0.0.2/32", "0 added: <nil>", "2 added: <nil>", "lease 3s 10.0.0.1/32", "1 added: <nil>")
}

// TestNobodyWaitsTogether: one whose leases are being renewed keeps only itself waiting.
func TestNobodyWaitsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.run(2)
		list := b.crew(3, nil)
		renewal := &holder.Renewal{Pool: b.pool, Leaser: b, Lifetime: 3 * time.Second, Timeout: timeout,
			Done: func(err error) { b.note(fmt.Sprint("renewed: ", err)) }}
		list[1].Add(many(2)[1:])
		synctest.Wait()
		release := b.block("lease 3s 10.0.0.1/32")
		renewal.Want(list[1])
		renewal.Submit()
		synctest.Wait()
		b.pool.Hold()
		for i, h := range list[:2] {
			h.Remove(many(2)[i : i+1])
		}
		b.pool.Release()
		synctest.Wait()
		b.wantWork("add 10.0.0.1/32", "1 added: <nil>", "lease 3s 10.0.0.1/32", "remove 10.0.0.0/32", "0 removed: <nil>")
		release()
		synctest.Wait()
		b.wantWork("renewed: <nil>", "remove 10.0.0.1/32", "1 removed: <nil>")
	})
}

// selective is a backend that fails half-way if it is asked for addresses of several holders, which have five each.
type selective struct {
	viptest.Memory
	mu     sync.Mutex
	failed int
}

// half returns how many of the addresses are to be done, and the error.
func (s *selective) half(addrs []netip.Prefix) (int, error) {
	of := func(p netip.Prefix) byte { return p.Addr().As4()[3] / 5 }
	if !slices.ContainsFunc(addrs, func(p netip.Prefix) bool { return of(p) != of(addrs[0]) }) {
		return len(addrs), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed++
	return len(addrs) / 2, errBackend
}

func (s *selective) Add(ctx context.Context, addrs []netip.Prefix) error {
	n, err := s.half(addrs)
	_ = s.Memory.Add(ctx, addrs[:n])
	return err
}

func (s *selective) Remove(ctx context.Context, addrs []netip.Prefix) error {
	n, err := s.half(addrs)
	_ = s.Memory.Remove(ctx, addrs[:n])
	return err
}

// TestManyWishesTogether: a backend that can't do the work of several holders has in the end what is wished for last all the
// same.
func TestManyWishesTogether(t *testing.T) {
	var backend selective
	manyWishes(t, &backend, backend.Held, true)
	t.Logf("%d calls were for several holders", backend.failed)
}

// TestRepeatedAfterTheLoopBesideMany: one that waits to be announced again does so also when it was about to be announced together
// with one that turns out to have too many addresses for that.
func TestRepeatedAfterTheLoopBesideMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		list := b.crew(2, nil)
		addrs := many(66)
		first := b.block("announce eth0 10.0.0.65")
		list[0].Announce(addrs[:65], 2)
		list[1].Announce(addrs[65:], 2)
		b.run(1)
		synctest.Wait()
		second := b.block("announce eth0 " + text(bare(addrs[:65])))
		first()
		synctest.Wait()
		b.pool.Hold()
		b.log = nil
		second()
		synctest.Wait()
		b.wantWork("0 announced: <nil>")
		b.pool.Release()
		synctest.Wait()
		b.wantWork("announce eth0 10.0.0.65", "1 announced: <nil>")
	})
}

// bare returns addresses without their networks.
func bare(list []netip.Prefix) (addrs []netip.Addr) {
	for _, p := range list {
		addrs = append(addrs, p.Addr())
	}
	return addrs
}

// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// together is how many holders are renewed in one call.
const together = 64

// Lease is the leaser's.
func (b *bench) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	return b.do(ctx, fmt.Sprintf("lease %v %s", lifetime, text(addrs)))
}

// renew has what the holders have leased again.
func (b *bench) renew(renewal *holder.Renewal, holders ...*holder.Holder) {
	for _, h := range holders {
		renewal.Want(h)
	}
	renewal.Submit()
	b.work()
}

// leased makes n holders with leases, and what renews them.
func (b *bench) leased(n int) ([]*holder.Holder, *holder.Renewal) {
	const lifetime = 3 * time.Second
	cfg := b.config()
	renewal := &holder.Renewal{Pool: b.pool, Leaser: b, Lifetime: lifetime, Timeout: timeout,
		Done: func(err error) { b.note(fmt.Sprint("renewed: ", err)) }}
	var holders []*holder.Holder
	for range n {
		h := holder.New(cfg)
		h.SetLease(lifetime)
		holders = append(holders, h)
	}
	return holders, renewal
}

func TestLease(t *testing.T) {
	b := newBench(t)
	holders, _ := b.leased(1)
	h := holders[0]
	h.Add(prefixes("10.0.0.1/24"))
	h.Announce(prefixes("10.0.0.1/24"), 1)
	b.work()
	b.want("lease 3s 10.0.0.1/24", "announce eth0 10.0.0.1", "announced: <nil>", "added: <nil>", "idle")
	h.SetLease(5 * time.Second)
	h.Add(prefixes("10.0.0.2/24"))
	h.Remove(prefixes("10.0.0.1/24"))
	b.work()
	b.want("lease 5s 10.0.0.2/24", "added: <nil>", "remove 10.0.0.1/24", "removed: <nil>", "idle")
}

// TestRenewal: what several holders have is leased again in one call, and what one of them gave back isn't.
func TestRenewal(t *testing.T) {
	b := newBench(t)
	holders, renewal := b.leased(3)
	b.renew(renewal)
	b.want()
	b.renew(renewal, holders...)
	b.want("renewed: <nil>")

	holders[0].Add(prefixes("10.0.0.1/24"))
	holders[1].Add(prefixes("10.0.0.2/24", "10.0.0.3/24"))
	b.work()
	b.log = nil
	renewal.Want(holders[1])
	b.renew(renewal, holders...)
	b.want("lease 3s 10.0.0.1/24 10.0.0.2/24 10.0.0.3/24", "renewed: <nil>")

	holders[1].Remove(prefixes("10.0.0.3/24"))
	b.work()
	b.log = nil
	b.fail("lease 3s 10.0.0.1/24 10.0.0.2/24", errBackend)
	b.renew(renewal, holders...)
	b.want("lease 3s 10.0.0.1/24 10.0.0.2/24", "renewed: backend")
	b.renew(renewal, holders[1])
	b.want("lease 3s 10.0.0.2/24", "renewed: <nil>")
}

func TestRenewalInPieces(t *testing.T) {
	b := newBench(t)
	holders, renewal := b.leased(100)
	for i, p := range many(100) {
		holders[i].Add([]netip.Prefix{p})
	}
	b.work()
	b.log = nil
	b.fail("lease 3s 10.0.0.0/32 to 10.0.0.63/32: 64", errBackend)
	b.renew(renewal, holders...)
	b.want("lease 3s 10.0.0.0/32 to 10.0.0.63/32: 64", "lease 3s 10.0.0.64/32 to 10.0.0.99/32: 36", "renewed: backend")
}

// TestFailedRemovalIsNotRenewed: an address that is not wished for any more and can't be removed goes when its lease ends.
func TestFailedRemovalIsNotRenewed(t *testing.T) {
	b := newBench(t)
	holders, renewal := b.leased(1)
	holders[0].Add(prefixes("10.0.0.1/24", "10.0.0.2/24"))
	b.fail("remove 10.0.0.1/24", errBackend)
	b.work()
	holders[0].Remove(prefixes("10.0.0.1/24"))
	b.work()
	b.log = nil
	b.renew(renewal, holders[0])
	b.want("lease 3s 10.0.0.2/24", "renewed: <nil>")
}

// TestRenewalTimeout: a leaser that hangs is given up, and asked again the next time.
func TestRenewalTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		holders, renewal := b.leased(1)
		holders[0].Add(prefixes("10.0.0.1/24"))
		b.work()
		b.log = nil
		b.run(1)
		release := b.block("lease 3s 10.0.0.1/24")
		b.renew(renewal, holders...)
		time.Sleep(timeout)
		synctest.Wait()
		b.want("lease 3s 10.0.0.1/24", "renewed: context deadline exceeded")
		release()
		b.renew(renewal, holders...)
		synctest.Wait()
		b.want("lease 3s 10.0.0.1/24", "renewed: <nil>")
	})
}

// TestRenewalBesideRemoval: what is being removed isn't leased again behind its back.
func TestRenewalBesideRemoval(t *testing.T) {
	for range 100 {
		b := newBench(t)
		holders, renewal := b.leased(2)
		for i, p := range many(2) {
			holders[i].Add([]netip.Prefix{p})
		}
		b.work()
		b.log = nil
		stop := b.pool.Start(t.Context(), 2)
		holders[0].Remove(many(1))
		b.renew(renewal, holders...)
		stop()
		b.work()
		removed := false
		for _, line := range b.log {
			removed = removed || line == "removed: <nil>"
			if removed && line == "lease 3s 10.0.0.0/32 10.0.0.1/32" {
				t.Fatalf("leased after it was removed: %q", b.log)
			}
		}
	}
}

// TestUnsupportedLease: where leases can't be had the addresses are added for good, and need no renewal.
func TestUnsupportedLease(t *testing.T) {
	b := newBench(t)
	holders, renewal := b.leased(1)
	b.fail("lease 3s 10.0.0.1/24", fmt.Errorf("no leases: %w", errors.ErrUnsupported))
	holders[0].Add(prefixes("10.0.0.1/24"))
	b.work()
	b.want("lease 3s 10.0.0.1/24", "add 10.0.0.1/24", "added: <nil>", "idle")
	b.renew(renewal, holders...)
	b.want("lease 3s 10.0.0.1/24", "renewed: <nil>")
}

// TestRenewalsThatShareHolders: renewals that want the same holders in opposite orders don't wait for each other for
// ever.
func TestRenewalsThatShareHolders(t *testing.T) {
	const rounds = 300
	b := newBench(t)
	holders, one := b.leased(together)
	other := &holder.Renewal{Pool: b.pool, Leaser: b, Lifetime: one.Lifetime, Timeout: timeout}
	done := make(chan error, 2*rounds*len(holders)) // what is wanted while a renewal works may be done in several parts
	one.Done = func(err error) { done <- err }
	other.Done = one.Done
	stop := b.pool.Start(t.Context(), 2)
	deadline := time.After(time.Minute)
	for range rounds {
		for i, h := range holders {
			one.Want(h)
			other.Want(holders[len(holders)-1-i])
		}
		one.Submit()
		other.Submit()
		for range 2 {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
			case <-deadline:
				t.Fatal("the renewals wait for each other")
			}
		}
	}
	stop()
}

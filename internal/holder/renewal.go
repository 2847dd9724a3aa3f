// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Renewal leases the addresses of many holders again, a few holders at a time in
// one call. All have the same leaser and lifetime. It is safe for concurrent use.
type Renewal struct {
	Pool     *Pool
	Leaser   Leaser
	Lifetime time.Duration
	Timeout  time.Duration // of one call
	Done     func(error)   // gets the outcome, on the goroutine that did the work

	mu    sync.Mutex
	due   []*Holder // some perhaps several times
	spare []*Holder // in the place of due, once that is done
	busy  bool

	addrs []netip.Prefix // of one call, in use by the goroutine that does the work
}

// together is how many holders are renewed in one call. They can do nothing else
// meanwhile, so that what one removes isn't leased again behind its back.
const together = 64

// Want has the addresses that h holds leased again by the next Submit. Sorting makes room
// for half as many again at least: it is the loop that asks, and may do so often while
// the leaser hangs.
func (r *Renewal) Want(h *Holder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.due) == cap(r.due) {
		r.due = once(r.due)
		r.due = slices.Grow(r.due, len(r.due)/2+1)
	}
	r.due = append(r.due, h)
}

// once returns the holders of a list in the order of their numbers, each once.
func once(list []*Holder) []*Holder {
	slices.SortFunc(list, func(a, b *Holder) int { return int(a.serial - b.serial) })
	return slices.Compact(list)
}

// Submit has somebody do what is wanted.
func (r *Renewal) Submit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.busy && len(r.due) > 0 {
		r.busy = true
		r.Pool.submit(r)
	}
}

// work renews until nothing is wanted.
func (r *Renewal) work(ctx context.Context) {
	for holders := r.take(); len(holders) > 0; holders = r.take() {
		var errs []error
		for part := range slices.Chunk(holders, together) {
			errs = append(errs, r.renew(ctx, part))
		}
		clear(holders)
		r.Done(errors.Join(errs...))
	}
}

// waits reports whether one of the holders is at work.
func (r *Renewal) waits() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.due, (*Holder).waits)
}

// take returns the holders that are due, which are valid until the next call.
func (r *Renewal) take() []*Holder {
	r.mu.Lock()
	defer r.mu.Unlock()
	holders := once(r.due)
	r.due, r.spare = r.spare[:0], holders
	r.busy = len(holders) > 0
	return holders
}

// renew leases again what some holders have and should have.
func (r *Renewal) renew(ctx context.Context, holders []*Holder) error {
	defer func() {
		for _, h := range holders {
			h.leave()
		}
	}()
	r.addrs = r.addrs[:0]
	for _, h := range holders {
		h.enter()
		r.addrs = h.appendWished(r.addrs)
	}
	if len(r.addrs) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	if err := r.Leaser.Lease(ctx, r.addrs, r.Lifetime); !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil // they were added for good
}

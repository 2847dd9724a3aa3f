// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"time"
)

// handOverPause is how long a hand-over waits for address work that is under way, before
// it looks again.
const handOverPause = 5 * time.Millisecond

// handOverMost bounds how long a transfer may take where nobody holds anything.
const handOverMost = time.Second

// Transfer gives everything to another engine, with the loop standing still, before the
// end of ctx. It returns for each seat, in the order of [Engine.Seated], whether it was taken.
type Transfer func(ctx context.Context) (taken []bool, err error)

// HandOver has another engine take over. While transfer runs nothing is received, sent
// or added here, and the guard has no wills. After an error all goes on as if nothing had
// happened; otherwise the seats that were taken are given up without a word, their
// addresses stay, and Run ends when the others have handed over as at a stop. Errors: that
// of ctx while address work is under way or the guard doesn't answer, Config.Closed, and
// that of transfer.
func (e *Engine) HandOver(ctx context.Context, transfer Transfer) error {
	for {
		tried, err := false, error(nil)
		e.loop.Do(func() { tried, err = e.tryHandOver(ctx, transfer) })
		if tried {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(handOverPause):
		}
	}
}

// tryHandOver hands over unless address work is under way. What has become of earlier work
// is taken in first.
func (e *Engine) tryHandOver(ctx context.Context, transfer Transfer) (tried bool, err error) {
	if e.stopping || e.closed || e.waiting {
		return true, e.cfg.Closed
	}
	if err := ctx.Err(); err != nil {
		return true, err
	}
	e.wake()
	if e.loop.RunPosted(); e.stopping {
		return true, e.cfg.Closed
	}
	for _, s := range e.seats {
		if !s.Holder.Idle() || s.removal != nil {
			return false, nil
		}
	}
	e.network.Flush(e.calls.unsent)
	limited, cancel := context.WithTimeout(ctx, e.handOverTime())
	defer cancel()
	var taken []bool
	if err = e.voidWills(limited); err == nil {
		taken, err = transfer(limited)
	}
	if err != nil {
		e.bequeathAll()
		return true, err
	}
	e.part(taken)
	return true, nil
}

// handOverTime is how long peers don't notice that nothing is sent: an interval of that
// one of the holders that advertises most often, besides the one that goes by between
// two of its advertisements.
func (e *Engine) handOverTime() time.Duration {
	most := handOverMost
	for _, s := range e.seats {
		if s.standing.role == Holding {
			most = min(most, s.cfg.Interval)
		}
	}
	return most
}

// part gives up the seats that were taken, and begins to stop the others.
func (e *Engine) part(taken []bool) {
	e.stopping = true
	var gone, rest []*Seat
	for i, s := range e.seats {
		if taken[i] {
			gone = append(gone, s)
		} else {
			rest = append(rest, s)
		}
	}
	for _, s := range gone {
		s.abandon()
	}
	for _, s := range rest {
		s.handOver()
		s.bequeath() // also of who has nothing to hand over
	}
}

// abandon gives the seat up to the engine that has taken it over.
func (s *Seat) abandon() {
	s.member.Abandoned()
	s.abandoned = true
	s.leave()
}

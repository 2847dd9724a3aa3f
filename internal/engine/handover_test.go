// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// The will of seat 1 while it holds, and when it does no more.
const (
	willOf1 = `will 0: "goodbye from seat 1" from 192.0.2.1 to 224.0.0.18 on eth0 within 3s, remove [192.0.2.101/32 on eth0]`
	noneOf1 = "will 0: none"
)

// flushing is a guard whose process answers in its own way.
type flushing struct {
	notary
	answer func(ctx context.Context) error
}

func (f *flushing) Flush(ctx context.Context) error {
	f.bench.note("flush")
	return f.answer(ctx)
}

// holding makes a bench with a guard, and a seat that holds.
func holding(t *testing.T, answer func(context.Context) error) *bench {
	guard := &flushing{answer: answer}
	b := newBench(t, func(c *engine.Config) { c.Guard = guard })
	guard.bench = b
	m := b.add(1, with(&backend{bench: b}))
	b.turn()
	m.hold()
	b.turn()
	b.forget()
	return b
}

// transfer is a transfer that writes itself down.
func (b *bench) transfer(taken []bool, err error) engine.Transfer {
	return func(context.Context) ([]bool, error) {
		b.note("transfer")
		return taken, err
	}
}

// TestHandOverVoidsTheWillsFirst: the guard has no will, and has said so, before another process gets anything, and keeps it so
// when that one has taken it.
func TestHandOverVoidsTheWillsFirst(t *testing.T) {
	for name, answer := range map[string]error{"guard": nil, "no guard process": errors.New("not running")} {
		t.Run(name, func(t *testing.T) {
			b := holding(t, func(context.Context) error { return answer })
			if err := b.engine.HandOver(t.Context(), b.transfer([]bool{true}, nil)); err != nil {
				t.Fatal(err)
			}
			b.turn()
			b.want(noneOf1, "flush", "transfer", "seat 1: abandoned")
		})
	}
}

// TestHandOverThatFailsRestoresTheWills.
func TestHandOverThatFailsRestoresTheWills(t *testing.T) {
	b := holding(t, func(context.Context) error { return nil })
	broken := errors.New("broken")
	if err := b.engine.HandOver(t.Context(), b.transfer(nil, broken)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	b.want(noneOf1, "flush", "transfer", willOf1)
}

// TestHandOverWithoutAnAnswerOfTheGuard: who can't be certain that the wills are void hands over nothing.
func TestHandOverWithoutAnAnswerOfTheGuard(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := holding(t, func(ctx context.Context) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})
	if err := b.engine.HandOver(ctx, b.transfer([]bool{true}, nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	b.want(noneOf1, "flush", willOf1)
}

// TestHandOverAfterOutcomes: what has become of address work is taken in before the hand-over. After that it would concern what
// another process has: that would be in a will again or, if it could not be added, be given up and removed.
func TestHandOverAfterOutcomes(t *testing.T) {
	b := newBench(t)
	m := b.add(1, with(&backend{bench: b}))
	b.turn()
	m.hold()
	b.engine.Turn() // the outcome waits for the next turn
	b.forget()
	if err := b.engine.HandOver(t.Context(), b.transfer([]bool{true}, nil)); err != nil {
		t.Fatal(err)
	}
	b.turn()
	b.want("seat 1: added: <nil>", "transfer", "seat 1: abandoned")
}

// TestHandOverLeavesTheWillOfWhatIsNotTaken: that seat hands over as at a stop, and its addresses are in the will until then.
func TestHandOverLeavesTheWillOfWhatIsNotTaken(t *testing.T) {
	b := holding(t, func(context.Context) error { return nil })
	if err := b.engine.HandOver(t.Context(), b.transfer([]bool{false}, nil)); err != nil {
		t.Fatal(err)
	}
	b.turn()
	b.wantWills(noneOf1, `will 0: "" from 192.0.2.1 to 224.0.0.18 on eth0 within 0s, remove [192.0.2.101/32 on eth0]`)
	b.advance(handOver)
	b.wantWills(noneOf1)
}

// TestInheritedWills: what the one before can take back yet is in no will here; then it is.
func TestInheritedWills(t *testing.T) {
	broken := errors.New("broken")
	for _, fails := range []error{nil, broken} {
		guard := &notary{}
		var m *election
		var b *bench
		b = newBench(t, func(c *engine.Config) {
			c.Guard, c.Inherit = guard, func() error {
				m.follow(engine.Holding, b.now.Add(time.Second))
				b.engine.Resume()
				b.note("will stay")
				return fails
			}
		})
		guard.bench = b
		m = b.add(1, with(&backend{bench: b}))
		b.forget()
		b.turn()
		if fails != nil {
			b.wantWills("will stay")
			continue
		}
		b.wantWills("will stay", willOf1)
	}
}

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

// newHookedBench returns a bench with hooks that note their calls.
func newHookedBench(t *testing.T) *bench {
	b := newBench(t)
	hook := func(what string) holder.Hook {
		return func(ctx context.Context, addrs []netip.Prefix) error { return b.do(ctx, what+" "+text(addrs)) }
	}
	cfg := b.config()
	cfg.Hooks = &holder.Hooks{BeforeAdd: hook("before add"), AfterAdd: hook("after add"),
		BeforeRemove: hook("before remove"), AfterRemove: hook("after remove"), Timeout: time.Second}
	b.holder = holder.New(cfg)
	return b
}

// TestHooksAround: each address has each hook called once on its way in and on its way out, and one that was never added
// none.
func TestHooksAround(t *testing.T) {
	b := newHookedBench(t)
	b.holder.Remove(many(3)) // what an earlier run may have left
	b.work()
	b.want("remove 10.0.0.0/32 10.0.0.1/32 10.0.0.2/32", "removed: <nil>", "idle")
	b.holder.Add(many(1))
	b.work()
	b.want("before add 10.0.0.0/32", "add 10.0.0.0/32", "added: <nil>", "after add 10.0.0.0/32", "idle")
	b.holder.Add(many(2))
	b.work()
	b.want("before add 10.0.0.1/32", "add 10.0.0.0/32 10.0.0.1/32", "added: <nil>", "after add 10.0.0.1/32", "idle")
	b.holder.Remove(many(3))
	b.work()
	b.want("before remove 10.0.0.0/32 10.0.0.1/32", "remove 10.0.0.0/32 10.0.0.1/32 10.0.0.2/32", "removed: <nil>",
		"after remove 10.0.0.0/32 10.0.0.1/32", "idle")
}

// TestHookForbidsAddresses: an error of the hook before is the outcome of adding, and nothing is added or announced.
func TestHookForbidsAddresses(t *testing.T) {
	b := newHookedBench(t)
	b.fail("before add 10.0.0.0/32", errors.New("the database is behind"))
	b.holder.Add(many(1))
	b.holder.Announce(many(1), 2)
	b.work()
	const why = "hook before adding [10.0.0.0/32]: the database is behind"
	b.want("before add 10.0.0.0/32", why, "added: "+why, "idle")
	b.holder.Remove(many(1))
	b.work()
	b.want("remove 10.0.0.0/32", "removed: <nil>", "idle")
}

// TestHookFailsAfterwards: the errors of the other hooks change nothing.
func TestHookFailsAfterwards(t *testing.T) {
	b := newHookedBench(t)
	for _, line := range []string{"after add 10.0.0.0/32", "before remove 10.0.0.0/32", "after remove 10.0.0.0/32"} {
		b.fail(line, errors.New("no"))
	}
	b.holder.Add(many(1))
	b.work()
	b.want("before add 10.0.0.0/32", "add 10.0.0.0/32", "added: <nil>", "after add 10.0.0.0/32", "hook after adding [10.0.0.0/32]: no", "idle")
	b.holder.Remove(many(1))
	b.work()
	b.want("before remove 10.0.0.0/32", "hook before removing [10.0.0.0/32]: no", "remove 10.0.0.0/32", "removed: <nil>",
		"after remove 10.0.0.0/32", "hook after removing [10.0.0.0/32]: no", "idle")
}

// TestHookAfterFailure: what could not be added has no hook called after it, but one before it is removed.
func TestHookAfterFailure(t *testing.T) {
	b := newHookedBench(t)
	b.fail("add 10.0.0.0/32", errors.New("no"))
	b.holder.Add(many(1))
	b.work()
	b.want("before add 10.0.0.0/32", "add 10.0.0.0/32", "added: no", "idle")
	b.holder.Remove(many(1))
	b.work()
	b.want("before remove 10.0.0.0/32", "remove 10.0.0.0/32", "removed: <nil>", "after remove 10.0.0.0/32", "idle")
}

// TestHookHangs: a hook is waited for no longer than its time, nor are the ones after it while it hangs, and addresses are
// added all the same.
func TestHookHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHookedBench(t)
		b.run(1)
		hang := make(chan struct{})
		cfg := b.config()
		cfg.Hooks = &holder.Hooks{
			Timeout:   time.Second,
			BeforeAdd: func(context.Context, []netip.Prefix) error { <-hang; return nil },
			AfterAdd:  func(context.Context, []netip.Prefix) error { t.Error("two hooks at a time"); return nil },
		}
		cfg.Outcomes = deadlines{outcomes{b}}
		b.holder = holder.New(cfg)
		b.holder.Add(many(1))
		time.Sleep(time.Minute)
		b.want("hook before adding [10.0.0.0/32]: context deadline exceeded, deadline: true", "add 10.0.0.0/32", "added: <nil>",
			"hook after adding, as the one before has not returned [10.0.0.0/32]: context deadline exceeded, deadline: true", "idle")
		close(hang)
	})
}

// deadlines notes of a hook whether it ran out of time.
type deadlines struct{ outcomes }

func (d deadlines) Hooked(err error) {
	d.note(fmt.Sprint(err, ", deadline: ", errors.Is(err, context.DeadlineExceeded)))
}

// TestHookKeepsNobodyWaiting: while the hook of one holder hangs, a pool of one goroutine does the work of others.
func TestHookKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHookedBench(t)
		b.run(1)
		release := b.block("before add 10.0.0.0/32")
		b.holder.Add(many(1))
		synctest.Wait()
		b.want("before add 10.0.0.0/32")
		for range 3 {
			other := holder.New(b.config())
			other.Add(many(2)[1:])
			synctest.Wait()
			b.want("add 10.0.0.1/32", "added: <nil>", "idle")
		}
		release()
		synctest.Wait()
		b.want("add 10.0.0.0/32", "added: <nil>", "after add 10.0.0.0/32", "idle")
	})
}

// TestHooksOfOvertakenRemoval: an address that is wished for again while the hook before its removal runs stays, and comes
// anew for the hooks.
func TestHooksOfOvertakenRemoval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHookedBench(t)
		b.run(1)
		b.holder.Add(many(1))
		synctest.Wait()
		b.want("before add 10.0.0.0/32", "add 10.0.0.0/32", "added: <nil>", "after add 10.0.0.0/32", "idle")
		release := b.block("before remove 10.0.0.0/32")
		b.holder.Remove(many(1))
		synctest.Wait()
		b.holder.Add(many(1))
		release()
		synctest.Wait()
		b.want("before remove 10.0.0.0/32", "removed: <nil>",
			"before add 10.0.0.0/32", "add 10.0.0.0/32", "added: <nil>", "after add 10.0.0.0/32", "idle")
	})
}

// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// named notes what a holder tells under its number.
type named struct {
	*bench
	number int
}

func (o named) say(what string, err error) { o.note(fmt.Sprint(o.number, " ", what, ": ", err)) }

func (o named) Added(err error)     { o.say("added", err) }
func (o named) Removed(err error)   { o.say("removed", err) }
func (o named) Announced(err error) { o.say("announced", err) }
func (o named) Hooked(err error)    { o.say("hooked", err) }

// crew returns n holders that a call can be for together, but for what change does to the last one; it may be nil.
func (b *bench) crew(n int, change func(*holder.Config)) []*holder.Holder {
	cfg := b.config()
	cfg.Together = true
	var list []*holder.Holder
	for i := range n {
		place := *cfg.Place
		cfg.Place = &place
		if cfg.Outcomes = (named{b, i}); i == n-1 && change != nil {
			change(&cfg)
		}
		list = append(list, holder.New(cfg))
	}
	return list
}

// wantWork compares the log since the last call, but for when holders were idle.
func (b *bench) wantWork(lines ...string) {
	b.t.Helper()
	b.mu.Lock()
	b.log = slices.DeleteFunc(b.log, func(line string) bool { return line == "idle" })
	b.mu.Unlock()
	b.want(lines...)
}

// takeOver has each holder add its address and announce it.
func takeOver(list []*holder.Holder, count int) {
	for i, h := range list {
		h.Add(many(i + 1)[i:])
		h.Announce(many(i + 1)[i:], count)
	}
}

// TestTogether: what several holders want is done by one call, round by round, and told to each.
func TestTogether(t *testing.T) {
	b := newBench(t)
	list := b.crew(2, nil)
	takeOver(list, 2)
	b.work()
	b.wantWork("add 10.0.0.0/32 10.0.0.1/32", "announce eth0 10.0.0.0 10.0.0.1", "0 announced: <nil>", "1 announced: <nil>",
		"0 added: <nil>", "1 added: <nil>",
		"announce eth0 10.0.0.0 10.0.0.1", "0 announced: <nil>", "1 announced: <nil>")
	for i, h := range list {
		h.Remove(many(2)[i : i+1])
	}
	b.work()
	b.wantWork("remove 10.0.0.0/32 10.0.0.1/32", "0 removed: <nil>", "1 removed: <nil>")
	for i, h := range list {
		if len(h.Held()) > 0 || !h.Idle() || !h.Settled() {
			t.Errorf("holder %d has %v, idle %v, settled %v", i, h.Held(), h.Idle(), h.Settled())
		}
	}
}

// TestTogetherIsBounded: a call is for no more addresses than one for a holder that has many, and these alone.
func TestTogetherIsBounded(t *testing.T) {
	b := newBench(t)
	list := b.crew(66, nil)
	for i, h := range list[:65] {
		h.Add(many(65)[i : i+1])
	}
	list[65].Add(many(130)[65:])
	b.work()
	b.log = slices.DeleteFunc(b.log, func(line string) bool { return !strings.HasPrefix(line, "add ") })
	b.wantWork("add 10.0.0.0/32 to 10.0.0.63/32: 64", "add 10.0.0.64/32", "add 10.0.0.65/32 to 10.0.0.128/32: 64", "add 10.0.0.129/32")
}

// TestNotTogether: calls are not for holders together that have something else to do, or something else to do it with.
func TestNotTogether(t *testing.T) {
	for name, change := range map[string]func(*bench, *holder.Config){
		"not asked for": func(_ *bench, cfg *holder.Config) { cfg.Together = false },
		"backend":       func(b *bench, cfg *holder.Config) { cfg.Backend = named{b, 1} },
		"link":          func(_ *bench, cfg *holder.Config) { cfg.Link = "eth1" },
		"MAC":           func(_ *bench, cfg *holder.Config) { cfg.MAC[0] = 2 },
		"hooks":         func(_ *bench, cfg *holder.Config) { cfg.Hooks = &holder.Hooks{} },
		"common": func(_ *bench, cfg *holder.Config) {
			other := *cfg.Common
			cfg.Common = &other
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for i, h := range b.crew(2, func(cfg *holder.Config) { change(b, cfg) }) {
				h.Add(many(2)[i : i+1])
			}
			b.work()
			b.wantWork("add 10.0.0.0/32", "0 added: <nil>", "add 10.0.0.1/32", "1 added: <nil>")
		})
	}
	t.Run("kind", func(t *testing.T) {
		b := newBench(t)
		list := b.crew(3, nil)
		list[0].Add(many(1))
		list[1].Remove(many(2)[1:])
		list[2].Announce(many(3)[2:], 1)
		b.work()
		b.wantWork("add 10.0.0.0/32", "0 added: <nil>", "remove 10.0.0.1/32", "1 removed: <nil>",
			"announce eth0 10.0.0.2", "2 announced: <nil>")
	})
}

// Calls for two holders.
const (
	addBoth      = "add 10.0.0.0/32 10.0.0.1/32"
	removeBoth   = "remove 10.0.0.0/32 10.0.0.1/32"
	announceBoth = "announce eth0 10.0.0.0 10.0.0.1"
)

// TestTogetherFails: the failure of a call for several is told to none of them. Each is asked for by itself, and what
// becomes of that is told.
func TestTogetherFails(t *testing.T) {
	b := newBench(t)
	list := b.crew(2, nil)
	b.fail(addBoth, errBackend)
	b.fail("add 10.0.0.0/32", errBackend)
	takeOver(list, 1)
	b.work()
	b.wantWork(addBoth, "add 10.0.0.0/32", "0 added: backend",
		"add 10.0.0.1/32", "announce eth0 10.0.0.1", "1 announced: <nil>", "1 added: <nil>")

	b.fail(announceBoth, errBackend)
	b.fail("announce eth0 10.0.0.1", errBackend)
	for i, h := range list {
		h.Announce(many(2)[i:i+1], 1)
	}
	b.work()
	b.wantWork(announceBoth, "announce eth0 10.0.0.0", "0 announced: <nil>", "announce eth0 10.0.0.1", "1 announced: backend")

	b.fail(removeBoth, errBackend)
	b.fail("remove 10.0.0.0/32", errBackend)
	for i, h := range list {
		h.Remove(many(2)[i : i+1])
	}
	b.work()
	b.wantWork(removeBoth, "remove 10.0.0.0/32", "0 removed: backend", "remove 10.0.0.1/32", "1 removed: <nil>")
	if got := list[0].Held(); !slices.Equal(got, many(1)) || len(list[1].Held()) > 0 {
		t.Errorf("held are %v and %v", got, list[1].Held())
	}
}

// TestTogetherAddedNotAnnounced: when the announcement for several fails after they were added, they are not added again.
func TestTogetherAddedNotAnnounced(t *testing.T) {
	b := newBench(t)
	b.fail(announceBoth, errBackend)
	takeOver(b.crew(2, nil), 1)
	b.work()
	b.wantWork(addBoth, announceBoth, "0 added: <nil>", "1 added: <nil>",
		"announce eth0 10.0.0.0", "0 announced: <nil>", "announce eth0 10.0.0.1", "1 announced: <nil>")
}

// TestTogetherTimesOut: the same for a call that runs out of time. Others go on with the holders then, at once.
func TestTogetherTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.block(addBoth)
		b.block("add 10.0.0.0/32")
		takeOver(b.crew(2, nil), 1)
		b.run(2)
		time.Sleep(timeout)
		synctest.Wait()
		b.log = slices.DeleteFunc(b.log, func(line string) bool { return line == "idle" })
		b.wantAnyOrder(addBoth, "add 10.0.0.0/32", "add 10.0.0.1/32", "announce eth0 10.0.0.1", "1 announced: <nil>", "1 added: <nil>")
		time.Sleep(timeout)
		synctest.Wait()
		b.wantWork("0 added: context deadline exceeded")
	})
}

// TestSilenceTogether: Silence of one ends the announcement of both, is the last word of that one, and has the other
// announced alone.
func TestSilenceTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		list := b.crew(2, nil)
		b.block(announceBoth)
		takeOver(list, 2)
		b.run(1)
		synctest.Wait()
		b.wantWork(addBoth, announceBoth)
		list[0].Silence()
		synctest.Wait()
		b.wantWork("0 added: <nil>", "1 added: <nil>",
			"announce eth0 10.0.0.1", "1 announced: <nil>", "announce eth0 10.0.0.1", "1 announced: <nil>")
	})
}

// TestSilenceBeforeOthers: one that is silenced between the failed announcement of both and its own is not announced.
func TestSilenceBeforeOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		list := b.crew(2, nil)
		b.fail(announceBoth, errBackend)
		release := b.block("announce eth0 10.0.0.0")
		for i, h := range list {
			h.Announce(many(2)[i:i+1], 1)
		}
		b.run(1)
		synctest.Wait()
		list[1].Silence()
		release()
		synctest.Wait()
		b.wantWork(announceBoth, "announce eth0 10.0.0.0", "0 announced: <nil>")
	})
}

// TestChangedWhileAddingTogether: one that is silenced while both are added is not announced. What one does not want any
// more is removed, and what it wants besides is added, as if it were alone.
func TestChangedWhileAddingTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		list := b.crew(3, nil)
		release := b.block("add 10.0.0.0/32 10.0.0.1/32 10.0.0.2/32")
		takeOver(list, 1)
		b.run(1)
		synctest.Wait()
		list[0].Silence()
		list[0].Remove(many(1))
		list[1].Add(many(4)[3:])
		release()
		synctest.Wait()
		b.wantWork("add 10.0.0.0/32 10.0.0.1/32 10.0.0.2/32", "announce eth0 10.0.0.1 10.0.0.2", "1 announced: <nil>", "2 announced: <nil>",
			"2 added: <nil>", "remove 10.0.0.0/32", "0 removed: <nil>", "add 10.0.0.3/32", "1 added: <nil>")
	})
}

// TestWishedWhileRemovingTogether: what one wants again while both are removed is added after that.
func TestWishedWhileRemovingTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		list := b.crew(2, nil)
		takeOver(list, 0)
		b.work()
		b.log = nil
		release := b.block(removeBoth)
		for i, h := range list {
			h.Remove(many(2)[i : i+1])
		}
		b.run(1)
		synctest.Wait()
		list[1].Add(many(2)[1:])
		release()
		synctest.Wait()
		b.wantWork(removeBoth, "0 removed: <nil>", "1 removed: <nil>", "add 10.0.0.1/32", "1 added: <nil>")
	})
}

// TestRepeatedAfterOthers: who has been announced is announced again when all others have been added.
func TestRepeatedAfterOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		list := b.crew(3, nil)
		takeOver(list[:2], 3)
		release := b.block(announceBoth)
		b.run(1)
		synctest.Wait()
		list[2].Add(many(3)[2:])
		release()
		synctest.Wait()
		b.wantWork(addBoth, announceBoth, "0 announced: <nil>", "1 announced: <nil>", "0 added: <nil>", "1 added: <nil>",
			"add 10.0.0.2/32", "2 added: <nil>",
			announceBoth, "0 announced: <nil>", "1 announced: <nil>", announceBoth, "0 announced: <nil>", "1 announced: <nil>")
	})
}

// TestRepeatedAfterTheLoop: nobody is announced again while the loop says what it has to say; what is to be added then is.
func TestRepeatedAfterTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		list := b.crew(3, func(cfg *holder.Config) { cfg.Together = false })
		release := b.block(addBoth)
		takeOver(list[:2], 2)
		b.run(1)
		synctest.Wait()
		takeOver(list[2:], 2) // which waits for the goroutine
		b.pool.Hold()
		release()
		synctest.Wait()
		b.wantWork(addBoth, announceBoth, "0 announced: <nil>", "1 announced: <nil>", "0 added: <nil>", "1 added: <nil>",
			"add 10.0.0.0/32", "announce eth0 10.0.0.0", "2 announced: <nil>", "2 added: <nil>")
		b.pool.Release()
		synctest.Wait()
		b.wantWork(announceBoth, "0 announced: <nil>", "1 announced: <nil>", "announce eth0 10.0.0.0", "2 announced: <nil>")
	})
}

// TestTogetherWithinReach: holders that are far behind wait for the next call, and none is lost.
func TestTogetherWithinReach(t *testing.T) {
	b := newBench(t)
	for i := range 3000 {
		cfg := b.config()
		place := *cfg.Place
		if place.Link = "eth0"; i%1500 != 0 {
			place.Link = fmt.Sprint("eth", i)
		}
		cfg.Place, cfg.Together, cfg.Outcomes = &place, true, named{b, i}
		holder.New(cfg).Add(many(3000)[i : i+1])
	}
	b.work()
	for i, line := range b.log {
		if strings.HasPrefix(line, "add ") && strings.Count(line, "/32") != 1 {
			t.Errorf("line %d: %s", i, line)
		}
	}
	added := slices.DeleteFunc(b.log, func(line string) bool { return !strings.HasSuffix(line, "added: <nil>") })
	if len(added) != 3000 {
		t.Errorf("%d were added, want 3000", len(added))
	}
}

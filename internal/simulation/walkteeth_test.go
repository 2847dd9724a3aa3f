// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"testing"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// awkward is a subject with a defect.
type awkward struct {
	subject
	reconfigure func(i awkwardInstance, w wish) error // nil: as it is to be
	tell        func(o *occurrence) bool              // whether it is told; nil: all as it is
}

// awkwardInstance is a part of it.
type awkwardInstance struct {
	instance
	subject *awkward
	backend *shelf
}

func (a *awkward) add(n int, w wish, b *shelf) (instance, error) {
	i, err := a.subject.add(n, w, b)
	return awkwardInstance{i, a, b}, err
}

func (a *awkward) follow(ctx context.Context, f func(occurrence)) {
	a.subject.follow(ctx, func(o occurrence) {
		if a.tell == nil || a.tell(&o) {
			f(o)
		}
	})
}

func (i awkwardInstance) reconfigure(w wish) error {
	if i.subject.reconfigure == nil {
		return i.instance.reconfigure(w)
	}
	return i.subject.reconfigure(i, w)
}

// removesAndAdds takes all addresses away and adds them, to change anything.
func removesAndAdds(i awkwardInstance, w wish) error {
	err := i.instance.reconfigure(w)
	if s := i.backend.spot; err == nil && s.state == stateActive(s.w.CARP) {
		_ = i.backend.Remove(context.Background(), s.addrs(w))
		_ = i.backend.Add(context.Background(), s.addrs(w))
	}
	return err
}

// goesHalfway takes a part of what it refuses.
func goesHalfway(i awkwardInstance, w wish) error {
	err := i.instance.reconfigure(w)
	if err != nil {
		_ = i.setRank(w.Rank)
	}
	return err
}

// takesAnything takes what is wrong, and does nothing about it.
func takesAnything(i awkwardInstance, w wish) error {
	_ = i.instance.reconfigure(w)
	return nil
}

// leavesSilently tells of no role that is given up, and counts on.
func leavesSilently() func(o *occurrence) bool {
	untold := uint64(0)
	return func(o *occurrence) bool {
		if o.transition && (o.from == stateActive(true) || o.from == stateActive(false)) {
			untold++
			return false
		}
		o.number -= untold
		return true
	}
}

// losesOne leaves out one of the first events.
func losesOne() func(o *occurrence) bool {
	return func(o *occurrence) bool { return o.number != 4 }
}

// givesNoReason tells of resignations as of nothing.
func givesNoReason() func(o *occurrence) bool {
	return func(o *occurrence) bool {
		if o.reason == "resigned" {
			o.reason = "none"
		}
		return true
	}
}

// Each rule of walks is broken by a defect that it is there for, in one of the first
// walks, and what is found becomes short.
func TestWalksFindDefects(t *testing.T) {
	for name, test := range map[string]struct {
		awkward func() *awkward
		rule    rule
		most    int // steps that are needed
	}{
		"removes and adds":    {func() *awkward { return &awkward{reconfigure: removesAndAdds} }, ruleTouched, 3},
		"goes halfway":        {func() *awkward { return &awkward{reconfigure: goesHalfway} }, ruleRefused, 2},
		"takes anything":      {func() *awkward { return &awkward{reconfigure: takesAnything} }, ruleRun, 2},
		"leaves silently":     {func() *awkward { return &awkward{tell: leavesSilently()} }, ruleStream, 4},
		"loses an event":      {func() *awkward { return &awkward{tell: losesOne()} }, ruleStream, 2},
		"resigns for nothing": {func() *awkward { return &awkward{tell: givesNoReason()} }, ruleReason, 3},
	} {
		t.Run(name, func(t *testing.T) {
			maker := func(w *walker, h *netiftest.Host) subject {
				a := test.awkward()
				a.subject = newSubject(w, h)
				return a
			}
			for seed := range uint64(seedsToFind) {
				w := stroll(1 + seed)
				v := taken(t, w, maker).found
				if v == nil || v.rule != test.rule {
					continue
				}
				small, _ := shorten(t, w, v, maker)
				if len(small.Steps) > test.most {
					t.Errorf("walk %d is shortened to %v", w.Seed, small.Steps)
				}
				if v := taken(t, small, newSubject).found; v != nil {
					t.Errorf("without the defect: %v", v)
				}
				t.Log(tellWalk(t, small, v, maker))
				return
			}
			t.Errorf("not found in %d walks", seedsToFind)
		})
	}
}

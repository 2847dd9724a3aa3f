// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/vrrp"
)

// watched is what is compared of a takeover.
type watched struct {
	Chapter    int
	Node       int
	Reason     vrrp.Reason
	Took       time.Duration
	Limit      time.Duration
	Lost       int
	MovedAfter time.Duration
}

// In memory every figure is the same each time. A timer runs from when the
// advertisement arrived, the figure from when it was sent.
func TestStoryInMemory(t *testing.T) {
	h, err := tellInMemory(t, func(w world) world { return w })
	if err != nil {
		t.Fatal(err)
	}
	var got []watched
	for _, o := range h.takeovers() {
		got = append(got, watched{o.Chapter, o.Node, o.Reason, o.took(), o.Limit, o.Lost, o.Moved - o.At})
	}
	skew2, down2 := timers(node2)
	_, down1 := timers(node1)
	want := []watched{
		{Chapter: 0, Node: node1, Reason: vrrp.ReasonNoResponse, Took: down1, Limit: down1},
		{Chapter: 1, Node: node2, Reason: vrrp.ReasonGoodbye, Took: skew2 + lanDelay, Limit: skew2},
		{Chapter: 2, Node: node1, Reason: vrrp.ReasonPreempt, Took: down1, Limit: down1},
		{Chapter: 3, Node: node2, Reason: vrrp.ReasonNoResponse, Took: down2 + lanDelay, Limit: down2, Lost: 176},
		{Chapter: 4, Node: node1, Reason: vrrp.ReasonPreempt, Took: down1, Limit: down1},
		{Chapter: 5, Node: node2, Reason: vrrp.ReasonNoResponse, Took: down2 + lanDelay, Limit: down2, Lost: 176},
		{Chapter: 6, Node: node1, Reason: vrrp.ReasonPreempt, Took: down1, Limit: down1},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(watched{}, "MovedAfter")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, o := range got[1:] {
		if o.MovedAfter < 0 || o.MovedAfter >= 2*pingInterval {
			t.Errorf("chapter %d: the client is answered %v after the advertisement", o.Chapter+1, o.MovedAfter)
		}
	}
}

// tellInMemory tells the story in memory, in a world that change may have made a
// worse one.
func tellInMemory(t *testing.T, change func(world) world) (history, error) {
	t.Helper()
	r := &record{}
	return show(t.Context(), change(newMemoryWorld(r, "this is a test", false)), r, &screen{w: t.Output(), verbose: true})
}

// deaf doesn't do what it is told.
type deaf struct{ world }

func (deaf) stop(int) error { return nil }

// rude kills where it should ask.
type rude struct{ world }

func (r rude) stop(node int) error { return r.powerOff(node) }

func (r rude) start(node int) error { return errors.Join(r.powerOn(node), r.world.start(node)) }

// sticky leaves addresses where they were.
type sticky struct{ world }

func (sticky) holds(int) (bool, error) { return true, nil }

// bare never has an address.
type bare struct{ world }

func (bare) holds(int) (bool, error) { return false, nil }

// silent has a client that gets no answer.
type silent struct{ world }

func (silent) ping() func() error { return func() error { return nil } }

// broken fails after a while.
type broken struct{ world }

var errBroken = errors.New("broken")

func (b broken) pass(ctx context.Context, d time.Duration) error {
	if b.now() > 3*time.Second {
		return errBroken
	}
	return b.world.pass(ctx, d)
}

func TestWrongOutcomeIsAnError(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(world) world
		want   string
	}{
		{"deaf", func(w world) world { return deaf{w} }, "planned stop: after 20s node1 is Active, not off, node2 is Backup, not Active"},
		{"rude", func(w world) world { return rude{w} }, "planned stop: node2 took over for a wrong reason: no advertisement heard"},
		{"sticky", func(w world) world { return sticky{w} }, "start: after 20s node2 is Backup and has the address"},
		{"bare", func(w world) world { return bare{w} }, "start: after 20s node1 is Active without the address"},
		{"silent", func(w world) world { return silent{w} }, "planned stop: after 20s the client has no answer from who is Active"},
		{"broken", func(w world) world { return broken{w} }, "broken"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := tellInMemory(t, test.change)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

// interrupted ends its context after a while.
type interrupted struct {
	world
	cancel context.CancelFunc
	closed *bool
}

func (i interrupted) pass(ctx context.Context, d time.Duration) error {
	if i.now() > 3*time.Second {
		i.cancel()
	}
	return i.world.pass(ctx, d)
}

func (i interrupted) close() error {
	*i.closed = true
	return i.world.close()
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := &record{}
	closed := false
	w := interrupted{newMemoryWorld(r, "this is a test", false), cancel, &closed}
	h, err := show(ctx, w, r, &screen{w: t.Output()})
	if err == nil || err.Error() != "interrupted" {
		t.Errorf("error %v", err)
	}
	if !closed {
		t.Error("the world is left behind")
	}
	if len(h.Chapters) != 2 {
		t.Errorf("history of %d chapters", len(h.Chapters))
	}
	for node := range numNodes {
		if c := r.condition(node); c != off {
			t.Errorf("%s is %s after the end", name(node), c)
		}
	}
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	svg := t.TempDir() + "/picture.svg"
	if err := run(t.Context(), options{memory: true, unpaced: true, verbose: true, svg: svg}, &out, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "memory.txt", out.Bytes())
	if err := run(t.Context(), options{memory: true, unpaced: true, svg: t.TempDir()}, &out, false); err == nil {
		t.Error("a directory was written to")
	}
}

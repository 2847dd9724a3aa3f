// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// chapter is one thing that happens, and what has to come of it.
type chapter struct {
	title   string
	text    string
	do      func(w world) error
	want    [numNodes]condition
	reasons []vrrp.Reason // for which the Active one of want may take over; none: nobody takes over
	planned bool          // the client must not notice
}

// chapters returns the story. The better router returns each time, so that every
// failure is one of the same node.
func chapters(w world) []chapter {
	returns := []vrrp.Reason{vrrp.ReasonPreempt, vrrp.ReasonNoResponse}
	silence := []vrrp.Reason{vrrp.ReasonNoResponse}
	restored := [numNodes]condition{active, backup}
	return []chapter{{
		title: "start", text: "both routers start; the one of higher priority claims the address first",
		do:   func(w world) error { return errors.Join(w.start(node1), w.start(node2)) },
		want: restored, reasons: returns,
	}, {
		title: "planned stop", text: "node1's router is told to end, as for an update: it says goodbye",
		do:   func(w world) error { return w.stop(node1) },
		want: [numNodes]condition{off, active}, reasons: []vrrp.Reason{vrrp.ReasonGoodbye}, planned: true,
	}, {
		title: "return", text: "node1's router starts again, and preempts node2",
		do:   func(w world) error { return w.start(node1) },
		want: restored, reasons: returns, planned: true,
	}, {
		title: "power failure", text: "node1 loses power: " + w.powerFailure(),
		do:   func(w world) error { return w.powerOff(node1) },
		want: [numNodes]condition{off, active}, reasons: silence,
	}, {
		title: "power returns", text: "node1 is on the switch again, and a new router starts",
		do:   func(w world) error { return errors.Join(w.powerOn(node1), w.start(node1)) },
		want: restored, reasons: returns, planned: true,
	}, {
		title: "link fails", text: "node1's own interface goes down, as with \"ip link set eth0 down\"",
		do:   func(w world) error { return w.setLink(node1, false) },
		want: [numNodes]condition{initialize, active}, reasons: silence,
	}, {
		title: "link returns", text: "the interface comes up again",
		do:   func(w world) error { return w.setLink(node1, true) },
		want: restored, reasons: returns, planned: true,
	}, {
		title: "end", text: "both routers are told to end, node2 first",
		do:   func(w world) error { return errors.Join(w.stop(node2), w.stop(node1)) },
		want: [numNodes]condition{off, off},
	}}
}

// Times of the story, none of which anything is measured by.
const (
	settleTime = 1100 * time.Millisecond // that each chapter is given after it has come out right
	patience   = 20 * time.Second        // after which it has come out wrong
	pollTime   = 10 * time.Millisecond
)

// story is the telling of it.
type story struct {
	world   world
	record  *record
	screen  *screen
	pinging bool
	wrong   []error  // what did not come out as it should
	excused []string // the same, but for the machine's sake
}

// tell lets it all happen. It returns why it could not go on; what came out wrong
// but didn't stop it is in s.wrong.
func (s *story) tell(ctx context.Context) error {
	all := chapters(s.world)
	last := len(all) - 1
	if err := s.play(ctx, &all[0]); err != nil {
		return err
	}
	stopPinging := s.world.ping()
	s.pinging = true
	err := s.pass(ctx, settleTime/2)
	for i := 1; i < last && err == nil; i++ {
		err = s.play(ctx, &all[i])
	}
	s.pinging = false
	if err := errors.Join(err, stopPinging()); err != nil {
		return err
	}
	if err := s.play(ctx, &all[last]); err != nil {
		return err
	}
	s.judgeAll(all)
	return nil
}

// play lets one chapter happen, and waits until what should come of it has come.
func (s *story) play(ctx context.Context, c *chapter) error {
	s.record.chapter(s.world.now(), c.title)
	s.screen.chapter(s.record.snapshot(s.world.now()), c.text)
	if err := c.do(s.world); err != nil {
		return fmt.Errorf("%s: %w", c.title, err)
	}
	if err := s.await(ctx, c); err != nil {
		return fmt.Errorf("%s: %w", c.title, err)
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	s.screen.outcome(s.record.snapshot(s.world.now()))
	return nil
}

// pass lets time pass, and shows it.
func (s *story) pass(ctx context.Context, d time.Duration) error {
	for ; d > 0; d -= pollTime {
		if err := s.world.pass(ctx, min(d, pollTime)); err != nil {
			return err
		}
		s.screen.show(s.record.snapshot(s.world.now()))
	}
	return nil
}

// settle gives a chapter some time, and waits until it is known of every ping up
// to the middle of it what became of it.
func (s *story) settle(ctx context.Context) error {
	middle := s.world.now() + settleTime/2
	if err := s.pass(ctx, settleTime); err != nil || !s.pinging {
		return err
	}
	return s.until(ctx, func() string {
		h := s.record.snapshot(s.world.now())
		if _, at := h.answering(); at < middle {
			return "nothing is known of the pings"
		}
		return ""
	})
}

// await waits until a chapter has come out as it should.
func (s *story) await(ctx context.Context, c *chapter) error {
	return s.until(ctx, func() string { return s.missing(c) })
}

// until waits until missing returns nothing.
func (s *story) until(ctx context.Context, missing func() string) error {
	deadline := s.world.now() + patience
	for what := missing(); what != ""; what = missing() {
		if s.world.now() > deadline {
			return fmt.Errorf("after %v %s", patience, what)
		}
		if err := s.pass(ctx, pollTime); err != nil {
			return err
		}
	}
	return nil
}

// missing says what isn't yet as it should be, or nothing.
func (s *story) missing(c *chapter) string {
	h := s.record.snapshot(s.world.now())
	var what []string
	for node, want := range c.want {
		if got := h.condition(node); got != want {
			what = append(what, fmt.Sprintf("%s is %s, not %s", name(node), got, want))
			continue
		}
		held, err := s.world.holds(node)
		switch {
		case err != nil:
			what = append(what, err.Error())
		case held && want != active:
			what = append(what, fmt.Sprintf("%s is %s and has the address", name(node), want))
		case !held && want == active:
			what = append(what, fmt.Sprintf("%s is %s without the address", name(node), want))
		}
	}
	if by, at := h.answering(); s.pinging && (by == nobody || c.want[by] != active || at < h.Chapters[len(h.Chapters)-1].At) {
		what = append(what, "the client has no answer from who is Active")
	}
	return strings.Join(what, ", ")
}

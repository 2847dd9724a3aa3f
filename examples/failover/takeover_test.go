// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vrrp"
)

const ms = time.Millisecond

func TestPingsInARow(t *testing.T) {
	var r record
	for _, p := range []struct {
		at time.Duration
		by int
	}{{0, node1}, {2 * ms, node1}, {12 * ms, node1}, {14 * ms, nobody}, {20 * ms, node2}, {22 * ms, node2}} {
		r.pinged(p.at, p.by)
	}
	want := []pings{
		{From: 0, To: 12 * ms, Count: 3, By: node1, Gap: 10 * ms},
		{From: 14 * ms, To: 14 * ms, Count: 1, By: nobody, Gap: 2 * ms},
		{From: 20 * ms, To: 22 * ms, Count: 2, By: node2, Gap: 6 * ms},
	}
	if diff := cmp.Diff(want, r.Pings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if by, at := r.answering(); by != node2 || at != 22*ms {
		t.Errorf("answering: %d at %v", by, at)
	}
}

func TestWithin(t *testing.T) {
	p := pings{From: 100 * ms, To: 198 * ms, Count: 50, By: node1}
	for _, test := range []struct {
		from, to time.Duration
		want     pings
	}{
		{0, time.Second, p},
		{100 * ms, 198 * ms, p},
		{150 * ms, time.Second, pings{From: 150 * ms, To: 198 * ms, Count: 25, By: node1}},
		{0, 150 * ms, pings{From: 100 * ms, To: 150 * ms, Count: 26, By: node1}},
		{0, 99 * ms, pings{}},
		{199 * ms, time.Second, pings{}},
	} {
		if diff := cmp.Diff(test.want, within(p, test.from, test.to)); diff != "" {
			t.Errorf("%v to %v (-want +got):\n%s", test.from, test.to, diff)
		}
	}
}

// chapterOf is a chapter from 1 s to 2 s in which node2 takes over at 1.4 s.
func chapterOf(reason vrrp.Reason, adverts []advert, more ...change) history {
	return history{
		End:      3 * time.Second,
		Chapters: []beginning{{0, "before"}, {time.Second, "it"}, {2 * time.Second, "after"}},
		Changes:  append(more, change{At: 1400 * ms, Node: node2, To: active, Reason: reason}),
		Adverts:  adverts,
		Pings: []pings{
			{From: 500 * ms, To: 1098 * ms, Count: 300, By: node1, Gap: 2 * ms},
			{From: 1100 * ms, To: 1398 * ms, Count: 150, By: nobody, Gap: 2 * ms},
			{From: 1402 * ms, To: 2500 * ms, Count: 550, By: node2, Gap: 4 * ms},
		},
	}
}

func TestTakeover(t *testing.T) {
	skew, down := timers(node2)
	seen := takeover{Chapter: 1, Node: node2, At: 1401 * ms, Watched: true, Pings: 50 + 150 + 300, Lost: 150,
		Outage: 300 * ms, Gap: 4 * ms, Moved: 1402 * ms}
	first := advert{1401 * ms, node2, 100}
	for _, test := range []struct {
		name    string
		history history
		want    func(*takeover)
	}{
		{"silence", chapterOf(vrrp.ReasonNoResponse, []advert{{940 * ms, node1, 200}, {1040 * ms, node1, 200}, first, {1501 * ms, node2, 100}}),
			func(w *takeover) {
				w.Reason, w.From, w.Since, w.Limit, w.Timer = vrrp.ReasonNoResponse, 1040*ms, "the last advertisement", down, "Active Down Interval"
			}},
		{"goodbye", chapterOf(vrrp.ReasonGoodbye, []advert{{1240 * ms, node1, 200}, {1340 * ms, node1, 0}, first}),
			func(w *takeover) {
				w.Reason, w.From, w.Since, w.Limit, w.Timer = vrrp.ReasonGoodbye, 1340*ms, "the goodbye", skew, "Skew Time"
			}},
		{"preemption", chapterOf(vrrp.ReasonPreempt, []advert{{1340 * ms, node1, 50}, first}, change{At: 1030 * ms, Node: node2, To: backup}),
			func(w *takeover) {
				w.Reason, w.From, w.Since, w.Limit, w.Timer = vrrp.ReasonPreempt, 1030*ms, "it began to listen", down, "Active Down Interval"
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := seen
			test.want(&want)
			got, ok := test.history.takeover(1)
			if diff := cmp.Diff(want, got); diff != "" || !ok {
				t.Errorf("%v (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestNoTakeover(t *testing.T) {
	h := chapterOf(vrrp.ReasonNoResponse, nil)
	for _, chapter := range []int{0, 2} {
		if o, ok := h.takeover(chapter); ok {
			t.Errorf("chapter %d: %v", chapter, o)
		}
	}
	if all := h.takeovers(); len(all) != 1 || all[0].Chapter != 1 {
		t.Errorf("%v", all)
	}
}

func TestJudge(t *testing.T) {
	planned := chapter{want: [numNodes]condition{backup, active}, reasons: []vrrp.Reason{vrrp.ReasonGoodbye}, planned: true}
	crash := planned
	crash.planned = false
	ending := chapter{want: [numNodes]condition{off, off}}
	good := takeover{Node: node2, Reason: vrrp.ReasonGoodbye, At: 61 * ms, Limit: 61 * ms, Lost: plannedLoss, Gap: 2 * ms, Moved: 62 * ms}
	change := func(f func(*takeover)) takeover { t := good; f(&t); return t }
	lossy := func(f func(*takeover)) takeover { return change(func(t *takeover) { t.Lost++; f(t) }) }
	for _, test := range []struct {
		name     string
		chapter  chapter
		takeover takeover
		ok       bool
		want     string
	}{
		{"good", planned, good, true, ""},
		{"nobody", planned, takeover{}, false, "nobody took over"},
		{"nobody at the end", ending, takeover{}, false, ""},
		{"somebody at the end", ending, good, true, "node2 took over, and nobody should have"},
		{"wrong node", planned, change(func(t *takeover) { t.Node = node1 }), true, "node1 took over last"},
		{"wrong reason", planned, change(func(t *takeover) { t.Reason = vrrp.ReasonNoResponse }), true,
			"node2 took over for a wrong reason: no advertisement heard"},
		{"lossy", planned, lossy(func(*takeover) {}), true, "3 pings lost in a planned takeover"},
		{"lossy crash", crash, lossy(func(*takeover) {}), true, ""},
		{"lossy, late", planned, lossy(func(t *takeover) { t.At += time.Second; t.Moved += time.Second }), true,
			"3 pings lost in a planned takeover, " + errHeldUp.Error()},
		{"lossy, client held up", planned, lossy(func(t *takeover) { t.Gap = time.Second }), true,
			"3 pings lost in a planned takeover, " + errHeldUp.Error()},
		{"lossy, address late", planned, lossy(func(t *takeover) { t.Moved += time.Second }), true,
			"3 pings lost in a planned takeover, " + errHeldUp.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := judge(&test.chapter, &test.takeover, test.ok); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// put sets a will.
func (a args) put(o *outbox, id int) { o.set(id, a.link, a.src, a.dst, a.goodbye, a.addrs, a.validity) }

// wantTaken compares what is to be handed over: numbers of wills, negative where they are cleared.
func wantTaken(t *testing.T, o *outbox, want ...int) {
	t.Helper()
	changes, _ := o.take()
	var got []int
	for _, c := range changes {
		if c.will == nil {
			c.id = -c.id
		}
		got = append(got, c.id)
	}
	if !slices.Equal(got, want) {
		t.Errorf("taken %v, want %v", got, want)
	}
}

// rung reports whether the outbox asked to be looked at.
func rung(o *outbox) bool {
	select {
	case <-o.wake:
		return true
	default:
		return false
	}
}

// TestOutboxChanges hands over changes only, and the last of several.
func TestOutboxChanges(t *testing.T) {
	o := newOutbox()
	a, b := good(), good()
	b.validity++
	a.put(&o, 2)
	a.put(&o, 1)
	if !rung(&o) {
		t.Error("nobody was told")
	}
	b.put(&o, 2)
	rung(&o)
	changes, _ := o.take()
	if len(changes) != 2 || changes[0].id != 2 || !b.are(changes[0].will) || changes[1].id != 1 || !a.are(changes[1].will) {
		t.Errorf("taken %v", changes)
	}
	b.put(&o, 2)
	a.put(&o, 1)
	o.clear(3)
	if rung(&o) {
		t.Error("told of nothing")
	}
	wantTaken(t, &o)
	o.clear(1)
	b.put(&o, 1)
	o.clear(2)
	wantTaken(t, &o, 1, -2)
	a.put(&o, 3)
	o.clear(3)
	wantTaken(t, &o, -3)
}

// TestOutboxRestart hands over everything once more, but no ends.
func TestOutboxRestart(t *testing.T) {
	o := newOutbox()
	good().put(&o, 1)
	good().put(&o, 2)
	wantTaken(t, &o, 1, 2)
	o.clear(2)
	rung(&o)
	o.restart()
	if !rung(&o) {
		t.Error("nobody was told")
	}
	wantTaken(t, &o, 1)
}

// TestOutboxWaiting tells those who wait.
func TestOutboxWaiting(t *testing.T) {
	o := newOutbox()
	if _, err := o.handedOver(); !errors.Is(err, ErrNotRunning) {
		t.Errorf("error %v before there is a taker", err)
	}
	o.restart()
	rung(&o)
	done, err := o.handedOver()
	if err != nil || !rung(&o) {
		t.Errorf("error %v, or nobody was told", err)
	}
	_, waiting := o.take()
	if len(waiting) != 1 {
		t.Fatalf("%d wait, want 1", len(waiting))
	}
	o.putBack(waiting)
	o.restart()
	if _, again := o.take(); len(again) != 1 {
		t.Errorf("%d wait after they were put back, want 1", len(again))
	} else {
		again[0] <- nil
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if done, err = o.handedOver(); err != nil {
		t.Fatal(err)
	}
	o.close()
	if err := <-done; !errors.Is(err, ErrNotRunning) {
		t.Errorf("error %v after the taker has gone", err)
	}
	if _, err := o.handedOver(); !errors.Is(err, ErrNotRunning) {
		t.Errorf("error %v when the taker has gone", err)
	}
}

// TestOutboxBeats keeps heartbeats back until the guard has what they are about.
func TestOutboxBeats(t *testing.T) {
	o := newOutbox()
	var written []time.Time
	write := func(beat time.Time) { written = append(written, beat) }
	begin := time.Now()
	at := func(n int) time.Time { return begin.Add(time.Duration(n)) }
	want := func(n ...int) {
		t.Helper()
		var times []time.Time
		for _, n := range n {
			times = append(times, at(n))
		}
		if !slices.Equal(written, times) {
			t.Errorf("written %v, want %v", written, times)
		}
	}
	if o.delays(at(0)) {
		t.Error("kept back, though there is nothing")
	}
	good().put(&o, 1)
	if !o.delays(at(1)) || !o.delays(at(2)) {
		t.Error("not kept back when a will has changed")
	}
	o.take()
	if !o.delays(at(3)) {
		t.Error("not kept back while the will is handed over")
	}
	o.clear(1)
	o.delivered(write)
	want()
	o.take()
	o.delivered(write)
	want(3)
	o.delivered(write)
	if o.delays(at(4)) {
		t.Error("kept back when all is handed over")
	}
	want(3)
}

// TestSetAllocates nothing when nothing has changed: a loop does that thousands of times a second.
func TestSetAllocates(t *testing.T) {
	o := newOutbox()
	a := good()
	a.put(&o, 1)
	if n := testing.AllocsPerRun(100, func() { a.put(&o, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSet(b *testing.B) {
	for _, changed := range []bool{false, true} {
		b.Run(fmt.Sprintf("changed=%t", changed), func(b *testing.B) {
			o := newOutbox()
			a := good()
			b.ReportAllocs()
			for b.Loop() {
				if changed {
					a.validity++
				}
				a.put(&o, 1)
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package deadline_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(n int) time.Time { return epoch.Add(time.Duration(n)) }

// TestQueueAgainstList does at random what the queue can do and compares it with
// a list that is searched through.
func TestQueueAgainstList(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var q deadline.Queue[int]
	entries := make([]deadline.Entry[int], 50)
	list := map[int]time.Time{}
	for i := range entries {
		entries[i].Value = i
	}
	for range 20000 {
		i := random.IntN(len(entries))
		if random.IntN(3) == 0 {
			q.Remove(&entries[i])
			delete(list, i)
		} else {
			list[i] = at(random.IntN(100))
			q.Set(&entries[i], list[i])
		}
		var earliest time.Time
		for _, d := range list {
			if earliest.IsZero() || d.Before(earliest) {
				earliest = d
			}
		}
		wantEarliest(t, &q, earliest, len(list))
	}
}

// wantEarliest asks the queue as a loop does: it sleeps until Next and asks then what is due. It must not oversleep, and
// be there after as many turns as there are deadlines.
func wantEarliest(t *testing.T, q *deadline.Queue[int], earliest time.Time, count int) {
	t.Helper()
	for turns := 0; ; turns++ {
		next, ok := q.Next()
		if next.After(earliest) || ok != (count > 0) || turns > count {
			t.Fatalf("Next = %v, %v in turn %d, want %v of %d", next, ok, turns, earliest, count)
		}
		if next.Equal(earliest) {
			return
		}
		if e := q.Due(next); e != nil {
			t.Fatalf("%d is due at %v, the earliest is at %v", e.Value, next, earliest)
		}
	}
}

// TestNextOfFew: where few deadlines are put off Next tells the earliest.
func TestNextOfFew(t *testing.T) {
	var q deadline.Queue[int]
	var a, b deadline.Entry[int]
	for n := range 100 {
		q.Set(&a, at(2*n))
		q.Set(&b, at(2*n+1))
		if next, ok := q.Next(); !ok || next != at(2*n) {
			t.Fatalf("Next = %v, %v, want %v", next, ok, at(2*n))
		}
	}
}

func TestDue(t *testing.T) {
	var q deadline.Queue[string]
	a, b := deadline.Entry[string]{Value: "a"}, deadline.Entry[string]{Value: "b"}
	q.Set(&a, at(2))
	q.Set(&b, at(1))
	if e := q.Due(at(0)); e != nil {
		t.Errorf("%q is due too early", e.Value)
	}
	for _, want := range []string{"b", "a"} {
		e := q.Due(at(2))
		if e == nil || e.Value != want {
			t.Fatalf("due: %v, want %q", e, want)
		}
		q.Remove(e)
	}
	if q.Due(at(9)) != nil {
		t.Error("something is due in an empty queue")
	}
	q.Remove(&a) // no harm
}

func BenchmarkSet(b *testing.B) {
	var q deadline.Queue[int]
	entries := make([]deadline.Entry[int], 4000)
	for i := range entries {
		q.Set(&entries[i], at(i))
	}
	n := len(entries)
	for b.Loop() {
		e := q.Due(at(n))
		q.Set(e, at(n))
		n++
	}
}

// BenchmarkPutOff puts deadlines off one after the other, as advertisements heard do, and wakes up for none.
func BenchmarkPutOff(b *testing.B) {
	var q deadline.Queue[int]
	entries := make([]deadline.Entry[int], 4000)
	for n := 0; b.Loop(); n++ {
		now := at(n)
		q.Set(&entries[n%len(entries)], now.Add(3*time.Duration(len(entries))))
		if n%16 == 0 {
			if q.Due(now) != nil {
				b.Fatal("due although put off")
			}
			q.Next()
		}
	}
}

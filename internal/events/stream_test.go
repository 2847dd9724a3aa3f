// SPDX-License-Identifier: Apache-2.0

package events_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/events"
)

// numbered is an event that is told its place.
type numbered struct {
	Number, Lost uint64
	Event        string
}

func number(n *numbered, number, lost uint64) { n.Number, n.Lost = number, lost }

// stream returns a stream that keeps size events.
func stream(size int) *events.Stream[numbered] { return events.New(size, number) }

// event returns one without a place.
func event(e string) numbered { return numbered{Event: e} }

// TestReadersGetAllInOrder: a reader gets what comes after it asked, however late it looks, and each gets it all.
func TestReadersGetAllInOrder(t *testing.T) {
	s := stream(4)
	s.Append(event("before anybody asked"))
	first := s.From(t.Context())
	s.Append(event("a"))
	second := s.From(t.Context())
	s.Append(event("b"))
	s.Close()
	s.Append(event("after the end"))
	for name, tt := range map[string]struct {
		from func(func(numbered) bool)
		want []numbered
	}{
		"first":    {first, []numbered{{Number: 2, Event: "a"}, {Number: 3, Event: "b"}}},
		"again":    {first, []numbered{{Number: 2, Event: "a"}, {Number: 3, Event: "b"}}},
		"second":   {second, []numbered{{Number: 3, Event: "b"}}},
		"too late": {s.From(t.Context()), nil},
	} {
		var got []numbered
		for n := range tt.from {
			got = append(got, n)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSlowReaderIsToldWhatItLost: the last ones are kept, and the first of these tells how many went before it.
func TestSlowReaderIsToldWhatItLost(t *testing.T) {
	s := stream(2)
	reader := s.From(t.Context())
	for _, e := range []string{"a", "b", "c", "d", "e"} {
		s.Append(event(e))
	}
	s.Close()
	var got []numbered
	for n := range reader {
		got = append(got, n)
	}
	if diff := cmp.Diff([]numbered{{Number: 4, Lost: 3, Event: "d"}, {Number: 5, Event: "e"}}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestReaderWaits: a reader gets each event when it comes, and ends with its context, with the stream, or by itself.
func TestReaderWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stream(8)
		ctx, cancel := context.WithCancel(t.Context())
		counts := make([]int, 3)
		ended := make([]bool, 3)
		for i, ctx := range []context.Context{ctx, t.Context(), t.Context()} {
			from := s.From(ctx)
			go func() {
				for range from {
					if counts[i]++; i == 2 {
						break
					}
				}
				ended[i] = true
			}()
		}
		synctest.Wait()
		s.Append(event("a"))
		synctest.Wait()
		cancel()
		synctest.Wait()
		s.Append(event("b"))
		s.Close()
		synctest.Wait()
		if diff := cmp.Diff([]int{1, 2, 1}, counts); diff != "" {
			t.Errorf("events of each (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]bool{true, true, true}, ended); diff != "" {
			t.Errorf("ended (-want +got):\n%s", diff)
		}
	})
}

// TestUnreadCostsNothing: as long as nobody reads, nothing is kept.
func TestUnreadCostsNothing(t *testing.T) {
	s := events.New(1<<20, func(*[100]byte, uint64, uint64) {})
	if n := testing.AllocsPerRun(100, func() { s.Append([100]byte{}) }); n != 0 {
		t.Errorf("%v allocations an event that nobody reads", n)
	}
}

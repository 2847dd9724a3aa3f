// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPingLog(t *testing.T) {
	start := time.Now()
	after := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	var got []PingResult
	l := pingLog{report: func(r PingResult) { got = append(got, r) }}
	for i := range 6 {
		l.sent(after(10*i), nil)
	}
	l.answered(0, after(1))
	l.answered(0, after(2)) // a duplicate: the first counts for the RTT
	l.answered(5, after(51))
	l.answered(6, after(52)) // never asked for
	l.settle(after(199))
	if len(got) > 0 {
		t.Errorf("reported before its time: %+v", got)
	}
	l.settle(after(230))
	l.answered(1, after(231)) // late
	l.answered(4, after(232))
	l.settle(after(1000))

	want := []PingResult{
		{Seq: 0, Sent: after(0), RTT: time.Millisecond, Answers: 2},
		{Seq: 1, Sent: after(10)},
		{Seq: 2, Sent: after(20)},
		{Seq: 3, Sent: after(30)},
		{Seq: 4, Sent: after(40), RTT: 192 * time.Millisecond, Answers: 1},
		{Seq: 5, Sent: after(50), RTT: time.Millisecond, Answers: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(PingSummary{Sent: 6, Lost: 3, Duplicates: 1, LongestRun: 3}, l.PingSummary); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

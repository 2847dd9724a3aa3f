// SPDX-License-Identifier: Apache-2.0

package netlab

import "time"

// PingTimeout is how long [Ping] waits for the answers to an echo request.
const PingTimeout = 200 * time.Millisecond

// A PingResult is what became of one echo request.
type PingResult struct {
	Seq     int           // counted from 0
	Sent    time.Time     // when it was sent
	RTT     time.Duration // from then to the first answer, by the kernel's clock
	Answers int           // 0: lost; above 1: answered by more than one host, or duplicated on the way
	Err     error         // why it could not be sent, else nil
}

// Lost reports whether nobody answered in time.
func (r *PingResult) Lost() bool { return r.Answers == 0 }

// A PingSummary counts the results of one [Ping].
type PingSummary struct {
	Sent       int // echo requests
	Lost       int // without an answer
	Duplicates int // answers beyond the first
	LongestRun int // of requests lost one after another; times the interval it is the outage
}

// pingLog holds the echo requests whose time is not over yet, oldest first, and sums up those whose time is over.
type pingLog struct {
	PingSummary
	open   []PingResult
	run    int // lost ones in a row, up to now
	report func(PingResult)
}

// sent notes a request that leaves at the time given.
func (l *pingLog) sent(at time.Time, err error) {
	l.open = append(l.open, PingResult{Seq: l.Sent, Sent: at, Err: err})
	l.Sent++
}

// answered notes an answer. One that comes late, or was never asked for, is of no interest.
func (l *pingLog) answered(seq uint64, at time.Time) {
	oldest := uint64(l.Sent - len(l.open))
	if seq < oldest || seq >= uint64(l.Sent) {
		return
	}
	r := &l.open[seq-oldest]
	if r.Answers == 0 {
		r.RTT = at.Sub(r.Sent)
	}
	r.Answers++
}

// settle reports the requests whose time is over.
func (l *pingLog) settle(now time.Time) {
	for len(l.open) > 0 && now.Sub(l.open[0].Sent) >= PingTimeout {
		r := l.open[0]
		l.open = l.open[1:]
		l.count(&r)
		l.report(r)
	}
}

// count adds a final result to the sums.
func (l *pingLog) count(r *PingResult) {
	if !r.Lost() {
		l.run = 0
		l.Duplicates += r.Answers - 1
		return
	}
	l.Lost++
	l.run++
	l.LongestRun = max(l.LongestRun, l.run)
}

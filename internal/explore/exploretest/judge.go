// SPDX-License-Identifier: Apache-2.0

package exploretest

import (
	"fmt"
	"time"
)

// Receive calls hear, by which the machine receives a packet, and holds it to: a packet
// that is rejected changes nothing, and nothing comes of it.
func (e *Member[M, C, A, P]) Receive(hear func() []A) (actions []A, rejected bool, err error) {
	e.before = e.group.codec.Exact(e.before[:0], e.Machine)
	actions = hear()
	for _, a := range actions {
		if !e.group.protocol.Rejects(a) {
			continue
		}
		if len(actions) > 1 {
			return actions, true, fmt.Errorf("a packet is rejected, and %d other actions come of it", len(actions)-1)
		}
		if field := e.group.codec.Changed(e.before, e.Machine); field != "" {
			return actions, true, fmt.Errorf("a packet is rejected, and changes %s", field)
		}
		return actions, true, nil
	}
	return actions, false, nil
}

// expire holds the machine to: what is due is done by one call, and the next deadline
// is later than now.
func (e *Member[M, C, A, P]) expire(now time.Time) ([]A, error) {
	actions := e.Machine.Expire(now)
	if at, ok := e.Machine.Deadline(); ok && !at.After(now) {
		return actions, fmt.Errorf("after what was due is done the deadline is %v ago", now.Sub(at))
	}
	return actions, nil
}

// Probe implements explore.Member. It holds a machine between two inputs to: its timers
// are those of its state, what isn't due yet isn't done, and asking changes nothing.
func (e *Member[M, C, A, P]) Probe(now time.Time) error {
	at, ok := e.Machine.Deadline()
	if again, still := e.Machine.Deadline(); again != at || still != ok {
		return fmt.Errorf("two deadlines, %v and %v", at, again)
	}
	if ok && !at.After(now) {
		return nil
	}
	e.before = e.group.codec.Exact(e.before[:0], e.Machine)
	early := []time.Time{now, at.Add(-1)}
	if !ok {
		early = early[:1]
	}
	for _, t := range early {
		if actions := e.Machine.Expire(t); len(actions) > 0 {
			return fmt.Errorf("%d actions %v before the deadline", len(actions), at.Sub(t))
		}
	}
	if field := e.group.codec.Changed(e.before, e.Machine); field != "" {
		return fmt.Errorf("%s changes before the deadline", field)
	}
	return nil
}

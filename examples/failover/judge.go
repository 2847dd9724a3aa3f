// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A planned takeover may cost the client two pings: one that is on its way when
// the address moves, and one beside it.
const plannedLoss = 2

// tolerance is how late a machine may be before losses prove nothing about a
// planned takeover: the node that hands over keeps the address for 50 ms at most
// after the first advertisement of the other.
const tolerance = 25 * time.Millisecond

// judgeAll finds what did not come out as it should. That each chapter ended in
// the right state has been seen before.
func (s *story) judgeAll(all []chapter) {
	h := s.record.snapshot(s.world.now())
	for i := range all {
		t, ok := h.takeover(i)
		switch err := judge(&all[i], &t, ok); {
		case errors.Is(err, errHeldUp):
			s.excused = append(s.excused, fmt.Sprintf("%s: %v", all[i].title, err))
		case err != nil:
			s.wrong = append(s.wrong, fmt.Errorf("%s: %w", all[i].title, err))
		}
	}
}

// errHeldUp says that something may well be wrong with the machine.
var errHeldUp = errors.New("but this machine was held up meanwhile, so that it proves nothing")

// heldUp reports whether the takeover was on a machine too busy for the client's
// losses to be the protocol's: the timer ran out late, the client did not get to
// send, or the new node did not get to add the address.
func (t *takeover) heldUp() bool {
	return t.late() > tolerance || t.Gap > tolerance || t.Moved-t.At > tolerance
}

// judge says what is wrong with the takeover in a chapter, of which ok says
// whether there was one.
func judge(c *chapter, t *takeover, ok bool) error {
	lossy := c.planned && t.Lost > plannedLoss
	switch {
	case len(c.reasons) == 0 && !ok:
		return nil
	case len(c.reasons) == 0:
		return fmt.Errorf("%s took over, and nobody should have", name(t.Node))
	case !ok:
		return errors.New("nobody took over")
	case c.want[t.Node] != active:
		return fmt.Errorf("%s took over last", name(t.Node))
	case !slices.Contains(c.reasons, t.Reason):
		return fmt.Errorf("%s took over for a wrong reason: %v", name(t.Node), t.Reason)
	case lossy && t.heldUp():
		return fmt.Errorf("%d pings lost in a planned takeover, %w", t.Lost, errHeldUp)
	case lossy:
		return fmt.Errorf("%d pings lost in a planned takeover", t.Lost)
	}
	return nil
}

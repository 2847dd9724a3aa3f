// SPDX-License-Identifier: Apache-2.0

package track

import "time"

// Change is a reading that is another one than before: a state, or a number.
type Change struct {
	Name        string
	Before, Now Reading

	// Err is why it is Down; nil if it isn't.
	Err error

	// At is when it was found, with the monotonic clock.
	At time.Time
}

// Status is what there is to know about a tracker. It is a value.
type Status struct {
	Name    string
	Reading Reading

	// Since is when the reading became what it is; zero if it is the initial one.
	Since time.Time

	// Err is the last error, kept after a recovery, and ErrAt when it was; nil if there was none. At a time-out it matches
	// [context.DeadlineExceeded]; what the check says when it returns after all is added to it.
	Err   error
	ErrAt time.Time

	// Succeeded and Failed count outcomes in succession, up to now: at least one of them is 0.
	Succeeded, Failed int

	// Runs counts outcomes. Failures of them were failures, and Timeouts of these were time-outs. Changes were reported.
	// Discarded counts outcomes that were not taken, because the host had stalled; they are not in the others.
	Runs, Failures, Timeouts, Changes, Discarded uint64

	// Hung is set while a run that has exceeded its time-out hasn't returned.
	Hung bool
}

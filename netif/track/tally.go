// SPDX-License-Identifier: Apache-2.0

package track

// outcome is what a run of a check came to.
type outcome struct {
	number int
	err    error
}

// tally counts outcomes in succession, and makes a reading of them. It is pure.
type tally struct {
	rise, fall      int
	reading         Reading
	risen, failures int // successes and failures in succession: one of them is 0
}

// resume takes a reading that was made of earlier outcomes, unless those since have
// decided.
func (t *tally) resume(r Reading) {
	decided := t.risen >= t.rise || t.failures >= t.fall
	if !decided && r.State <= Down && r.Numeric == t.reading.Numeric {
		t.reading = r
	}
}

// apply takes an outcome. A single one decides while the state is Unknown. A number that is read while Up counts at once;
// one failure among successes, or one success among failures, begins the count anew.
func (t *tally) apply(o outcome) {
	if o.err != nil {
		t.risen, t.failures = 0, t.failures+1
		if t.reading.State == Unknown || t.failures >= t.fall {
			t.reading.State, t.reading.Number = Down, 0
		}
		return
	}
	t.risen, t.failures = t.risen+1, 0
	if t.reading.State != Down || t.risen >= t.rise {
		t.reading.State = Up
		if t.reading.Numeric {
			t.reading.Number = o.number
		}
	}
}

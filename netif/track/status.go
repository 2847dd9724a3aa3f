// SPDX-License-Identifier: Apache-2.0

package track

import (
	"encoding/json"
	"time"

	"github.com/go-fhrp/fhrp/internal/jsonform"
)

// Change is a reading that is another one than before: a state, or a number. In JSON the error is its text.
type Change struct {
	Name   string  `json:"name"`   // of the condition
	Before Reading `json:"before"` // the reading that there was
	Now    Reading `json:"now"`    // the other one

	// Err is why it is Down; nil if it isn't.
	Err error `json:"error"`

	// At is when it was found, with the monotonic clock.
	At time.Time `json:"time"`
}

// Status is what there is to know about a tracker. It is a value. In JSON the error is its text.
type Status struct {
	Name    string  `json:"name"`    // of the condition
	Reading Reading `json:"reading"` // what its check found last

	// Since is when the reading became what it is; zero if it is the initial one.
	Since time.Time `json:"since,omitzero"`

	// Err is the last error, kept after a recovery, and ErrAt when it was; nil if there was none. At a time-out it matches
	// [context.DeadlineExceeded]; what the check says when it returns after all is added to it.
	Err   error     `json:"error"`
	ErrAt time.Time `json:"error-datetime,omitzero"`

	// Succeeded and Failed count outcomes in succession, up to now: at least one of them is 0.
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`

	// Runs counts outcomes. Failures of them were failures, and Timeouts of these were time-outs. Changes were reported.
	// Discarded counts outcomes that were not taken, because the host had stalled; they are not in the others.
	Runs      uint64 `json:"runs"`
	Failures  uint64 `json:"failures"`
	Timeouts  uint64 `json:"timeouts"`
	Changes   uint64 `json:"changes"`
	Discarded uint64 `json:"discarded"`

	// Hung is set while a run that has exceeded its time-out hasn't returned.
	Hung bool `json:"hung"`
}

// form returns c with its error as a text.
func (c *Change) form() any {
	type plain Change
	return &struct {
		*plain
		Err jsonform.Error `json:"error,omitzero"`
	}{(*plain)(c), jsonform.ErrorOf(&c.Err)}
}

// MarshalJSON returns the change as an object. It does not fail.
func (c Change) MarshalJSON() ([]byte, error) { return json.Marshal(c.form()) }

// UnmarshalJSON takes what MarshalJSON returns.
func (c *Change) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, c.form()) }

// form returns s with its error as a text.
func (s *Status) form() any {
	type plain Status
	return &struct {
		*plain
		Err jsonform.Error `json:"error,omitzero"`
	}{(*plain)(s), jsonform.ErrorOf(&s.Err)}
}

// MarshalJSON returns the status as an object. It does not fail.
func (s Status) MarshalJSON() ([]byte, error) { return json.Marshal(s.form()) }

// UnmarshalJSON takes what MarshalJSON returns.
func (s *Status) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, s.form()) }

// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"encoding/json"
	"time"

	"github.com/go-fhrp/fhrp/internal/jsonform"
)

// form returns s with durations in seconds and its error as a text.
func (s *Status) form() any {
	type plain Status
	return &struct {
		*plain
		Interval     *jsonform.Seconds `json:"interval-sec"`
		DownInterval *jsonform.Seconds `json:"down-interval-sec"`
		LastError    jsonform.Error    `json:"last-error,omitzero"`
	}{(*plain)(s), seconds(&s.Interval), seconds(&s.DownInterval), jsonform.ErrorOf(&s.LastError)}
}

// MarshalJSON returns the status in the form that is told at [Status]. It does not fail.
func (s Status) MarshalJSON() ([]byte, error) { return json.Marshal(s.form()) }

// UnmarshalJSON takes what MarshalJSON returns.
func (s *Status) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, s.form()) }

// form returns s with its error as a text.
func (s *PathStatus) form() any {
	type plain PathStatus
	return &struct {
		*plain
		LinkError jsonform.Error `json:"link-error,omitzero"`
	}{(*plain)(s), jsonform.ErrorOf(&s.LinkError)}
}

// MarshalJSON returns the status in the form that is told at [Status]. It does not fail.
func (s PathStatus) MarshalJSON() ([]byte, error) { return json.Marshal(s.form()) }

// UnmarshalJSON takes what MarshalJSON returns.
func (s *PathStatus) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, s.form()) }

// form returns t with its error as a text.
func (t *Transition) form() any {
	type plain Transition
	return &struct {
		*plain
		Late *jsonform.Seconds `json:"late-sec"`
		Err  jsonform.Error    `json:"error,omitzero"`
	}{(*plain)(t), seconds(&t.Late), jsonform.ErrorOf(&t.Err)}
}

// MarshalJSON returns the transition in the form that is told at [Status]. It does not fail.
func (t Transition) MarshalJSON() ([]byte, error) { return json.Marshal(t.form()) }

// UnmarshalJSON takes what MarshalJSON returns.
func (t *Transition) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, t.form()) }

// form returns e with its error as a text.
func (e *Event) form() any {
	type plain Event
	return &struct {
		*plain
		MAC *jsonform.MAC  `json:"mac,omitzero"`
		Err jsonform.Error `json:"error,omitzero"`
	}{(*plain)(e), (*jsonform.MAC)(&e.MAC), jsonform.ErrorOf(&e.Err)}
}

// MarshalJSON returns the event in the form that is told at [Status]. It does not fail.
func (e Event) MarshalJSON() ([]byte, error) { return json.Marshal(e.form()) }

// UnmarshalJSON takes what MarshalJSON returns. VirtualHost and Group are nil then.
func (e *Event) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, e.form()) }

// form returns m with durations in seconds.
func (m *Margin) form() any {
	type plain Margin
	return &struct {
		*plain
		LongestGap *jsonform.Seconds `json:"longest-gap-sec"`
		Lowest     *jsonform.Seconds `json:"lowest-sec"`
		Latest     *jsonform.Seconds `json:"latest-sec"`
	}{(*plain)(m), seconds(&m.LongestGap), seconds(&m.Lowest), seconds(&m.Latest)}
}

// MarshalJSON returns the margin in the form that is told at [Status]. It does not fail.
func (m Margin) MarshalJSON() ([]byte, error) { return json.Marshal(m.form()) }

// UnmarshalJSON takes what MarshalJSON returns.
func (m *Margin) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, m.form()) }

// seconds returns the form of a field.
func seconds(field *time.Duration) *jsonform.Seconds { return (*jsonform.Seconds)(field) }

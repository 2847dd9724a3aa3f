// SPDX-License-Identifier: Apache-2.0

package carp

import "time"

// Restrain has every claim to the role wait, for other virtual hosts that are to
// become Master at the same time, or ends that: a claim that has waited is made then.
// An advertisement that would have ended the claim ends it while it waits, too.
// [Machine.Force] is not restrained.
func (m *Machine) Restrain(now time.Time, on bool) []Action {
	m.begin()
	m.restrained = on
	if m.waiting && !on {
		m.enterMaster(now, m.heard(now, Master, m.claim))
	}
	return m.actions
}

// Claiming reports whether the role would be claimed but for [Machine.Restrain].
func (m *Machine) Claiming() bool { return m.waiting }

// ownBy is own by the doing of what has this name.
func (m *Machine) ownBy(now time.Time, to State, reason Reason, by string) Transition {
	t := m.own(now, to, reason)
	t.By = by
	return t
}

// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// Restrain has every claim to the role wait, for other virtual routers that are to
// become Active at the same time, or ends that: a claim that has waited is made
// then. An advertisement that would have ended the claim ends it while it waits,
// too. An address owner starts as Backup while it is restrained. [Machine.Force]
// is not.
func (m *Machine) Restrain(now time.Time, on bool) []Action {
	at := m.begin(now)
	m.restrained = on
	if m.waiting && !on {
		m.enterActive(at, m.heard(at, Active, m.claim))
	}
	return m.buffer.actions
}

// Claiming reports whether the role would be claimed but for [Machine.Restrain].
func (m *Machine) Claiming() bool { return m.waiting }

// ownBy is own by the doing of what has this name.
func (m *Machine) ownBy(now deadline.Instant, to State, reason Reason, by string) Transition {
	t := m.own(now, to, reason)
	t.By = by
	return t
}

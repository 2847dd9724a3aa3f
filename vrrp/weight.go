// SPDX-License-Identifier: Apache-2.0

package vrrp

import "time"

// Weigh sets what is added to the priority, keepalived's weights of tracked
// conditions taken together: the sum is kept between 1 and 254, so that no weight
// takes a router out of the election, and an address owner keeps its 255. It has
// the effect of [Machine.SetPriority], but lasts.
func (m *Machine) Weigh(now time.Time, weight int) []Action {
	at := m.begin(now)
	kept := int16(min(max(weight, -PriorityOwner), PriorityOwner))
	if kept != m.weight {
		m.setPriority(m.priority, kept)
		m.reprieve(at)
	}
	return m.buffer.actions
}

// effective returns the priority to take part with.
func (m *Machine) effective() uint8 {
	if m.priority == PriorityOwner || m.weight == 0 {
		return m.priority
	}
	return uint8(min(max(int(m.priority)+int(m.weight), 1), PriorityOwner-1))
}

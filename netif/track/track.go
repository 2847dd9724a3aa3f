// SPDX-License-Identifier: Apache-2.0

package track

// Track is a condition that a virtual router depends on: a tracker, and what is done about it. Several virtual routers
// can have the same tracker, each with an action of its own: its check runs once for all.
type Track struct {
	Tracker *Tracker
	Action  Action
}

// SPDX-License-Identifier: Apache-2.0

package carp

// begin starts the trackers of all virtual hosts, and reports whether it is the
// first call.
func (h *Host) begin() (first bool) {
	if h.begins.Swap(true) {
		return false
	}
	h.engine.Do(func() {
		for _, m := range h.engine.Seated() {
			m.(member).startTrackers()
		}
	})
	return true
}

// endTrackers stops the trackers of virtual hosts that have not been told of the end, for
// there was no beginning, and waits until all have ended.
func (h *Host) endTrackers() {
	h.engine.Do(h.watches.StopAll)
	h.watches.Wait() // nobody adds any more
}

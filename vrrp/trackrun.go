// SPDX-License-Identifier: Apache-2.0

package vrrp

// begin starts the trackers of all virtual routers, and reports whether it is the
// first call.
func (r *Router) begin() (first bool) {
	if r.begins.Swap(true) {
		return false
	}
	r.engine.Do(func() {
		for _, m := range r.engine.Seated() {
			m.(member).startTrackers()
		}
	})
	return true
}

// endTrackers stops the trackers of virtual routers that have not been told of the end, for
// there was no beginning, and waits until all have ended.
func (r *Router) endTrackers() {
	r.engine.Do(r.watches.StopAll)
	r.watches.Wait() // nobody adds any more
}

// SPDX-License-Identifier: Apache-2.0

package netif

import "sync/atomic"

// Stats is how often something went wrong on a [Network] since it was opened. What is not counted on a system is 0.
type Stats struct {
	// Rejoined counts the memberships of multicast groups that were lost and made anew while the link was up.
	Rejoined uint64

	// Resent counts the packets that were refused and went out at the second try; Unsent those that were not sent, each
	// of which [Network.Flush] reported with the reason.
	Resent, Unsent uint64
}

// counters are what Stats is read from.
type counters struct {
	rejoined, resent, unsent atomic.Uint64
}

// stats reads the counters.
func (c *counters) stats() Stats {
	return Stats{Rejoined: c.rejoined.Load(), Resent: c.resent.Load(), Unsent: c.unsent.Load()}
}

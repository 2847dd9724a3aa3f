// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// The bounds of a hand-over, in which both routers may have the addresses.
const (
	// handOver is how long addresses are kept after the successor's first
	// advertisement. It advertises before it adds them.
	handOver = 50 * time.Millisecond
	// handOverMargin is how long after one interval past the goodbye addresses
	// are kept for a successor that isn't heard.
	handOverMargin = 100 * time.Millisecond
)

// backOffFirst and backOffMost bound the time without a claim after addresses
// could not be added; it doubles each time.
const (
	backOffFirst = time.Second
	backOffMost  = 60 * time.Second
)

// answersPerInterval is how often in an advertisement interval a peer's
// advertisement is answered at once.
const answersPerInterval = 10

// quietIntervals is how many of the own intervals without its advertisement make
// a competitor gone.
const quietIntervals = 3

// aloneMost is how many advertisements of version 3 without one of version 2 between
// them tell that a router doesn't send both: more than are lost in succession.
const aloneMost = 5

// skewTime is Skew_Time (RFC 9568 section 6.1; RFC 3768 section 6.1): the higher
// the priority, the earlier the claim.
func (m *Machine) skewTime() time.Duration {
	unit := m.activeInterval
	if m.cfg.Version == V2 {
		unit = time.Second
	}
	return time.Duration(256-int(m.effective())) * unit / 256
}

// downInterval is Active_Down_Interval (RFC 9568 section 6.1), version 2's
// Master_Down_Interval.
func (m *Machine) downInterval() time.Duration {
	return time.Duration(m.cfg.DownIntervals)*m.activeInterval + m.skewTime()
}

// restartDownTimer sets Active_Down_Timer to Active_Down_Interval from now.
func (m *Machine) restartDownTimer(now deadline.Instant) {
	m.eager, m.waiting, m.downAt = false, false, now.Add(m.downInterval())
}

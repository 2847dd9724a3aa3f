// SPDX-License-Identifier: Apache-2.0

package netif

import "time"

// A pace tells when something that happens too often has to rest.
type pace struct {
	rest  time.Duration // between two of it in the long run
	burst int           // how many may come in succession before that

	paid  time.Time // what happened was worth a rest each, up to here
	until time.Time // when the rest is over
}

// spend notes that it happened, and reports whether it has to rest after that.
func (p *pace) spend(now time.Time) bool {
	if p.paid.Before(now) {
		p.paid = now
	}
	p.paid = p.paid.Add(p.rest)
	p.until = p.paid.Add(-time.Duration(p.burst) * p.rest)
	return p.until.After(now)
}

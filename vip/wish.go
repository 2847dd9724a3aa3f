// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"time"
)

// A wish is an address that is to be there.
type wish struct {
	prefix netip.Prefix
	until  time.Time // end of the lease; zero: none
	single bool      // held without its network

	held    bool      // was there when last looked, and nothing is known that took it away
	settled bool      // has been there
	taken   bool      // is not there, by somebody else's hand
	lost    bool      // was once, and has not been put back since, or not so that all know
	retry   time.Time // when it may be put back
	damping damping
}

// form returns the address as it is to be on the device.
func (w *wish) form() netip.Prefix {
	if w.single {
		return single(w.prefix)
	}
	return w.prefix
}

// left returns the rest of the lease; none, if that is less than a second.
func (w *wish) left(now time.Time) lifetime {
	if w.until.IsZero() {
		return forever
	}
	rest, err := wholeSeconds(w.until.Sub(now))
	if err != nil {
		return 0
	}
	return rest
}

// renew sets the end of the lease, life from now on. A single address gets its network back when it has no lease any
// more.
func (w *wish) renew(life lifetime, now time.Time) {
	w.until = time.Time{}
	if life != forever {
		w.until = now.Add(life.duration())
		return
	}
	if w.single {
		w.single, w.held, w.settled = false, false, false
	}
}

// there notes that the address is there.
func (w *wish) there() { w.held, w.settled, w.taken, w.retry = true, true, false, time.Time{} }

// excuse notes that the address is not there for a reason that is known: it may be put back any time.
func (w *wish) excuse() { w.held, w.taken, w.retry = false, false, time.Time{} }

// expire notes that the lease is over. A new one begins from nothing.
func (w *wish) expire() {
	w.excuse()
	w.settled = false
}

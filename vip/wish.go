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
	passed bool      // inherited, and not asked for since: it is not put back

	held    bool     // was there when last looked, and nothing is known that took it away
	settled bool     // has been there
	taken   bool     // is not there, by somebody else's hand
	lost    bool     // was once, and has not been put back since, or not so that all know
	trouble *trouble // nil: there was none, as with most of thousands
}

// A trouble is what there was with an address that was removed, or could not be added.
type trouble struct {
	retry   time.Time // when it may be put back; zero: any time
	damping damping
}

// retry returns when the address may be put back; zero: any time.
func (w *wish) retry() time.Time {
	if w.trouble == nil {
		return time.Time{}
	}
	return w.trouble.retry
}

// wait has the address not be put back before a time that follows from how often there was trouble with it.
func (w *wish) wait(now time.Time, next func(*damping, time.Time) time.Time) {
	if w.trouble == nil {
		w.trouble = &trouble{}
	}
	w.trouble.retry = next(&w.trouble.damping, now)
}

// hasten ends that wait.
func (w *wish) hasten() {
	if w.trouble != nil {
		w.trouble.retry = time.Time{}
	}
}

// Compare compares the place of the address that is asked for with another one.
func (w *wish) Compare(at netip.Prefix) int { return comparePlaces(place(w.prefix), at) }

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
func (w *wish) there() {
	w.held, w.settled, w.taken = true, true, false
	w.hasten()
}

// excuse notes that the address is not there for a reason that is known: it may be put back any time.
func (w *wish) excuse() {
	w.held, w.taken = false, false
	w.hasten()
}

// expire notes that the lease is over. A new one begins from nothing.
func (w *wish) expire() {
	w.excuse()
	w.lost, w.settled = w.lost || w.settled, false
}

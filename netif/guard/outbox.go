// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// An outbox holds the wills, and knows which of them the guard process does not have. Of several changes to a will only
// the last is kept, so that it does not grow while the guard is slow, or is none. It is safe for concurrent use.
type outbox struct {
	wake    chan struct{} // there may be something to take
	pending atomic.Bool   // not all is handed over; changed under mu

	mu      sync.Mutex
	wills   map[int]*will
	changed []int // in the order they changed first
	in      map[int]bool
	waiting []chan<- error // to be told when what is there now has been handed over
	beat    time.Time      // the last one that waits for that, too
	open    bool           // somebody takes
}

func newOutbox() outbox {
	return outbox{wake: make(chan struct{}, 1), wills: map[int]*will{}, in: map[int]bool{}}
}

// set has a will handed over, unless it is what the guard has, or gets, anyway.
func (o *outbox) set(id int, link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wills == nil {
		return // not made by Main: nobody will ever take it
	}
	if w := o.wills[id]; w != nil && w.is(link, src, dst, goodbye, addrs, validity) {
		return
	}
	o.wills[id] = newWill(link, src, dst, goodbye, addrs, validity)
	o.note(id)
}

// clear has the end of a will handed over.
func (o *outbox) clear(id int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wills[id] != nil {
		delete(o.wills, id)
		o.note(id)
	}
}

// note notes a change. The caller holds mu.
func (o *outbox) note(id int) {
	if !o.in[id] {
		o.in[id] = true
		o.changed = append(o.changed, id)
	}
	o.pending.Store(true)
	o.ring()
}

// ring has the taker look.
func (o *outbox) ring() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// restart is for a new guard process, which has nothing.
func (o *outbox) restart() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open = true
	o.changed = o.changed[:0]
	clear(o.in)
	for id := range o.wills {
		o.note(id)
	}
	o.ring() // for those who wait
}

// take returns what is to be handed over now, and whom to tell when that is done.
func (o *outbox) take() (changes []change, waiting []chan<- error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range o.changed {
		changes = append(changes, change{id, o.wills[id]})
	}
	o.changed = o.changed[:0]
	clear(o.in)
	waiting, o.waiting = o.waiting, nil
	return changes, waiting
}

// delays keeps a heartbeat back if the guard process does not have all that it is about: a loop that slept and has
// cleared its wills must not make them true again. It reports whether it did.
func (o *outbox) delays(beat time.Time) bool {
	if !o.pending.Load() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.pending.Load() {
		return false
	}
	o.beat = beat
	return true
}

// delivered is called when what was taken has been handed over. If that is all there is, write writes the heartbeat
// that was kept back.
func (o *outbox) delivered(write func(beat time.Time)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.changed) > 0 {
		return
	}
	if !o.beat.IsZero() {
		write(o.beat)
	}
	o.beat = time.Time{}
	o.pending.Store(false) // after the heartbeat, which would overwrite a later one
}

// putBack has those who wait wait for the next guard process, as what they wait for could not be handed over.
func (o *outbox) putBack(waiting []chan<- error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, waiting...)
}

// handedOver returns what tells, once, when all that is set and cleared now has been handed over.
func (o *outbox) handedOver() (<-chan error, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.open {
		return nil, ErrNotRunning
	}
	done := make(chan error, 1)
	o.waiting = append(o.waiting, done)
	o.ring()
	return done, nil
}

// close is for the end of the taker.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open = false
	for _, done := range o.waiting {
		done <- ErrNotRunning
	}
	o.waiting = nil
}

// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"errors"
	"time"
)

// fulfil notes that what was to be added is there. It is called before anything else that the kernel told is taken
// note of: that may be that it is gone already.
func (b *book) fulfil(s *step) {
	w := s.wish
	s.done = true
	w.excuse()
	w.settled = true
	w.single = s.put != w.prefix && s.put == single(w.prefix)
	b.found(w)
	if s.kind != 0 {
		b.note(s.kind, w.prefix, 0, nil)
	}
}

// settle notes what became of a step in the end.
func (b *book) settle(s *step, now time.Time) {
	if s.job != nil {
		s.job.err = s.err
	}
	switch {
	case s.wish == nil && s.job == nil:
		b.swept(s, now)
	case s.wish != nil && s.err != nil && !s.done:
		b.fail(s, now)
	case s.err != nil:
		b.dirty = true // what could not be removed is a stray now
	}
}

// swept notes what became of the removal of a stray. Several that fail at once do so for one reason.
func (b *book) swept(s *step, now time.Time) {
	b.note(s.kind, s.after, 0, s.err)
	if s.err != nil && !b.retry.After(now) {
		b.sweep, b.retry = true, b.damping.nextAfter(now)
		b.waitUntil(b.retry)
	}
}

// giveUp ends a wish that was never fulfilled, and reports whether that is so: the one who asked is told.
func (b *book) giveUp(w *wish) bool {
	if !w.settled {
		b.wishes.Drop(place(w.prefix))
	}
	return !w.settled
}

// fail notes that a wish could not be fulfilled.
func (b *book) fail(s *step, now time.Time) {
	w := s.wish
	if s.job != nil && b.giveUp(w) || errors.Is(s.err, ErrNoDevice) {
		return
	}
	w.wait(now, (*damping).nextAfter)
	b.waitUntil(w.retry())
	if s.job == nil {
		kind := EventLost
		if s.kind == EventDADFailed {
			kind = s.kind
		}
		b.note(kind, w.prefix, w.retry().Sub(now), s.err)
	}
}

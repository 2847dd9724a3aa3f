// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"iter"
	"net/netip"
	"slices"
	"time"
)

// A step is something to be done on the device, and what became of it: up to three things one after another.
type step struct {
	wish  *wish     // that it serves; nil if none does any more
	job   *job      // of the one who asked for it; nil if nobody did
	there *resident // in the place of what is to be added, nil if there is none

	before netip.Prefix // to be removed first
	put    netip.Prefix // to be added
	after  netip.Prefix // to be removed when that is done

	replace bool      // what is to be added is there, and gets our mark and the lifetime
	life    lifetime  // of what is to be added
	kind    EventKind // of what is to be told afterwards; 0: nothing
	done    bool      // what was to be added is there
	err     error
}

// puts reports whether a step adds something.
func (s *step) puts() bool { return s.err == nil && s.put.IsValid() }

// lookAgain finds out what is there in the place of what is to be added, after the kernel has told of
// changes.
func (b *book) lookAgain(steps []step) {
	for i := range steps {
		steps[i].there = b.held.Get(place(steps[i].put))
	}
}

// plan returns what there is to do, all in all.
func (b *book) plan(now time.Time) []step {
	b.dirty, b.due = false, time.Time{}
	var steps []step
	for _, w := range slices.Clone(b.wishes) { // some end
		if s, ok := b.look(w, nil, nil, now); ok {
			steps = append(steps, s)
		}
	}
	return append(steps, b.strays(now)...)
}

// look returns what there is to do about a wish, if there is something. j is that of the one who asked, or nil; its
// error is set where nothing can be done. along has the networks that the end of a lease would take addresses from.
func (b *book) look(w *wish, j *job, along map[netip.Prefix]bool, now time.Time) (s step, ok bool) {
	r := b.held.Get(place(w.form()))
	s = step{wish: w, job: j, there: r, put: w.form(), life: w.left(now)}
	switch {
	case b.index == 0:
		if j != nil {
			j.err = ErrNoDevice
			b.giveUp(w)
		}
	case r == nil:
		ok = b.missing(&s, now)
	case s.life == 0: // the kernel is about to remove it
	case r.dadFailed:
		ok = b.repair(&s, now)
	case !b.ours(r):
		b.found(w)
		b.foreign(r)
	default:
		ok = b.keep(&s, along)
	}
	return s, ok
}

// keep adds to a step what there is to do about a wished address that is there and ours, or to be, and reports whether
// there is something.
func (b *book) keep(s *step, along map[netip.Prefix]bool) bool {
	r := s.there
	b.found(s.wish)
	if r.mark != b.mark && !b.orphans[r.mark] {
		b.foreign(r)
	}
	if r.mark == b.mark && (s.job == nil || !r.passing && s.life == forever) {
		return false
	}
	s.put, s.replace = r.prefix, true
	if s.life != forever && !r.secondary && along[r.prefix.Masked()] {
		s.put, s.replace, s.after, s.kind = single(r.prefix), false, r.prefix, EventSharedPrefix
		s.there = b.held.Get(place(s.put))
	}
	return true
}

// found notes that a wished address is there; not, where the kernel has told of the device going down and is about to
// tell of the address.
func (b *book) found(w *wish) {
	if b.up || w.prefix.Addr().Is4() {
		w.there()
	}
}

// missing adds to a step what there is to do about a wished address that is not there, and reports whether it can be added.
func (b *book) missing(s *step, now time.Time) bool {
	w := s.wish
	if w.passed {
		b.wishes.Drop(place(w.prefix))
		return false
	}
	if s.life == 0 {
		b.expire(w)
		return false
	}
	if w.held {
		b.lose(w, now)
	}
	waits := now.Before(w.retry())
	if w.taken && (waits || b.config.OnLoss == LossReport) {
		if s.job != nil {
			s.job.err = ErrLost
		}
		b.waitFor(w)
		return false
	}
	if s.job == nil && (waits || w.prefix.Addr().Is6() && !b.up) {
		b.waitFor(w)
		return false
	}
	if w.settled {
		s.kind = EventRestored
	}
	if !w.single && mayHaveSecondaries(w.prefix) && b.mayDrop(single(w.prefix)) {
		s.after = single(w.prefix)
	}
	return true
}

// waitFor has a plan made when the address may be put back.
func (b *book) waitFor(w *wish) {
	if at := w.retry(); !at.IsZero() {
		b.waitUntil(at)
	}
}

// lose notes that somebody else removed an address.
func (b *book) lose(w *wish, now time.Time) {
	w.held, w.taken, w.lost = false, true, true
	if b.config.OnLoss == LossReport {
		b.wishes.Drop(place(w.prefix))
		b.note(EventLost, w.prefix, 0, nil)
		return
	}
	if w.wait(now, (*damping).next); w.retry().After(now) {
		b.note(EventLost, w.prefix, w.retry().Sub(now), nil)
	}
}

// mayDrop reports whether an address that nobody wishes for is our own.
func (b *book) mayDrop(p netip.Prefix) bool {
	r := b.held.Get(place(p))
	return r != nil && r.mark == b.mark && b.wishes.Get(place(p)) == nil
}

// repair adds to a step how to make use of an address that another host has, too, and reports whether that can be.
func (b *book) repair(s *step, now time.Time) bool {
	if s.job == nil && now.Before(s.wish.retry()) {
		b.waitFor(s.wish)
		return false
	}
	s.before, s.kind = s.there.prefix, EventDADFailed
	return true
}

// ours reports whether an address is ours, or to be.
func (b *book) ours(r *resident) bool {
	return r.mark == b.mark || b.orphans[r.mark] || b.config.OnForeign == ForeignAdopt && !isKeepers(r.mark) && r.mark != unlocked
}

// foreign notes that an address is somebody else's.
func (b *book) foreign(r *resident) {
	if !r.told {
		r.told = true
		b.note(EventForeign, r.prefix, 0, nil)
	}
}

// drop returns what there is to do when an address is not wished for any more, if there is something.
func (b *book) drop(j *job) (s step, ok bool) {
	form := j.prefix
	if w := b.wishes.Get(place(form)); w != nil && w.prefix == form {
		form = w.form()
		b.wishes.Drop(place(j.prefix))
	}
	r := b.held.Get(place(form))
	if r == nil || r.prefix != form {
		return s, false
	}
	if !b.ours(r) {
		b.foreign(r)
		return s, false
	}
	if w := b.wishes.Get(place(form)); w != nil { // IPv6, with another prefix length
		w.excuse()
		b.dirty = true
	}
	return step{job: j, after: form}, true
}

// strays returns the removal of what is ours and nobody wishes for.
func (b *book) strays(now time.Time) []step {
	if now.Before(b.retry) {
		b.waitUntil(b.retry)
		return nil
	}
	wanted := make(map[netip.Prefix]bool, len(b.wishes))
	for _, w := range b.wishes {
		wanted[place(w.form())] = true
	}
	var steps []step
	for _, r := range b.held {
		stray := r.mark == b.mark && b.sole || b.sweep && b.orphans[r.mark]
		if stray && !wanted[place(r.prefix)] {
			steps = append(steps, step{after: r.prefix, kind: EventSwept})
		}
	}
	b.sweep = false
	slices.SortFunc(steps, func(x, y step) int { return x.after.Compare(y.after) })
	return steps
}

// leasesPrimary reports whether the address is there and the primary one of its network, and is to have an end.
func (b *book) leasesPrimary(w *wish) bool {
	if w.until.IsZero() || !mayHaveSecondaries(w.form()) {
		return false
	}
	r := b.held.Get(place(w.form()))
	return r != nil && !r.secondary
}

// along returns the networks in which the end of leases would make the kernel remove addresses that have none, unless
// it promotes one of them.
func (b *book) along() map[netip.Prefix]bool {
	return takesAlong(b.residents(), func(h heldAddr) bool {
		w := b.wishes.Get(place(h.prefix))
		return w != nil && !w.until.IsZero() && b.ours(b.held.Get(place(h.prefix)))
	})
}

// residents returns what is there.
func (b *book) residents() iter.Seq[heldAddr] {
	return func(yield func(heldAddr) bool) {
		for _, r := range b.held {
			if !yield(r.heldAddr) {
				return
			}
		}
	}
}

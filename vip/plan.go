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
	wish *wish // that it serves; nil if none does any more
	job  *job  // of the one who asked for it; nil if nobody did

	before netip.Prefix // to be removed first
	put    netip.Prefix // to be added
	after  netip.Prefix // to be removed when that is done

	replace bool      // what is to be added is there, and gets our mark and the lifetime
	life    lifetime  // of what is to be added
	kind    EventKind // of what is to be told afterwards; 0: nothing
	done    bool      // what was to be added is there
	err     error
}

// plan returns what there is to do, all in all.
func (b *book) plan(now time.Time) []*step {
	b.dirty, b.due = false, time.Time{}
	var steps []*step
	for _, w := range slices.Clone(b.wishes) { // some end
		if s := b.look(w, nil, nil, now); s != nil {
			steps = append(steps, s)
		}
	}
	return append(steps, b.strays(now)...)
}

// look returns what there is to do about a wish, nil if there is nothing. j is that of the one who asked, or nil; its
// error is set where nothing can be done. along has the networks that the end of a lease would take addresses from.
func (b *book) look(w *wish, j *job, along map[netip.Prefix]bool, now time.Time) *step {
	s := b.steps.next()
	*s = step{wish: w, job: j, put: w.form(), life: w.left(now)}
	r := b.held.Get(place(w.form()))
	switch {
	case b.index == 0:
		if j != nil {
			j.err = ErrNoDevice
			b.giveUp(w)
		}
		return nil
	case r == nil:
		return b.missing(s, now)
	case s.life == 0:
		return nil // the kernel is about to remove it
	case r.dadFailed:
		return b.repair(s, r, now)
	case !b.ours(r):
		b.found(w)
		b.foreign(r)
		return nil
	}
	b.found(w)
	if r.mark != b.mark && !b.orphans[r.mark] {
		b.foreign(r)
	}
	if r.mark == b.mark && (j == nil || !r.passing && s.life == forever) {
		return nil
	}
	s.put, s.replace = r.prefix, true
	if s.life != forever && !r.secondary && along[r.prefix.Masked()] {
		s.put, s.replace, s.after, s.kind = single(r.prefix), false, r.prefix, EventSharedPrefix
	}
	return s
}

// found notes that a wished address is there; not, where the kernel has told of the device going down and is about to
// tell of the address.
func (b *book) found(w *wish) {
	if b.up || w.prefix.Addr().Is4() {
		w.there()
	}
}

// missing returns what to do about a wished address that is not there.
func (b *book) missing(s *step, now time.Time) *step {
	w := s.wish
	if w.passed {
		b.wishes.Drop(place(w.prefix))
		return nil
	}
	if s.life == 0 {
		b.expire(w)
		return nil
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
		return nil
	}
	if s.job == nil && (waits || w.prefix.Addr().Is6() && !b.up) {
		b.waitFor(w)
		return nil
	}
	if w.settled {
		s.kind = EventRestored
	}
	if b.mayDrop(single(w.prefix)) && !w.single {
		s.after = single(w.prefix)
	}
	return s
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

// repair returns how to make use of an address that another host has, too.
func (b *book) repair(s *step, r *resident, now time.Time) *step {
	if s.job == nil && now.Before(s.wish.retry()) {
		b.waitFor(s.wish)
		return nil
	}
	s.before, s.kind = r.prefix, EventDADFailed
	return s
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

// drop returns what there is to do when an address is not wished for any more, nil if there is nothing.
func (b *book) drop(j *job) *step {
	form := j.prefix
	if w := b.wishes.Get(place(form)); w != nil && w.prefix == form {
		form = w.form()
		b.wishes.Drop(place(j.prefix))
	}
	r := b.held.Get(place(form))
	if r == nil || r.prefix != form {
		return nil
	}
	if !b.ours(r) {
		b.foreign(r)
		return nil
	}
	if w := b.wishes.Get(place(form)); w != nil { // IPv6, with another prefix length
		w.excuse()
		b.dirty = true
	}
	s := b.steps.next()
	*s = step{job: j, after: form}
	return s
}

// strays returns the removal of what is ours and nobody wishes for.
func (b *book) strays(now time.Time) []*step {
	if now.Before(b.retry) {
		b.waitUntil(b.retry)
		return nil
	}
	wanted := make(map[netip.Prefix]bool, len(b.wishes))
	for _, w := range b.wishes {
		wanted[place(w.form())] = true
	}
	var steps []*step
	for _, r := range b.held {
		stray := r.mark == b.mark && b.sole || b.sweep && b.orphans[r.mark]
		if stray && !wanted[place(r.prefix)] {
			steps = append(steps, &step{after: r.prefix, kind: EventSwept})
		}
	}
	b.sweep = false
	slices.SortFunc(steps, func(x, y *step) int { return x.after.Compare(y.after) })
	return steps
}

// leasesPrimary reports whether the address is there and the primary one of its network, and is to have an end.
func (b *book) leasesPrimary(w *wish) bool {
	r := b.held.Get(place(w.form()))
	return !w.until.IsZero() && r != nil && !r.secondary && mayHaveSecondaries(r.prefix)
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

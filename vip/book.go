// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/ordered"
)

// A book has what is wished for on a device and what is there, and works out what is to be done about the difference.
// It speaks neither with the kernel nor with a clock.
type book struct {
	config KeeperConfig
	device string
	mark   uint8
	sole   bool // nobody else uses the mark

	begun   bool  // it is known whether there is a device
	index   int32 // of it, 0 if there is none
	up      bool
	held    ordered.Table[netip.Prefix, *resident]
	others  int            // addresses of other keepers among them
	orphans map[uint8]bool // marks of keepers that are no more, as far as that was asked
	wishes  ordered.Table[netip.Prefix, *wish]

	dirty   bool      // something changed since the last plan, and not by a plan
	doubt   bool      // an address was removed that is wished for: perhaps with its device
	sweep   bool      // the addresses of orphans are to be removed as well
	retry   time.Time // when strays may be removed that could not be
	damping damping   // of that
	due     time.Time // when the next plan has something to do that this one had not; zero: never
	notes   []note
}

// A resident is an address that is there.
type resident struct {
	heldAddr
	mark uint8
	told bool // that it is somebody else's
}

// Compare compares the place of the address with another one.
func (r *resident) Compare(at netip.Prefix) int { return comparePlaces(place(r.prefix), at) }

func newBook(device string, config KeeperConfig) *book {
	return &book{config: config, device: device, sweep: true}
}

// note notes an event about an address; a zero prefix is none.
func (b *book) note(kind EventKind, p netip.Prefix, after time.Duration, err error) {
	n := note{KeeperEvent: KeeperEvent{Kind: kind, Device: b.device, After: after}}
	if p.IsValid() {
		n.Addrs = []netip.Prefix{p}
	}
	if err != nil && p.IsValid() {
		err = &AddrError{Op: opOf(kind), Device: b.device, Prefix: p, Err: err}
	}
	if err != nil {
		n.errs = []error{err}
	}
	b.notes = merge(b.notes, n)
}

// opOf returns what was tried when an event has an error.
func opOf(kind EventKind) string {
	if kind == EventSwept {
		return OpRemove
	}
	return OpAdd
}

// linkIs notes which device has the name, with index 0 that none has, and whether it is up.
func (b *book) linkIs(index int32, up bool) {
	if index != b.index {
		if b.index != 0 {
			b.note(EventLinkGone, netip.Prefix{}, 0, nil)
		}
		if index != 0 && b.begun {
			b.note(EventLinkFound, netip.Prefix{}, 0, nil)
		}
		b.index, b.others, b.dirty, b.sweep = index, 0, true, true
		b.held = nil
		b.excuse(func(netip.Addr) bool { return true })
	}
	b.begun = true
	if up != b.up {
		b.up, b.dirty = up, true
		if !up { // the kernel removes them
			b.excuse(netip.Addr.Is6)
		}
	}
}

// excuse notes that nobody is to blame if wished addresses are gone.
func (b *book) excuse(affected func(netip.Addr) bool) {
	for _, w := range b.wishes {
		if affected(w.prefix.Addr()) {
			w.excuse()
		}
	}
}

// listed notes all that is there.
func (b *book) listed(held []*resident) {
	before := b.held
	b.held, b.others, b.dirty = make(ordered.Table[netip.Prefix, *resident], 0, len(held)), 0, true
	for _, r := range held {
		if old := before.Get(place(r.prefix)); old != nil && old.mark == r.mark {
			r.told = old.told
		}
		b.enter(r)
	}
}

// enter notes an address that is there.
func (b *book) enter(r *resident) {
	if r.peer {
		return
	}
	if b.isOthers(r) {
		b.others++
	}
	i, there := b.held.Find(place(r.prefix))
	if !there {
		b.held = slices.Insert(b.held, i, r)
		return
	}
	if b.isOthers(b.held[i]) {
		b.others--
	}
	b.held[i] = r
}

// cross strikes out an address.
func (b *book) cross(r *resident) {
	b.held.Drop(place(r.prefix))
	if b.isOthers(r) {
		b.others--
	}
}

// isOthers reports whether an address is that of another keeper.
func (b *book) isOthers(r *resident) bool { return isKeepers(r.mark) && r.mark != b.mark }

// added notes what the kernel tells: that an address has been added, or changed.
func (b *book) added(r *resident) {
	old := b.held.Get(place(r.prefix))
	if old != nil && old.prefix == r.prefix && old.mark == r.mark && old.dadFailed == r.dadFailed {
		r.told = old.told
	} else if !r.peer {
		b.dirty = true
	}
	b.enter(r)
}

// removed notes what the kernel tells: that an address has been removed.
func (b *book) removed(h heldAddr) {
	if old := b.held.Get(place(h.prefix)); old != nil && old.prefix == h.prefix && !h.peer {
		b.cross(old)
		b.dirty = true
		if w := b.wishes.Get(place(h.prefix)); w != nil && w.held {
			b.doubt = true
		}
	}
}

// strike notes that we removed an address.
func (b *book) strike(p netip.Prefix) {
	if old := b.held.Get(place(p)); old != nil && old.prefix == p {
		b.cross(old)
	}
}

// ask returns the wish for an address, from now on with this lifetime.
func (b *book) ask(p netip.Prefix, life lifetime, now time.Time) *wish {
	i, ok := b.wishes.Find(place(p))
	if !ok {
		b.wishes = slices.Insert(b.wishes, i, &wish{prefix: p})
	}
	w := b.wishes[i]
	switch over := w.left(now) == 0; {
	case over && b.held.Get(place(w.form())) == nil:
		b.expire(w)
	case over:
		w.excuse() // the kernel is about to remove it
	}
	w.prefix, w.passed = p, false
	w.renew(life, now)
	return w
}

// expire notes that the lease of an address has ended and that it is gone.
func (b *book) expire(w *wish) {
	if w.settled {
		b.note(EventExpired, w.prefix, 0, nil)
	}
	w.expire()
}

// waitUntil has a plan made at a time.
func (b *book) waitUntil(at time.Time) {
	if b.due.IsZero() || at.Before(b.due) {
		b.due = at
	}
}

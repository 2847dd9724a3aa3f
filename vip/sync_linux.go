// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// sync makes the book agree with what is there. The kernel tells of a change before it answers the one who made it, so
// that the book has all that was done before sync was called. (It tells of an IPv6 address that was added when it has
// become usable, a moment later: do enters those itself.)
func (k *Keeper) sync(ctx context.Context) error {
	for range maxListings {
		if err := k.drain(ctx); err != nil {
			return err
		}
		if k.sys.book.doubt {
			if err := k.checkLink(ctx); err != nil {
				return err
			}
		}
		if !k.sys.stale {
			return nil
		}
		if err := k.list(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("devices changed during each of %d listings: %w", maxListings, unix.EINTR)
}

// drain takes note of all that the kernel has told.
func (k *Keeper) drain(ctx context.Context) error {
	lost, err := k.sys.watch.drain(ctx, k.apply)
	if lost {
		k.sys.stale = true
		k.sys.book.note(EventOverrun, netip.Prefix{}, 0, nil)
	}
	return err
}

// checkLink makes sure that there still is the device whose addresses were removed. When it goes, the kernel tells of
// them before it tells of the device.
func (k *Keeper) checkLink(ctx context.Context) error {
	l, err := k.device.sys.conn.link(ctx, k.device.name)
	if err != nil && !errors.Is(err, ErrNoDevice) {
		return err
	}
	k.sys.book.doubt = false
	if l.index != k.sys.book.index || l.up != k.sys.book.up {
		k.sys.stale = true
	}
	return nil
}

// list lists all that is there.
func (k *Keeper) list(ctx context.Context) error {
	s, d := &k.sys, k.device
	l, err := d.sys.conn.link(ctx, d.name)
	if errors.Is(err, ErrNoDevice) {
		k.linkIs(link{})
		s.stale = false
		return nil
	}
	if err != nil {
		return err
	}
	s.watch.only(l.index, d.sys.conn.number())
	held, err := d.sys.conn.addrs(ctx, l.index)
	if err != nil {
		return err
	}
	k.linkIs(l)
	k.loadState(held)
	residents := make([]*resident, len(held))
	for i, h := range held {
		residents[i] = &resident{heldAddr: h, mark: d.owner.markOf(h)}
	}
	s.book.listed(residents)
	s.stale = false
	return nil
}

// apply takes note of a change.
func (k *Keeper) apply(m syscall.NetlinkMessage) {
	switch m.Header.Type {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		if len(m.Data) < unix.SizeofIfInfomsg || nl.DeserializeIfInfomsg(m.Data).Family != unix.AF_UNSPEC {
			return // about the ports of a bridge
		}
		if l := parseLink(m.Data); l.name != "" {
			k.applyLink(l, m.Header.Type == unix.RTM_NEWLINK)
		}
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		if len(m.Data) < unix.SizeofIfAddrmsg || nl.DeserializeIfAddrmsg(m.Data).Index != uint32(k.sys.book.index) {
			return
		}
		if h, ok := parseHeld(m.Data); ok {
			k.applyAddr(h, m.Header.Type == unix.RTM_NEWADDR)
		}
	}
}

// applyLink takes note of a link that is there, or is not any more.
func (k *Keeper) applyLink(l link, there bool) {
	s := &k.sys
	switch named := there && l.name == k.device.name; {
	case named:
		// One that has come to the name may have had its addresses before.
		s.stale = s.stale || l.index != s.book.index
		k.linkIs(l)
	case l.index == s.book.index:
		k.linkIs(link{})
	}
}

// linkIs notes which device has the name now; the zero link is none. If another one had it, what is ours has to go from
// there.
func (k *Keeper) linkIs(l link) {
	b := k.sys.book
	if l.index != b.index {
		for _, r := range b.held {
			if r.mark == b.mark && (b.sole || b.wishes.Get(place(r.prefix)) != nil) {
				k.sys.moved = append(k.sys.moved, moved{b.index, r.prefix})
			}
		}
	}
	b.linkIs(l.index, l.up)
}

// applyAddr takes note of an address that is there, or is not any more.
func (k *Keeper) applyAddr(h heldAddr, there bool) {
	if there {
		k.sys.book.added(&resident{heldAddr: h, mark: k.device.owner.markOf(h)})
		return
	}
	k.sys.book.removed(h)
	if !h.peer {
		k.device.owner.forget(h.prefix)
	}
}

// do carries out steps, a piece after the other. When the book is asked the next time, it has what they did.
func (k *Keeper) do(ctx context.Context, steps []step, now time.Time) {
	b, drained := k.sys.book, false
	for piece := range slices.Chunk(steps, maxBatch) {
		if k.removeEach(ctx, piece, func(s *step) netip.Prefix { return s.before }) || drained {
			b.lookAgain(piece)
		}
		k.putEach(ctx, piece)
		k.removeEach(ctx, piece, func(s *step) netip.Prefix { return s.after })
		for i := range piece {
			b.settle(&piece[i], now)
		}
		k.saveState()
		drained = true
	}
}

// putEach adds what is to be added.
func (k *Keeper) putEach(ctx context.Context, steps []step) {
	d := k.device
	orders := roomFor(k.sys.orders, len(steps))
	for i := range steps {
		if s := &steps[i]; s.puts() {
			orders = append(orders, k.order(s))
			d.owner.remember(s.put)
		}
	}
	if len(orders) == 0 {
		return
	}
	k.saveState()
	d.put(ctx, k.sys.book.index, orders)
	done := orders
	for i := range steps {
		if s := &steps[i]; s.puts() {
			k.wasPut(s, &done[0])
			done = done[1:]
		}
	}
	k.sys.orders = emptied(orders)
	_ = k.drain(ctx) // what could not be read now is read by sync
}

// order returns the order to add what a step has to be added.
func (k *Keeper) order(s *step) order {
	o := k.device.order(s.wish.prefix, s.put, s.life)
	o.replace = s.replace
	o.upper = k.telling(s)
	return o
}

// telling returns how the kernel is to tell of what is added: not at all those who know. That is the case where the order
// says all that there is to know of the address: where the kernel keeps its mark, and need not find out whether it is a
// secondary one. What was there before is told to all: they are told of its removal, as itself or in another form, and nobody
// announces it again.
func (k *Keeper) telling(s *step) uint16 {
	switch {
	case !k.device.owner.inKernel || s.put.Addr().Is6() || s.wish.lost:
		return rtseq.Plain
	case s.replace && s.there != nil && s.there.prefix == s.put && s.there.mark == k.sys.book.mark:
		return rtseq.Renewal
	case s.there == nil && s.put.IsSingleIP() && !s.wish.settled:
		return rtseq.Addition
	}
	return rtseq.Plain
}

// wasPut notes what became of an order.
func (k *Keeper) wasPut(s *step, o *order) {
	b, owner := k.sys.book, &k.device.owner
	switch {
	case o.err == nil:
		if r := s.there; r == nil || r.mark != b.mark {
			b.enter(&resident{heldAddr: heldAddr{prefix: o.prefix, passing: o.life != forever}, mark: b.mark})
		} else {
			r.passing = o.life != forever
		}
		s.wish.lost = false
		b.fulfil(s)
	case errors.Is(o.err, unix.EEXIST): // by somebody else, or the kernel has not told of it yet
		s.kind = 0
		b.fulfil(s)
		owner.forget(o.prefix)
		k.sys.stale = true
	default:
		s.err = o.err
		k.sys.stale = k.sys.stale || errors.Is(o.err, ErrNoDevice)
		if s.there == nil {
			owner.forget(o.prefix)
		}
	}
}

// removeEach removes an address of each step, if it has one of that kind, and reports whether there was one.
func (k *Keeper) removeEach(ctx context.Context, steps []step, of func(*step) netip.Prefix) bool {
	jobs := emptied(k.sys.removals)
	for i := range steps {
		if s := &steps[i]; s.err == nil && of(s).IsValid() {
			jobs = append(jobs, job{prefix: of(s)})
		}
	}
	if len(jobs) == 0 {
		return false
	}
	l, err := k.device.sys.conn.link(ctx, k.device.name)
	if errors.Is(err, ErrNoDevice) || err == nil && l.index != k.sys.book.index {
		k.sys.stale = true // it is gone, and they with it
		return true
	}
	if err == nil {
		err = k.device.take(ctx, l, jobs)
	}
	done := jobs
	for i := range steps {
		s := &steps[i]
		if s.err != nil || !of(s).IsValid() {
			continue
		}
		if s.err = cmp.Or(err, done[0].err); s.err == nil {
			k.sys.book.strike(of(s))
		}
		done = done[1:]
	}
	k.sys.removals = emptied(jobs)
	_ = k.drain(ctx)
	return true
}

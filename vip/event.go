// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// An EventKind is what a [KeeperEvent] is about.
type EventKind uint8

// What happens to the addresses of a [Keeper].
const (
	// EventSwept: addresses that nobody wishes for any more were removed, those that an earlier run left behind. With
	// Err they could not be.
	EventSwept EventKind = iota + 1

	// EventForeign: addresses are there by somebody else's hand. They count as there, and stay when the wish ends unless
	// the policy is [ForeignAdopt]. It is told once for as long as they are there.
	EventForeign

	// EventLost: somebody else removed addresses that are wished for. With [LossReport] the wish for them has ended.
	// With [LossRestore] they are put back, but not yet: After tells when. With Err they could not be put back; that
	// is tried again, too.
	EventLost

	// EventRestored: addresses that had gone, by somebody else's hand or with their device, were put back.
	EventRestored

	// EventExpired: the lease of addresses ended before it was renewed, and the kernel has removed them.
	EventExpired

	// EventDADFailed: the kernel had given up IPv6 addresses because another host has them. They were removed and added
	// again without duplicate address detection. With Err they could not be.
	EventDADFailed

	// EventSharedPrefix: addresses on a lease are held without their network, with the prefix length 32, from now on:
	// others of the network would have gone with them at the end of the lease.
	EventSharedPrefix

	// EventLinkGone: the device is gone, and all addresses with it.
	EventLinkGone

	// EventLinkFound: the device is there, which it was not before.
	EventLinkFound

	// EventOverrun: more changed at once than the kernel could tell. Nothing is missed: what there is was listed anew.
	EventOverrun

	// EventUnlocked: the keeper got no mark of its own. Err tells why. What it leaves behind is never swept.
	EventUnlocked

	// EventFailed: the kernel did not tell what addresses there are, or the notes in [KeeperConfig.StateDir] could not be
	// written. Err tells why. That is tried again.
	EventFailed
)

// String returns the kind in a word or two.
func (k EventKind) String() string {
	switch k {
	case EventSwept:
		return "swept"
	case EventForeign:
		return "foreign"
	case EventLost:
		return "lost"
	case EventRestored:
		return "restored"
	case EventExpired:
		return "expired"
	case EventDADFailed:
		return "DAD failed"
	case EventSharedPrefix:
		return "shared prefix"
	case EventLinkGone:
		return "link gone"
	case EventLinkFound:
		return "link found"
	case EventOverrun:
		return "overrun"
	case EventUnlocked:
		return "unlocked"
	case EventFailed:
		return "failed"
	}
	return "EventKind(" + strconv.Itoa(int(k)) + ")"
}

// A KeeperEvent tells of something that happened to the addresses of a [Keeper] without its being asked for.
type KeeperEvent struct {
	Kind   EventKind
	Device string
	Addrs  []netip.Prefix // that it happened to; the receiver's
	After  time.Duration  // of EventLost: until all of them are put back, if they can be
	Err    error          // why something could not be done: an [AddrError] for each address, joined
}

// level returns how bad that is.
func (e *KeeperEvent) level() slog.Level {
	switch e.Kind {
	case EventSwept, EventLinkFound, EventOverrun:
		if e.Err == nil {
			return slog.LevelInfo
		}
	case EventLost, EventExpired, EventFailed:
		return slog.LevelError
	}
	return slog.LevelWarn
}

// log writes the event, perhaps when the receiver has changed it already.
func (e *KeeperEvent) log(to *slog.Logger) {
	attrs := []slog.Attr{slog.String("device", e.Device)}
	if len(e.Addrs) > 0 {
		attrs = append(attrs, slog.Any("addresses", slices.Clone(e.Addrs)))
	}
	if e.After > 0 {
		attrs = append(attrs, slog.Duration("after", e.After))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("err", e.Err))
	}
	to.LogAttrs(context.Background(), e.level(), "vip: "+e.Kind.String(), attrs...)
}

// A note is an event that has not been told yet.
type note struct {
	KeeperEvent
	errs []error
}

// merge adds a note: to the last one, if that is of the same kind.
func merge(notes []note, n note) []note {
	if len(notes) == 0 || notes[len(notes)-1].Kind != n.Kind || (len(notes[len(notes)-1].errs) == 0) != (len(n.errs) == 0) {
		return append(notes, n)
	}
	last := &notes[len(notes)-1]
	last.Addrs = append(last.Addrs, n.Addrs...)
	last.After = max(last.After, n.After)
	last.errs = append(last.errs, n.errs...)
	return notes
}

// event returns what is to be told.
func (n *note) event() KeeperEvent {
	n.Err = errors.Join(n.errs...)
	return n.KeeperEvent
}

// SPDX-License-Identifier: Apache-2.0

// Package rejected keeps the last packets that were rejected, for somebody who looks for
// what is wrong on a link: of those that are alike the last one, so that one peer that is
// configured otherwise doesn't push all others out.
package rejected

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// MaxOctets is how many octets of a packet are kept at most.
const MaxOctets = 128

// Kind is what packets that are alike have in common.
type Kind struct {
	Link   string
	Source netip.Addr
	ID     uint8 // VRID or VHID
	Fault  uint8 // of the protocol
}

// Packet is what is kept of a packet, or of several that are alike.
type Packet[T any] struct {
	Kind
	Last   T // what else there is to say about the last one
	First  time.Time
	At     time.Time // the last one
	Count  uint64
	Octets []byte // of the last one, those that may be kept
}

// List is the last packets, up to a number of kinds. The zero value keeps none. It is not
// safe for concurrent use.
type List[T any] struct {
	slots []slot[T]
	notes uint64
}

// slot is the place of a packet.
type slot[T any] struct {
	Packet[T]
	noted  uint64 // the number of the last note; 0: free
	octets [MaxOctets]byte
}

// New returns a list of up to n kinds, none if n isn't positive, with all the memory that
// it is going to need.
func New[T any](n int) List[T] { return List[T]{slots: make([]slot[T], max(n, 0))} }

// Note notes a packet, in the place of one that is alike or else of the kind that has not
// been seen for longest. Of its octets the first [MaxOctets] are copied. It allocates
// nothing, and takes a time that grows with the length of the list alone.
func (l *List[T]) Note(k Kind, at time.Time, more T, octets []byte) {
	if len(l.slots) == 0 {
		return
	}
	s := l.place(k)
	if s.noted == 0 || s.Kind != k {
		s.Packet = Packet[T]{Kind: k, First: at}
	}
	l.notes++
	s.noted = l.notes
	s.Last, s.At = more, at
	s.Count++
	s.Octets = s.octets[:copy(s.octets[:], octets)]
}

// place returns the slot for a kind.
func (l *List[T]) place(k Kind) *slot[T] {
	oldest := &l.slots[0]
	for i := range l.slots {
		s := &l.slots[i]
		if s.noted != 0 && s.Kind == k {
			return s
		}
		if s.noted < oldest.noted {
			oldest = s
		}
	}
	return oldest
}

// All returns copies of the packets, the last one at the end.
func (l *List[T]) All() []Packet[T] {
	var used []*slot[T]
	for i := range l.slots {
		if s := &l.slots[i]; s.noted != 0 {
			used = append(used, s)
		}
	}
	slices.SortFunc(used, func(a, b *slot[T]) int { return cmp.Compare(a.noted, b.noted) })
	all := make([]Packet[T], len(used))
	for i, s := range used {
		all[i] = s.Packet
		all[i].Octets = slices.Clone(s.Octets)
	}
	return all
}

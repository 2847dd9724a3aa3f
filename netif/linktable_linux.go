// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/ordered"
)

// Operational states of RFC 2863 as IFLA_OPERSTATE has them: 0 is of devices that don't say.
const (
	operUnknown = 0
	operDormant = 5
	operUp      = 6
)

// A link is what the kernel says about an interface, addresses apart.
type link struct {
	index          int
	name           string
	mac            [6]byte
	ethernet       bool
	mtu            uint32
	flags          uint32
	operState      uint8
	carrierChanges uint32
	macvlan        bool // a macvlan, or macvtap
	parent         int  // index of the link it is on
}

// takesFrames reports whether the kernel gives frames that come from its MAC address to the link and not to its parent.
func (l *link) takesFrames() bool { return l.macvlan && l.flags&unix.IFF_UP != 0 }

// down returns why the link can't be used, nil if it can.
func (l *link) down() error {
	reason := ""
	switch {
	case l.flags&unix.IFF_UP == 0:
		reason = "administratively down"
	case l.flags&unix.IFF_LOWER_UP == 0:
		reason = "no carrier"
	case l.operState == operDormant:
		reason = "dormant"
	case l.operState != operUp && l.operState != operUnknown:
		reason = "not operational"
	default:
		return nil
	}
	return fmt.Errorf("netif: %s: %w: %s", l.name, ErrLinkDown, reason)
}

// sameCarrier reports whether k is the same interface, and the carrier was never away in between.
func (l *link) sameCarrier(k *link) bool {
	return l.index == k.index && l.carrierChanges == k.carrierChanges
}

// addressKey is what the kernel tells the addresses of a link apart by.
type addressKey struct {
	local, peer netip.Addr
	bits        uint8
}

// address is what else there is about an address.
type address struct {
	flags uint32
	scope uint8
	mark  uint8  // who added it (IFA_PROTO), 0 if he doesn't say
	order uint64 // the kernel told of it before those with higher numbers
}

// compare orders addresses.
func (k addressKey) compare(o addressKey) int {
	return cmp.Or(k.local.Compare(o.local), cmp.Compare(k.bits, o.bits), k.peer.Compare(o.peer))
}

// A linkEntry is a link with its addresses, and with the number of the dump that last confirmed it.
type linkEntry struct {
	link
	addresses ordered.Table[addressKey, *addressEntry]
	seen      uint64
}

// An addressEntry is an address, with the number of that dump likewise.
type addressEntry struct {
	addressKey
	address
	seen uint64
}

// Compare compares the address with another one.
func (e *addressEntry) Compare(key addressKey) int { return e.compare(key) }

// A linkTable is the links and addresses of the host, kept from route messages. It does no I/O.
type linkTable struct {
	links  map[int]*linkEntry
	names  map[string]int
	macs   map[[6]byte]int // how many links have a MAC address
	takers map[int]int     // how many links take frames from one, by its index
	addressSet

	// changed is called after each change, with the name of the link and AF_INET or AF_INET6 if it is about an
	// address that may be a source of packets, AF_UNSPEC if it is about the link. A link that was renamed has
	// two names.
	changed func(name string, family int)

	dump  uint64        // number of the dump that goes on, or of the last one
	began time.Duration // when that was asked for, by the clock of announced
	order uint64
}

// newLinkTable returns an empty table.
func newLinkTable(changed func(name string, family int)) *linkTable {
	return &linkTable{links: make(map[int]*linkEntry), names: make(map[string]int), macs: make(map[[6]byte]int),
		takers: make(map[int]int), changed: changed, addressSet: addressSet{announced: announcedSet{epoch: time.Now()}}}
}

// find returns the link of that name with its addresses.
func (t *linkTable) find(name string) (*linkEntry, error) {
	if index, ok := t.names[name]; ok {
		return t.links[index], nil
	}
	return nil, fmt.Errorf("netif: %s: %w", name, ErrNoLink)
}

// beginDump has all that is not confirmed before endDump forgotten then.
func (t *linkTable) beginDump() {
	t.dump++
	t.began = t.announced.now()
}

// endDump forgets what the dump did not confirm.
func (t *linkTable) endDump() {
	for index, e := range t.links {
		if e.seen != t.dump {
			t.removeLink(index)
			continue
		}
		for _, a := range slices.Clone(e.addresses) {
			if a.seen != t.dump {
				t.removeAddress(index, a.addressKey)
			}
		}
	}
	t.announced.confirm(t.began, t.onLink)
}

// apply takes a route message. Those it does not understand are ignored.
func (t *linkTable) apply(typ uint16, body []byte) {
	switch typ {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		l, ok := parseLink(t.known, body)
		if ok && typ == unix.RTM_NEWLINK {
			t.setLink(l)
		} else if ok {
			t.removeLink(l.index)
		}
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		index, key, a, ok := parseAddress(body)
		if ok && typ == unix.RTM_NEWADDR {
			t.setAddress(index, key, a)
		} else if ok {
			t.removeAddress(index, key)
			t.removed(key.local)
		}
	}
}

// known returns what is known about a link.
func (t *linkTable) known(index int) link {
	if e, ok := t.links[index]; ok {
		return e.link
	}
	return link{}
}

// setLink takes a link that is new or may have changed.
func (t *linkTable) setLink(l link) {
	e, ok := t.links[l.index]
	if !ok {
		e = &linkEntry{}
		t.links[l.index] = e
	}
	e.seen = t.dump
	old := e.link
	if old == l {
		return
	}
	e.link = l
	if old.name != l.name {
		t.unname(old)
		t.names[l.name] = l.index
	}
	t.changed(l.name, unix.AF_UNSPEC)
	t.tally(&old, &l)
}

// tally counts a link as what it is, and not as what it was.
func (t *linkTable) tally(was, is *link) {
	count(t.macs, was.mac, -1)
	count(t.macs, is.mac, 1)
	if was.takesFrames() != is.takesFrames() || was.parent != is.parent {
		t.tallyTaker(was, -1)
		t.tallyTaker(is, 1)
	}
}

// tallyTaker counts a link that takes frames from its parent, and reports the parent.
func (t *linkTable) tallyTaker(l *link, by int) {
	if !l.takesFrames() {
		return
	}
	count(t.takers, l.parent, by)
	if parent, ok := t.links[l.parent]; ok {
		t.changed(parent.name, unix.AF_UNSPEC)
	}
}

// count adds to one of some numbers, which are there if they are not 0. The zero key is not counted.
func count[K comparable](numbers map[K]int, key K, by int) {
	var zero K
	if key == zero {
		return
	}
	if numbers[key] += by; numbers[key] == 0 {
		delete(numbers, key)
	}
}

// unname takes the name of a link away, unless another one has it by now.
func (t *linkTable) unname(l link) {
	if index, ok := t.names[l.name]; ok && index == l.index {
		delete(t.names, l.name)
		t.changed(l.name, unix.AF_UNSPEC)
	}
}

// removeLink forgets a link.
func (t *linkTable) removeLink(index int) {
	if e, ok := t.links[index]; ok {
		delete(t.links, index)
		t.unname(e.link)
		t.tally(&e.link, &link{})
		for _, a := range e.addresses {
			t.lose(a.local)
		}
	}
}

// setAddress takes an address that is new or may have changed. One that only has its lifetime renewed is no
// change.
func (t *linkTable) setAddress(index int, key addressKey, a address) {
	e, ok := t.links[index]
	if !ok {
		return
	}
	known := e.addresses.Get(key)
	if known == nil {
		t.order++
		a.order = t.order
		t.gain(key.local)
		e.addresses.Set(key, &addressEntry{key, a, t.dump})
		t.addressChanged(e, key, a.service())
		return
	}
	old := known.address
	a.order = old.order
	known.address, known.seen = a, t.dump
	if old != a {
		t.addressChanged(e, key, a.service() && old.service())
	}
}

// removeAddress forgets an address.
func (t *linkTable) removeAddress(index int, key addressKey) {
	e, ok := t.links[index]
	if !ok {
		return
	}
	if old := e.addresses.Get(key); old != nil {
		e.addresses.Drop(key)
		t.lose(key.local)
		t.addressChanged(e, key, old.service())
	}
}

// addressChanged reports a change unless the address can't be a source.
func (t *linkTable) addressChanged(e *linkEntry, key addressKey, service bool) {
	switch {
	case service:
	case key.local.Is4():
		t.changed(e.name, unix.AF_INET)
	case key.local.IsLinkLocalUnicast():
		t.changed(e.name, unix.AF_INET6)
	}
}

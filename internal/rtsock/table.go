// SPDX-License-Identifier: Apache-2.0

package rtsock

import (
	"errors"
	"net/netip"
	"slices"
)

// A Table is the links and addresses of a host. It is for one goroutine at a time.
type Table struct {
	links map[int]*Entry
	names map[string]int
	order uint64 // of the last address

	// changed is called after each change, with the name of the link. A link that was renamed has two.
	changed func(name string, f Family)
}

// NewTable returns an empty table. It calls changed after each change, with the name of the link, and the family of the
// address if it is about one that packets can come from.
func NewTable(changed func(name string, f Family)) *Table {
	return &Table{links: make(map[int]*Entry), names: make(map[string]int), changed: changed}
}

// Find returns the link of that name with its addresses.
func (t *Table) Find(name string) (*Entry, bool) {
	e, ok := t.links[t.names[name]]
	return e, ok && e.Name == name
}

// Local reports whether a link of the host has the address.
func (t *Table) Local(a netip.Addr) bool {
	for _, e := range t.links {
		if _, ok := e.addresses[a]; ok {
			return true
		}
	}
	return false
}

// Load takes a list of all links and addresses, and forgets those that are not on it. If the list is not whole, nothing
// is changed.
func (t *Table) Load(list []byte) error {
	fresh := NewTable(func(string, Family) {})
	for len(list) > 0 {
		m, rest, ok := next(list)
		if !ok {
			return errors.New("list of links is cut short")
		}
		fresh.take(m)
		list = rest
	}
	old := t.links
	t.links, t.names, t.order = fresh.links, fresh.names, fresh.order
	t.compare(old)
	return nil
}

// take adds what a message of a list says.
func (t *Table) take(m message) {
	switch m.kind() {
	case typeLink:
		if l, ok := m.link(); ok && l.Name != "" {
			t.links[l.Index] = &Entry{Link: l, addresses: make(map[netip.Addr]uint64)}
			t.names[l.Name] = l.Index
		}
	case typeNewAddress:
		if index, a, ok := m.ipAddress(); ok {
			t.addAddress(index, a)
		}
	}
}

// compare reports how the links differ from what they were.
func (t *Table) compare(old map[int]*Entry) {
	for index, e := range old {
		if t.links[index] == nil {
			t.changed(e.Name, Any)
		}
	}
	for index, e := range t.links {
		before := old[index]
		if before == nil {
			t.changed(e.Name, Any)
			continue
		}
		if before.Name != e.Name {
			t.changed(before.Name, Any)
		}
		if before.Link != e.Link {
			t.changed(e.Name, Any)
		}
		for _, f := range []Family{IPv4, IPv6} {
			if !slices.Equal(before.listed(f, nil), e.listed(f, nil)) {
				t.changed(e.Name, f)
			}
		}
	}
}

// Apply takes messages from a socket. Those that it does not understand are ignored. It reports whether there may be
// more to know than they said, so that a list has to be loaded: they don't have the name and the MAC address of a link.
func (t *Table) Apply(b []byte) (stale bool) {
	for {
		m, rest, ok := next(b)
		if !ok {
			return stale
		}
		stale = t.apply(m) || stale
		b = rest
	}
}

// apply takes one message.
func (t *Table) apply(m message) (stale bool) {
	switch m.kind() {
	case typeLink:
		l, ok := m.link()
		if ok {
			t.update(l)
		}
		return ok
	case typeAnnounce:
		index, name, gone, ok := m.announce()
		if ok && gone {
			t.remove(index, name)
		}
		return ok
	case typeNewAddress:
		index, a, ok := m.ipAddress()
		return ok && !t.addAddress(index, a)
	case typeDeleteAddress:
		if index, a, ok := m.ipAddress(); ok {
			t.deleteAddress(index, a)
		}
	}
	return false
}

// update takes what a message from a socket says about a link that is known.
func (t *Table) update(l Link) {
	e := t.links[l.Index]
	if e == nil {
		return
	}
	l.Name, l.MAC = e.Name, e.MAC
	if e.Link != l {
		e.Link = l
		t.changed(l.Name, Any)
	}
}

// remove forgets a link, unless the number is that of another one by now.
func (t *Table) remove(index int, name string) {
	if e := t.links[index]; e == nil || e.Name != name {
		return
	}
	delete(t.links, index)
	delete(t.names, name)
	t.changed(name, Any)
}

// addAddress takes an address, as the last one of its link if it is new. It reports whether the link is known.
func (t *Table) addAddress(index int, a netip.Addr) bool {
	e := t.links[index]
	if e == nil {
		return false
	}
	if _, ok := e.addresses[a]; !ok {
		t.order++
		e.addresses[a] = t.order
	}
	t.addressChanged(e, a) // one that is known may have other flags
	return true
}

// deleteAddress forgets an address.
func (t *Table) deleteAddress(index int, a netip.Addr) {
	e := t.links[index]
	if e == nil {
		return
	}
	if _, ok := e.addresses[a]; ok {
		delete(e.addresses, a)
		t.addressChanged(e, a)
	}
}

// addressChanged reports a change of an address that packets can come from.
func (t *Table) addressChanged(e *Entry, a netip.Addr) {
	for _, f := range []Family{IPv4, IPv6} {
		if ofFamily(a, f) {
			t.changed(e.Name, f)
		}
	}
}

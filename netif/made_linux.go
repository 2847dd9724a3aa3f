// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Kinds of links, which are names of drivers (ip-link(8), type).
const (
	kindDummy   = "dummy"
	kindMacvlan = "macvlan"
)

// maxTries bounds how often a link is looked for again that came or went between two messages.
const maxTries = 3

// A madeLink is a link that this module made, or found there in place of one.
type madeLink struct {
	name  string
	kind  string
	index int32
	own   bool // made by this module, and to be removed by it
	fresh bool // made by makeLink

	mu    sync.Mutex // guards route, nil if the link was removed
	route *rtnl
}

// A linkPlan says how a link is to be made.
type linkPlan struct {
	name, kind, alias string

	// create returns the message that makes the link, without the alias, which the kernel doesn't take then.
	create func() *nl.NetlinkRequest

	// fits reports whether a link of that name can be taken in its place.
	fits func(linkInfo) bool
}

// makeLink makes a link, unless there is one that fits. One of ours that doesn't is what an earlier run left, and is
// made anew. route is the link's from then on, unless there is an error.
func makeLink(route *rtnl, p linkPlan) (*madeLink, error) {
	if p.name == "" || len(p.name) > maxName {
		return nil, fmt.Errorf("netif: add: %q can't be the name of a link", p.name)
	}
	m := &madeLink{name: p.name, kind: p.kind, route: route}
	var err error
	for range maxTries {
		if err = m.makeOnce(p); !errors.Is(err, unix.EEXIST) && !errors.Is(err, unix.ENODEV) {
			break
		}
	}
	if err == nil && m.own {
		err = m.configure(p)
	}
	if err != nil {
		return nil, m.explain("add", err)
	}
	return m, nil
}

// makeOnce makes the link or takes the one that is there. The error is EEXIST or ENODEV if it came or went meanwhile.
func (m *madeLink) makeOnce(p linkPlan) error {
	info, err := m.route.find(p.name)
	if errors.Is(err, unix.ENODEV) {
		if _, err := m.route.do(p.create()); err != nil {
			return err
		}
		info, err = m.route.find(p.name)
		m.index, m.own, m.fresh = info.index, true, true
		return err
	}
	if err != nil {
		return err
	}
	m.index, m.own, m.fresh = info.index, strings.HasPrefix(info.alias, ownAlias), false
	switch {
	case p.fits(info):
		return nil
	case m.own:
		return cmp.Or(m.route.delete(info.index), error(unix.EEXIST))
	}
	return fmt.Errorf("%w: kind %q", ErrLinkExists, info.kind)
}

// configure marks a link of ours, and has it make no link-local address, which must be said before it is up. A new
// link that can't be configured is removed.
func (m *madeLink) configure(p linkPlan) error {
	_, err := m.route.do(setAlias(m.index, p.alias))
	if err == nil {
		_, err = m.route.do(setNoAddrGen(m.index))
	}
	if errors.Is(err, unix.EAFNOSUPPORT) {
		err = nil // a kernel without IPv6
	}
	if err != nil && m.fresh {
		err = errors.Join(err, m.route.delete(m.index))
	}
	return err
}

// setUp sets the link administratively up or down.
func (m *madeLink) setUp(up bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.route == nil {
		return fmt.Errorf("netif: %s: %w", m.name, ErrNoLink)
	}
	_, err := m.route.do(setFlags(m.index, up))
	return m.explain("set up or down", err)
}

// remove removes the link if it is ours. One that is in use stays, if it is to be spared.
func (m *madeLink) remove(spareUsed bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.route == nil {
		return nil
	}
	defer func() {
		m.route.close()
		m.route = nil
	}()
	if !m.own {
		return nil
	}
	if spareUsed {
		n, err := m.route.addresses(m.index)
		if err != nil {
			return m.explain("remove", err)
		}
		if n > 0 {
			return fmt.Errorf("netif: %s: remove: %w", m.name, ErrLinkInUse)
		}
	}
	return m.explain("remove", m.route.delete(m.index))
}

// undo takes back what makeLink did.
func (m *madeLink) undo() error {
	m.own = m.fresh
	return m.remove(false)
}

// explain says what was about the link and, if the kernel has no driver for it, that.
func (m *madeLink) explain(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EOPNOTSUPP):
		return fmt.Errorf("netif: %s: %s: the kernel has no driver %s: %w", m.name, what, m.kind, err)
	case errors.Is(err, unix.ENODEV):
		err = fmt.Errorf("%w: %w", ErrNoLink, err)
	}
	return fmt.Errorf("netif: %s: %s: %w", m.name, what, err)
}

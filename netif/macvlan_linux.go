// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// A macvlan is a Macvlan on Linux.
type macvlan struct {
	*madeLink
	sysctls *Sysctls

	mu   sync.Mutex // guards held
	held []*heldSysctl
}

// addMacvlan makes the interface and holds its settings.
func addMacvlan(cfg *MacvlanConfig) (*macvlan, error) {
	route, err := openRTNL()
	if err != nil {
		return nil, fmt.Errorf("netif: %s: virtual MAC: %w", cfg.Parent, err)
	}
	m, err := makeMacvlan(route, cfg)
	if err != nil {
		route.close()
		return nil, err
	}
	if err := m.hold(cfg); err != nil {
		return nil, errors.Join(err, m.undo())
	}
	return m, nil
}

// makeMacvlan makes the interface.
func makeMacvlan(route *rtnl, cfg *MacvlanConfig) (*macvlan, error) {
	parent, err := route.find(cfg.Parent)
	if errors.Is(err, unix.ENODEV) {
		err = fmt.Errorf("%w: %w", ErrNoLink, err)
	}
	if err != nil {
		return nil, fmt.Errorf("netif: %s: virtual MAC: %w", cfg.Parent, err)
	}
	index, mac := int(parent.index), VirtualMAC(cfg.VRID, cfg.IPv6)
	name := cfg.name(index)
	made, err := makeLink(route, linkPlan{
		name: name, kind: kindMacvlan, alias: cfg.alias(),
		create: func() *nl.NetlinkRequest { return newMacvlan(name, index, mac) },
		fits: func(info linkInfo) bool {
			return info.kind == kindMacvlan && info.mode == nl.MACVLAN_MODE_PRIVATE && info.parent == index && info.mac == mac
		},
	})
	if err != nil {
		return nil, err
	}
	return &macvlan{madeLink: made, sysctls: cfg.Sysctls}, nil
}

// hold sets the kernel settings. Those of other links may go with their link while it does.
func (m *macvlan) hold(cfg *MacvlanConfig) (err error) {
	for range maxTries {
		var settings []Setting
		if settings, err = m.settings(cfg); err == nil {
			m.held, err = m.sysctls.apply(settings)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return err
}

// settings returns the kernel settings, those of IPv6 only if the kernel has it.
func (m *macvlan) settings(cfg *MacvlanConfig) ([]Setting, error) {
	settings := MacvlanSettings(m.name, cfg.Parent, cfg.IPv6)
	if cfg.IPv6 {
		return settings, nil
	}
	if !m.sysctls.exists("net/ipv6") {
		settings = slices.DeleteFunc(settings, func(s Setting) bool { return strings.HasPrefix(s.Name, "net/ipv6/") })
	}
	others, err := rpFilterSettings(m.sysctls, m.name)
	return append(settings, others...), err
}

// setUp sets the interface up or down. Before it is up the settings are set again, as programs that configure new links
// take notice of this one some time after it was made.
func (m *macvlan) setUp(up bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if up {
		if err := m.sysctls.setAgain(m.held); err != nil {
			return err
		}
	}
	return m.madeLink.setUp(up)
}

// remove removes the interface and puts the settings back.
func (m *macvlan) remove() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.madeLink.remove(false)
	held := m.held
	m.held = nil
	return errors.Join(err, m.sysctls.release(held))
}

// takeBack removes the interface if it was made, and puts back the settings that were set.
func (m *macvlan) takeBack() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.madeLink.undo()
	held := m.held
	m.held = nil
	return errors.Join(err, m.sysctls.release(held))
}

// leave closes what is open, and nothing else.
func (m *macvlan) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = nil
	m.own = false // so that there is nothing to remove, and so no error
	_ = m.madeLink.remove(false)
}

// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel

import (
	"fmt"
	"slices"
	"time"
)

// States of a vhid as ifconfig prints them.
const (
	stateInit   = "INIT"
	stateBackup = "BACKUP"
	stateMaster = "MASTER"
)

// maxKey is how much of a password the kernel keeps.
const maxKey = 19

// A vhid is a virtual host of carp(4).
type vhid struct {
	id               int
	advbase, advskew int
	key              string
	state            string
	down             time.Duration // when a backup becomes master if it hears nothing
	demoted          bool          // the host is demoted because the interface is down
}

// A vhidChange is what a command says about a vhid; nil and empty fields are left as they are.
type vhidChange struct {
	advbase, advskew *int
	key              *string
	state            string
}

// describe returns the line of a vhid.
func (v *vhid) describe(withKey bool) string {
	text := fmt.Sprintf("carp: %s vhid %d advbase %d advskew %d", v.state, v.id, v.advbase, v.advskew)
	if withKey && v.key != "" {
		text += fmt.Sprintf(" key %q", v.key)
	}
	return text
}

// getVHID returns a vhid, nil if the interface does not have it.
func (i *iface) getVHID(id int) *vhid {
	for _, v := range i.vhids {
		if v.id == id {
			return v
		}
	}
	return nil
}

// configureVHID changes a vhid, and makes it first if it isn't there.
func (m *Model) configureVHID(i *iface, id int, c vhidChange) error {
	if !m.config.CARP {
		return about("SIOCGVH", errNoProtocol)
	}
	if i.loopback {
		return about("SIOCGVH", errNotSupported)
	}
	if c.advskew != nil && *c.advskew >= 255 || c.advbase != nil && *c.advbase > 255 {
		return about("SIOCSVH", errInvalid)
	}
	v := i.getVHID(id)
	if v == nil {
		v = &vhid{id: id, advbase: 1, state: stateInit}
		i.vhids = append(i.vhids, v)
	}
	if c.advskew != nil && *c.advskew >= 0 {
		v.advskew = *c.advskew
	}
	if c.advbase != nil {
		v.advbase = *c.advbase
	}
	if c.key != nil {
		v.key = (*c.key)[:min(len(*c.key), maxKey)]
	}
	switch {
	case v.state == stateInit: // can't be changed by hand
	case c.state == "master":
		m.setState(i, v, stateMaster)
	case c.state == "backup":
		m.setState(i, v, stateBackup)
	}
	return nil
}

// setState gives a vhid a state, with the timer and the routes that belong to it.
func (m *Model) setState(i *iface, v *vhid, state string) {
	v.state = state
	v.down = m.now + 3*time.Duration(v.advbase)*time.Second + time.Duration(v.advskew)*time.Second/256
	for _, a := range i.addrs {
		if a.vhid == v.id && a.ip.Is4() {
			m.setSelfRoute(i, a, state == stateMaster)
		}
	}
}

// restart has a vhid begin anew. One without addresses does not get far.
func (m *Model) restart(i *iface, v *vhid) {
	m.setState(i, v, stateInit)
	members := slices.ContainsFunc(i.addrs, func(a *address) bool { return a.vhid == v.id })
	if i.up && members && m.value("net.inet.carp.allow") != 0 {
		m.setState(i, v, stateBackup)
	}
}

// changed has the vhid of an address begin anew, because the address came or went.
func (m *Model) changed(i *iface, a *address) {
	if v := i.getVHID(a.vhid); v != nil {
		m.restart(i, v)
	}
}

// forgetVHID removes a vhid after an address of it was deleted, if it was its last.
func (i *iface) forgetVHID(id int) {
	if slices.ContainsFunc(i.addrs, func(a *address) bool { return a.vhid == id }) {
		return
	}
	i.vhids = slices.DeleteFunc(i.vhids, func(v *vhid) bool { return v.id == id })
}

// linkVHID tells a vhid that its interface went up or down.
func (m *Model) linkVHID(i *iface, v *vhid) {
	if v.demoted == i.up {
		v.demoted = !i.up
		amount := m.value("net.inet.carp.ifdown_demotion_factor")
		if i.up {
			amount = -amount
		}
		m.demote(amount)
	}
	m.restart(i, v)
}

// passVHID lets time pass for a vhid: the timer of a backup ends, or a better node is heard.
func (m *Model) passVHID(i *iface, v *vhid) {
	advskew, heard := m.peers[v.id]
	better := heard && advskew < v.advskew
	switch {
	case v.state == stateInit:
	case better:
		m.setState(i, v, stateBackup)
	case v.state == stateBackup && m.now >= v.down:
		m.setState(i, v, stateMaster)
	}
}

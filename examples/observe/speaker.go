// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"net/netip"
	"slices"
	"time"
)

// speakerState is what a speaker does as far as can be heard. A router that has never
// advertised can't be heard at all.
type speakerState uint8

const (
	stateNew    speakerState = iota
	stateActive              // advertises
	stateBackup              // has advertised, and has stopped for a better one
	stateLeft                // has said goodbye
	stateSilent              // has stopped advertising without a word
)

// text is the state in the words of the protocol.
func (s speakerState) text(p protocol) string {
	if s == stateActive {
		return p.active()
	}
	return [...]string{"new", "", "Backup", "left", "silent"}[s]
}

// numVersions is how many versions of a protocol a speaker may advertise in.
const numVersions = 4

// A speaker is a VRRP router or a CARP host in one cluster.
type speaker struct {
	addr     netip.Addr
	state    speakerState
	message            // the last one
	heard    time.Time // when that came
	yielded  time.Time // when a better one was heard while this one was active
	versions [numVersions]heard
	margins  margins
	count    uint64 // messages
}

// heard is the last message of a version.
type heard struct {
	message
	at time.Time
}

// yields is by how many of its intervals a speaker is late that is no longer taken for
// active beside a better one.
const yields = 1.5

// deadline returns when the speaker is no longer taken for active, and what for then,
// unless it is heard before.
func (s *speaker) deadline(better bool) (time.Time, speakerState) {
	if better {
		return s.heard.Add(time.Duration(yields * float64(s.interval))), stateBackup
	}
	return s.heard.Add(s.downInterval()), stateSilent
}

// take makes a message the last one. It returns what has changed of what the speaker
// says; measured tells that the time since the one before is a margin.
func (s *speaker) take(at time.Time, m message, measured bool) (changes []string) {
	before := &s.versions[m.version%numVersions]
	if !before.at.IsZero() && !m.goodbye && !before.goodbye {
		if measured {
			s.margins.add(at.Sub(before.at), before.downInterval())
		}
		changes = differences(&before.message, &m)
	}
	*before = heard{m, at}
	if s.heard = at; !m.goodbye || s.count == 0 { // a goodbye says no priority
		s.message = m
	}
	s.count++
	return changes
}

// differences tells what a message says otherwise than the one before.
func differences(old, m *message) (list []string) {
	if a, b := old.rankText(), m.rankText(); a != b {
		list = append(list, "says "+b+", before "+a)
	}
	if old.interval != m.interval && m.protocol == vrrpProtocol {
		list = append(list, "says interval "+m.interval.String()+", before "+old.interval.String())
	}
	if !slices.Equal(old.addresses, m.addresses) {
		list = append(list, "has addresses "+joined(m.addresses)+", before "+joined(old.addresses))
	}
	if old.form != m.form {
		list = append(list, "speaks "+m.form+", before "+old.form)
	}
	if old.mac != m.mac {
		list = append(list, "sends from "+macText(m.mac)+", before "+macText(old.mac))
	}
	return list
}

// maxShown is how many addresses a list is written with.
const maxShown = 4

// joined writes a list of addresses.
func joined(list []netip.Addr) string {
	s := ""
	for i, a := range list {
		if i == maxShown {
			return s + " …"
		}
		if i > 0 {
			s += " "
		}
		s += a.String()
	}
	return s
}

func macText(mac [6]byte) string { return net.HardwareAddr(mac[:]).String() }

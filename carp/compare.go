// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
	"fmt"
	"time"
)

// Rank is what the hosts of a virtual host are compared by: who advertises more
// often is better, as carp_input_c of FreeBSD and NetBSD, carp_proto_input_c of
// OpenBSD and ucarp have it, and before that, where [Config.DemoteOctet] is set,
// who is less demoted. It is a value and safe for concurrent use.
type Rank struct {
	Demote  uint8 `json:"demote,omitzero"` // carp_demote of OpenBSD; 0 unless Config.DemoteOctet is set
	AdvBase uint8 `json:"advbase"`         // seconds
	AdvSkew uint8 `json:"advskew"`         // 1/256 s
}

// BowOut returns the rank by which a Master says that it gives up its role:
// advbase and advskew 255, sc_bow_out of OpenBSD and NetBSD.
func BowOut() Rank { return Rank{AdvBase: 255, AdvSkew: 255} }

// IsBowOut reports whether the rank says that its host gives up its role,
// whatever its demotion.
func (r Rank) IsBowOut() bool { return r.AdvBase == 255 && r.AdvSkew == 255 }

// Compare returns a negative number if r is better than s, 0 if they are equal,
// and a positive one if r is worse. The figures are compared as integers, demote
// before advbase before advskew.
func (r Rank) Compare(s Rank) int { return cmp.Compare(r.order(), s.order()) }

// order returns a number that grows as the rank gets worse.
func (r Rank) order() uint32 {
	return uint32(r.Demote)<<16 | uint32(r.AdvBase)<<8 | uint32(r.AdvSkew)
}

// Interval returns the time between advertisements that the rank stands for,
// advbase + advskew/256 s (carp(4)), which is a whole number of nanoseconds.
func (r Rank) Interval() time.Duration { return interval(r.AdvBase, r.AdvSkew) }

// String is in the words of ifconfig(8), "advbase 1 advskew 100".
func (r Rank) String() string {
	s := fmt.Sprintf("advbase %d advskew %d", r.AdvBase, r.AdvSkew)
	if r.Demote > 0 {
		s += fmt.Sprintf(" demote %d", r.Demote)
	}
	return s
}

// Rank returns what the next advertisement of a Master carries.
func (m *Machine) Rank() Rank {
	if m.forced {
		return Rank{}
	}
	r := Rank{AdvBase: m.cfg.AdvBase, AdvSkew: m.skew()}
	if m.cfg.DemoteOctet {
		r.Demote = uint8(min(max(m.demotion, 0), maxDemote))
	}
	return r
}

// rankOf returns the rank of a peer as far as this host goes by it.
func (m *Machine) rankOf(adv *Advertisement) Rank {
	r := Rank{AdvBase: adv.AdvBase, AdvSkew: adv.AdvSkew}
	if m.cfg.DemoteOctet {
		r.Demote = adv.Demote
	}
	return r
}

// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/jsonform"
	"github.com/go-fhrp/fhrp/internal/rejected"
)

// rejectedBuffer is how many kinds of rejected packets are kept by default.
const rejectedBuffer = 16

// RejectedPacket is a packet that a [Host] has rejected or, of several that are alike,
// the last one: those from one source on one link with one VHID and for one fault are.
// What its fields are in JSON is as [Status] has it; there is "error" besides, the text of Err.
type RejectedPacket struct {
	At       time.Time  `json:"time"`                 // when it arrived
	First    time.Time  `json:"first-datetime"`       // when the first one that was alike did
	Count    uint64     `json:"count"`                // how many there were, with this one
	Link     string     `json:"interface"`            // where it arrived
	Name     string     `json:"name,omitempty"`       // of the virtual host that has its VHID; empty if there is none
	Src      netip.Addr `json:"source,omitzero"`      // of the IP header
	Dst      netip.Addr `json:"destination,omitzero"` // of the IP header
	HopLimit uint8      `json:"hop-limit"`            // TTL in IPv4
	VHID     uint8      `json:"vhid,omitzero"`        // that it has; 0 if it is too short to have one

	// Err is why it was rejected: errors.Is(p.Err, [FaultChecksum]) and the like tell its kind.
	Err *PacketError `json:"reason"`

	// Length is that of the message in octets.
	Length int `json:"length"`
	// Octets are the first 16 octets of the message if it looks like one of CARP, else the
	// first 8; in JSON as hexadecimal digits. What is behind them is a digest, from
	// which the passphrase can be guessed, or in VRRP maybe a password.
	Octets []byte `json:"octets,omitempty"`
}

// refusal is what is kept of a rejected packet besides its kind.
type refusal struct {
	name     string
	dst      netip.Addr
	hopLimit uint8
	length   int
	err      PacketError
}

// Rejected returns the packets that the host has rejected last, of those that are alike
// the last one, in the order in which they came: the last ones are those of
// [HostConfig.RejectedBuffer]. What is heard in state Init isn't among them: it is
// rejected whatever it is.
func (h *Host) Rejected() []RejectedPacket {
	var all []rejected.Packet[refusal]
	h.engine.Do(func() { all = h.rejected.All() })
	list := make([]RejectedPacket, len(all))
	for i, p := range all {
		err := p.Last.err
		list[i] = RejectedPacket{At: p.At, First: p.First, Count: p.Count, Link: p.Link, Name: p.Last.name, Src: p.Source, Dst: p.Last.dst,
			HopLimit: p.Last.hopLimit, VHID: p.ID, Err: &err, Length: p.Last.length, Octets: p.Octets}
	}
	return list
}

// keep notes a rejected packet.
func (h *Host) keep(p *engine.Port, v *VirtualHost, in *received, err PacketError) {
	if err.Fault == FaultInit {
		return
	}
	kind := rejected.Kind{Link: p.Link(), Source: in.Src, Fault: uint8(err.Fault)}
	if len(in.payload) > offVHID {
		kind.ID = in.payload[offVHID]
	}
	more := refusal{dst: in.Dst, hopLimit: in.HopLimit, length: len(in.payload), err: err}
	if v != nil {
		more.name = v.cfg.Name
	}
	h.rejected.Note(kind, in.at, more, disclosed(in.payload))
}

// disclosed returns the octets of a message that can't be authentication.
func disclosed(b []byte) []byte {
	if len(b) == messageLen && b[offAuthLen] == authLen {
		return b[:offDigest]
	}
	return b[:min(len(b), offCounter)]
}

// form returns p with its error as a text as well, and its octets as digits.
func (p *RejectedPacket) form() any {
	type plain RejectedPacket
	text := ""
	if p.Err != nil {
		text = p.Err.Error()
	}
	return &struct {
		*plain
		Octets *jsonform.Hex `json:"octets"`
		Text   string        `json:"error"`
	}{(*plain)(p), (*jsonform.Hex)(&p.Octets), text}
}

// MarshalJSON returns the packet in the form that is told at [Status]. It does not fail.
func (p RejectedPacket) MarshalJSON() ([]byte, error) { return json.Marshal(p.form()) }

// UnmarshalJSON takes what MarshalJSON returns.
func (p *RejectedPacket) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, p.form()) }

// SPDX-License-Identifier: Apache-2.0

package vrrp

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

// RejectedPacket is a packet that a [Router] has rejected or, of several that are alike,
// the last one: those from one source on one link with one VRID and for one fault are.
// What its fields are in JSON is as [Status] has it; there is "error" besides, the text of Err.
type RejectedPacket struct {
	At       time.Time  `json:"time"`                 // when it arrived
	First    time.Time  `json:"first-datetime"`       // when the first one that was alike did
	Count    uint64     `json:"count"`                // how many there were, with this one
	Link     string     `json:"interface"`            // where it arrived
	Name     string     `json:"name,omitempty"`       // of the virtual router that has its VRID; empty if there is none
	Src      netip.Addr `json:"source,omitzero"`      // of the IP header
	Dst      netip.Addr `json:"destination,omitzero"` // of the IP header
	HopLimit uint8      `json:"hop-limit"`            // TTL in IPv4
	VRID     uint8      `json:"vrid,omitzero"`        // that it has; 0 if it is too short to have one

	// Err is why it was rejected: errors.Is(p.Err, [FaultChecksum]) and the like tell its kind.
	Err *PacketError `json:"reason"`

	// Length is that of the message in octets, with what is behind it or, if it came
	// behind an authentication header that is none, of the packet with its IP header.
	Length int `json:"length"`
	// Octets are the first octets of the message, 128 at most, in JSON as hexadecimal
	// digits. They end before any authentication, which may be a password (RFC
	// 3768 section 5.3.10) or a digest, from which one can be guessed: with the addresses or,
	// where it can't be told how long these are, with the header.
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

// Rejected returns the packets that the router has rejected last, of those that are alike
// the last one, in the order in which they came: the last ones are those of
// [RouterConfig.RejectedBuffer]. What is heard in state Initialize isn't among them: it is
// rejected whatever it is.
func (r *Router) Rejected() []RejectedPacket {
	var all []rejected.Packet[refusal]
	r.engine.Do(func() { all = r.rejected.All() })
	list := make([]RejectedPacket, len(all))
	for i, p := range all {
		err := p.Last.err
		list[i] = RejectedPacket{At: p.At, First: p.First, Count: p.Count, Link: p.Link, Name: p.Last.name, Src: p.Source, Dst: p.Last.dst,
			HopLimit: p.Last.hopLimit, VRID: p.ID, Err: &err, Length: p.Last.length, Octets: p.Octets}
	}
	return list
}

// keep notes a rejected packet.
func (r *Router) keep(p *engine.Port, v *VirtualRouter, in *received, err PacketError) {
	if err.Fault == FaultInitialize {
		return
	}
	kind := rejected.Kind{Link: p.Link(), Source: in.Src, Fault: uint8(err.Fault)}
	if len(in.payload) > offVRID {
		kind.ID = in.payload[offVRID]
	}
	more := refusal{dst: in.Dst, hopLimit: in.HopLimit, length: len(in.payload), err: err}
	if in.payload == nil {
		more.length = len(in.packet)
	}
	if v != nil {
		more.name = v.seat.Name()
	}
	r.rejected.Note(kind, in.at, more, disclosed(in.payload, in.Src.Is6()))
}

// disclosed returns the octets of a message that can't be authentication.
func disclosed(b []byte, v6 bool) []byte {
	if len(b) < headerLen {
		return b
	}
	if at := len(b) - TrailerLen; at >= headerLen && (*Trailer)(b[at:]).wellFormed() {
		b = b[:at] // a count that is wrong may take it for addresses
	}
	n := headerLen
	switch version, count := Version(b[offVersionType]>>4), int(b[offCount]); {
	case version == V3:
		n = min(len(b), messageLen(V3, v6, count))
	case version == V2 && !v6 && len(b) == messageLen(V2, false, count):
		n = len(b) - authLen
	}
	return b[:n]
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

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/vrrp"
)

// protocol is what a cluster speaks. Versions 2 and 3 of VRRP are one: routers may
// speak both for the same virtual router (RFC 9568 section 8.4).
type protocol uint8

const (
	vrrpProtocol protocol = iota
	carpProtocol
)

func (p protocol) String() string {
	if p == carpProtocol {
		return "CARP"
	}
	return "VRRP"
}

// active is the state of a holder in the words of the protocol.
func (p protocol) active() string {
	if p == carpProtocol {
		return "Master"
	}
	return "Active"
}

// A message is an advertisement of either protocol.
type message struct {
	protocol  protocol
	version   uint8 // of VRRP; 0 in CARP
	id        uint8
	src       netip.Addr
	mac       [6]byte
	priority  uint8     // VRRP
	rank      carp.Rank // CARP
	goodbye   bool
	interval  time.Duration
	addresses []netip.Addr // none in CARP
	form      string       // version, checksum and authentication
}

// isPrior reports whether the sender of m is to hold the role rather than that of o
// (RFC 9568 section 6.4.3, carp_input_c). Equals in CARP hold it both.
func (m *message) isPrior(o *message) bool {
	if m.protocol == carpProtocol {
		return m.rank.Compare(o.rank) < 0
	}
	if m.priority != o.priority {
		return m.priority > o.priority
	}
	return o.src.Less(m.src)
}

// downInterval is how long the most eager backup that yields to this sender waits for
// it: three intervals and the skew time of the same priority (RFC 9568 section 6.1,
// carp_setrun).
func (m *message) downInterval() time.Duration {
	switch {
	case m.protocol == carpProtocol && m.rank.AdvBase > 0:
		return m.interval + 2*time.Duration(m.rank.AdvBase)*time.Second
	case m.protocol == carpProtocol:
		return 3 * m.interval
	case m.version == uint8(vrrp.V2):
		return 3*m.interval + time.Duration(256-int(m.priority))*time.Second/256
	}
	return 3*m.interval + time.Duration(256-int(m.priority))*m.interval/256
}

// rankText is what senders are compared by.
func (m *message) rankText() string {
	if m.protocol == carpProtocol {
		return m.rank.String()
	}
	return fmt.Sprintf("priority %d", m.priority)
}

// errNoMessage says that a packet of the protocol number is of neither protocol.
var errNoMessage = errors.New("neither VRRP nor CARP")

// parseMessage reads what a packet carries. The error says why neither protocol takes
// it.
func parseMessage(p *received) (message, error) {
	v6 := p.Src.Is6()
	body, trailer := p.Payload, (*vrrp.Trailer)(nil)
	if len(body) >= 8 {
		body, trailer = vrrp.CutTrailer(body, v6)
	}
	var adv vrrp.Advertisement
	form, err := adv.Parse(body, vrrp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit})
	if err == nil {
		m := vrrpMessage(p, &adv)
		m.form = vrrpForm(p, &adv, form, trailer)
		return m, nil
	}
	var other carp.Advertisement
	otherErr := other.Parse(p.Payload, carp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit})
	if otherErr == nil {
		return carpMessage(p, &other), nil
	}
	return message{}, whyNot(p.Payload, err, otherErr)
}

// carpLen is the length of every advertisement of CARP.
const carpLen = 36

// whyNot chooses the error of the protocol that a packet looks like.
func whyNot(b []byte, asVRRP, asCARP error) error {
	switch {
	case len(b) == 0 || b[0] != 0x21 && b[0] != 0x31:
		return errNoMessage
	case b[0] == 0x21 && len(b) == carpLen:
		return asCARP
	}
	return asVRRP
}

func vrrpMessage(p *received, a *vrrp.Advertisement) message {
	return message{
		protocol: vrrpProtocol, version: uint8(a.Version), id: a.VRID, src: p.Src, mac: p.mac,
		priority: a.Priority, goodbye: a.Priority == vrrp.PriorityGoodbye,
		interval: a.Interval, addresses: sortedAddresses(a.Addresses),
	}
}

func carpMessage(p *received, a *carp.Advertisement) message {
	rank := carp.Rank{Demote: a.Demote, AdvBase: a.AdvBase, AdvSkew: a.AdvSkew}
	return message{
		protocol: carpProtocol, id: a.VHID, src: p.Src, mac: p.mac, rank: rank, goodbye: rank.IsBowOut(),
		interval: max(rank.Interval(), time.Second/256), form: "version 2, HMAC-SHA1",
	}
}

// sortedAddresses makes lists comparable: routers need not have them in one order.
func sortedAddresses(list []netip.Addr) []netip.Addr {
	list = slices.Clone(list)
	slices.SortFunc(list, netip.Addr.Compare)
	return slices.Compact(list)
}

// vrrpForm tells version, checksum and authentication. The checksum has forms only
// in version 3 over IPv4. Of a trailer of version 3 nothing more can be told without
// the key; the octets of a password are not shown.
func vrrpForm(p *received, a *vrrp.Advertisement, form vrrp.ChecksumForm, t *vrrp.Trailer) string {
	s := fmt.Sprintf("version %d", a.Version)
	if a.Version == vrrp.V3 && p.Src.Is4() {
		s += ", checksum " + form.String()
	}
	switch {
	case p.ah:
		s += ", AH"
	case a.AuthType == vrrp.AuthPassword:
		s += ", password"
	case a.AuthType != vrrp.AuthNone:
		s += fmt.Sprintf(", authentication type %d", a.AuthType)
	}
	if t != nil {
		s += fmt.Sprintf(", HMAC trailer key %d", t.KeyID())
	}
	if !p.Dst.IsMulticast() {
		s += ", unicast"
	}
	return s
}

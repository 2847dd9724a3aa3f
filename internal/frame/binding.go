// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"net/netip"
)

// A Binding is what a frame of ARP or neighbour discovery says about its sender: that it has an address, and at which
// MAC address.
type Binding struct {
	// Addr is the sender protocol address of ARP, the target of a neighbour advertisement, or the source of a
	// neighbour solicitation.
	Addr netip.Addr

	// MAC is the sender hardware address of ARP. In neighbour discovery it is the link-layer address of the option
	// (RFC 4861 section 4.6.1) or, without one, that which the frame came from.
	MAC [6]byte

	// Announced tells that it was said unasked and to everybody: by a gratuitous ARP or an unsolicited neighbour
	// advertisement, which are what [Claim] reads.
	Announced bool
}

// DecodeBinding reads any frame by which its sender says that it has an address: an ARP request or reply (RFC 5227
// section 2.4), a neighbour advertisement, a neighbour solicitation with a source. It is not ok for probes, which
// say that the sender would like to have it, for anything else, and for what is not well-formed. It never panics,
// whatever the octets are.
func DecodeBinding(b []byte) (v Binding, ok bool) {
	if len(b) < headerLen {
		return Binding{}, false
	}
	body := b[headerLen:]
	switch binary.BigEndian.Uint16(b[etherTypeOffset:]) {
	case EtherTypeARP:
		return arpBinding(body)
	case EtherTypeIPv6:
		return ndpBinding(body, Source(b))
	}
	return Binding{}, false
}

// arpSenderMACOffset is that of ar$sha.
const arpSenderMACOffset = 8

// arpBinding reads the packet behind the Ethernet header. Octets after it are padding.
func arpBinding(b []byte) (Binding, bool) {
	if len(b) < arpLen || [6]byte(b) != [6]byte(appendARPTypes(make([]byte, 0, 6))) {
		return Binding{}, false
	}
	op := Opcode(binary.BigEndian.Uint16(b[arpOpcodeOffset:]))
	sender, target := netip.AddrFrom4([4]byte(b[arpSenderIPOffset:])), netip.AddrFrom4([4]byte(b[arpTargetIPOffset:]))
	v := Binding{Addr: sender, MAC: [6]byte(b[arpSenderMACOffset:]), Announced: sender == target}
	return v, (op == Request || op == Reply) && isHost(sender)
}

// Of neighbour solicitations (RFC 4861 section 4.3), which have their target where advertisements have it.
const (
	nsType         = 135
	optionSourceLL = 1
)

// ndpBinding reads the packet behind the Ethernet header.
func ndpBinding(b []byte, from [6]byte) (Binding, bool) {
	src, dst, msg, ok := ndpMessage(b)
	if !ok {
		return Binding{}, false
	}
	v := Binding{Addr: src}
	solicited, option := false, byte(optionSourceLL)
	switch msg[0] {
	case naType:
		v.Addr, option = netip.AddrFrom16([16]byte(msg[naTargetOffset:])), optionTargetLL
		solicited = msg[naFlagsOffset]&flagSolicited != 0
		v.Announced = !solicited
	case nsType:
	default:
		return Binding{}, false
	}
	if solicited && dst.IsMulticast() { // RFC 4861 section 7.1.2
		return Binding{}, false
	}
	v.MAC, ok = linkLayer(msg[naLen:], option, from)
	return v, ok && isHost(v.Addr)
}

// linkLayer returns the MAC address in the first option of that type, or the other one if there is none. It is not ok
// if an option has the length 0 or goes beyond the end (RFC 4861 section 4.6).
func linkLayer(options []byte, typ byte, other [6]byte) ([6]byte, bool) {
	mac, found := other, false
	for len(options) > 0 {
		if len(options) < naOptionLen || options[1] == 0 || len(options) < int(options[1])*naOptionLen {
			return [6]byte{}, false
		}
		if !found && options[0] == typ && options[1] == 1 {
			mac, found = [6]byte(options[2:]), true
		}
		options = options[int(options[1])*naOptionLen:]
	}
	return mac, true
}

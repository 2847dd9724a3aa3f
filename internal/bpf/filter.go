// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"golang.org/x/net/bpf"

	"github.com/go-fhrp/fhrp/internal/frame"
)

// Where the filters look in an Ethernet frame.
const (
	etherType = 12

	ipv4Fragment   = 20
	ipv4IsFragment = 0x3fff // more fragments, or not the first one
	ipv4Protocol   = 23

	ipv6NextHeader = 20
	icmpv6Type     = 54
)

const (
	protocol      = 112 // VRRP and CARP
	icmpv6        = 58
	advertisement = 136 // of a neighbour
)

// accept keeps a frame whole.
func accept() bpf.Instruction { return bpf.RetConstant{Val: 1 << 18} }

// drop keeps nothing of it.
func drop() bpf.Instruction { return bpf.RetConstant{Val: 0} }

// load loads a field.
func load(offset uint32, size int) bpf.Instruction {
	return bpf.LoadAbsolute{Off: offset, Size: size}
}

// unless goes on with the next instruction if the field loaded has the value, and else skips some.
func unless(value uint32, skip uint8) bpf.Instruction {
	return bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: value, SkipTrue: skip}
}

// Nothing lets no frame through.
func Nothing() []bpf.Instruction { return []bpf.Instruction{drop()} }

// Packets lets frames through that carry IP protocol 112 over IPv4 or IPv6, and are no fragments.
func Packets(ipv4 bool) []bpf.Instruction {
	if ipv4 {
		return []bpf.Instruction{
			load(etherType, 2),
			unless(frame.EtherTypeIPv4, 5),
			load(ipv4Protocol, 1),
			unless(protocol, 3),
			load(ipv4Fragment, 2),
			bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: ipv4IsFragment, SkipTrue: 1},
			accept(),
			drop(),
		}
	}
	return []bpf.Instruction{
		load(etherType, 2),
		unless(frame.EtherTypeIPv6, 3),
		load(ipv6NextHeader, 1),
		unless(protocol, 1),
		accept(),
		drop(),
	}
}

// Claims lets frames through in which a neighbour may claim an address: ARP for IPv4, neighbour advertisements for
// IPv6. [frame.Claim] looks closer.
func Claims(ipv4 bool) []bpf.Instruction {
	if ipv4 {
		return []bpf.Instruction{
			load(etherType, 2),
			unless(frame.EtherTypeARP, 1),
			accept(),
			drop(),
		}
	}
	return []bpf.Instruction{
		load(etherType, 2),
		unless(frame.EtherTypeIPv6, 5),
		load(ipv6NextHeader, 1),
		unless(icmpv6, 3),
		load(icmpv6Type, 1),
		unless(advertisement, 1),
		accept(),
		drop(),
	}
}

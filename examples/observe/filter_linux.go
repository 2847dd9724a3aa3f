// SPDX-License-Identifier: Apache-2.0

package main

import (
	"golang.org/x/net/bpf"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Where the filter looks, in a frame without tag.
const (
	arpSender   = 28
	arpTarget   = 38
	ipv6Next    = ipv6NextHeader
	icmpv6Type  = ipOffset + ipv6HeaderLen
	icmpv6      = 58
	neighbourAd = 136
)

// listenFilter lets through what [decodePacket] reads, and so little else that a busy
// link is no load: advertisements of both protocols, also behind an authentication
// header, gratuitous ARP and neighbour advertisements. The kernel takes the outermost
// VLAN tag off; one more may be there.
func listenFilter() []bpf.Instruction {
	l := listing{}
	l.add(bpf.LoadConstant{Dst: bpf.RegX, Val: 0})
	l.add(bpf.LoadAbsolute{Off: macsLen, Size: 2})
	l.add(bpf.JumpIf{Cond: bpf.JumpEqual, Val: etherTypeVLAN, SkipTrue: 1})
	l.add(bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: etherTypeQinQ, SkipTrue: 2})
	l.add(bpf.LoadConstant{Dst: bpf.RegX, Val: tagLen})
	l.add(bpf.LoadAbsolute{Off: macsLen + tagLen, Size: 2})

	accept, drop := bpf.RetConstant{Val: 1 << 18}, bpf.RetConstant{Val: 0}
	l.when(frame.EtherTypeARP,
		bpf.LoadIndirect{Off: arpSender, Size: 4}, bpf.StoreScratch{Src: bpf.RegA, N: 0},
		bpf.LoadIndirect{Off: arpTarget, Size: 4}, bpf.LoadScratch{Dst: bpf.RegX, N: 0},
		bpf.JumpIfX{Cond: bpf.JumpEqual, SkipFalse: 1}, accept, drop)
	l.when(frame.EtherTypeIPv4,
		bpf.LoadIndirect{Off: ipv4Protocol, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: carp.Protocol, SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: vrrp.ProtocolAH, SkipTrue: 1}, accept, drop)
	l.when(frame.EtherTypeIPv6,
		bpf.LoadIndirect{Off: ipv6Next, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: carp.Protocol, SkipTrue: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: vrrp.ProtocolAH, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: icmpv6, SkipTrue: 3},
		bpf.LoadIndirect{Off: icmpv6Type, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: neighbourAd, SkipTrue: 1}, accept, drop)
	return append(l, drop)
}

// listing is a program.
type listing []bpf.Instruction

func (l *listing) add(i bpf.Instruction) { *l = append(*l, i) }

// when has instructions, which end the program, run if the Ethernet type that is
// loaded is this one.
func (l *listing) when(etherType uint32, then ...bpf.Instruction) {
	l.add(bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: etherType, SkipTrue: uint8(len(then))})
	*l = append(*l, then...)
}

// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	filters "github.com/go-fhrp/fhrp/internal/bpf"
	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// Verdicts of a socket filter: how many octets of the packet to keep.
func accept() bpf.Instruction { return bpf.RetConstant{Val: 1 << 18} }
func drop() bpf.Instruction   { return bpf.RetConstant{Val: 0} }

// unless returns the instruction that goes on if the octets loaded are what they are to be, and else skips the next ones.
func unless(cond bpf.JumpTest, val uint32, skip uint8) bpf.Instruction {
	return bpf.JumpIf{Cond: cond, Val: val, SkipFalse: skip}
}

// tapFilter lets multicast packets of protocol 112 through that came in for this host, are whole and belong to the link
// itself. The kernel runs it on everything that comes in by the link, so what most packets are is looked at first.
//
// A VLAN tag is not in the frame but beside it by then. A tag with the VLAN ID 0 is one of priority only (IEEE 802.1Q).
func tapFilter(ipv4 bool) []bpf.Instruction {
	const lastOfUs = unix.PACKET_MULTICAST // PACKET_HOST and PACKET_BROADCAST are lower, all others higher
	program := tapFilter6()
	if ipv4 {
		program = tapFilter4()
	}
	return append(program,
		bpf.LoadExtension{Num: bpf.ExtType},
		unless(bpf.JumpLessOrEqual, lastOfUs, 5),
		bpf.LoadExtension{Num: bpf.ExtVLANTagPresent},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipTrue: 2},
		bpf.LoadExtension{Num: bpf.ExtVLANTag},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: 0x0fff, SkipTrue: 1},
		accept(),
		drop(),
	)
}

// tapFilter4 drops what is no whole multicast packet of IPv4 with protocol 112, and goes on behind its end if it is.
func tapFilter4() []bpf.Instruction {
	const etherType, fragment, ipProtocol, target = 12, 20, 23, 30
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: etherType, Size: 2},
		unless(bpf.JumpEqual, unix.ETH_P_IP, 7),
		bpf.LoadAbsolute{Off: ipProtocol, Size: 1},
		unless(bpf.JumpEqual, protocol, 5),
		bpf.LoadAbsolute{Off: fragment, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: 0x3fff, SkipTrue: 3},
		bpf.LoadAbsolute{Off: target, Size: 1},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf0},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0xe0, SkipTrue: 1},
		drop(),
	}
}

// tapFilter6 does the same in IPv6, where fragments have another next header.
func tapFilter6() []bpf.Instruction {
	const etherType, nextHeader, target = 12, 20, 38
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: etherType, Size: 2},
		unless(bpf.JumpEqual, unix.ETH_P_IPV6, 4),
		bpf.LoadAbsolute{Off: nextHeader, Size: 1},
		unless(bpf.JumpEqual, protocol, 2),
		bpf.LoadAbsolute{Off: target, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0xff, SkipTrue: 1},
		drop(),
	}
}

// unicastFilter is for raw sockets beside a tap: it drops what is sent to a group, which costs no room in the queue then.
func unicastFilter(ipv4 bool) []bpf.Instruction {
	// Packets of IPv6 are without their header; what begins here, at SKF_NET_OFF of linux/filter.h, is the header.
	const header = 1<<32 - 0x100000
	const target4, target6 = 16, 24
	if ipv4 {
		return []bpf.Instruction{
			bpf.LoadAbsolute{Off: header + target4, Size: 1},
			bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf0},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0xe0, SkipTrue: 1},
			accept(),
			drop(),
		}
	}
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: header + target6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0xff, SkipTrue: 1},
		accept(),
		drop(),
	}
}

// additionFilter is for sockets of rtnetlink(7): it drops what the kernel tells of service addresses that are added, and of
// the renewal of their leases: notices that an address is there, by a request that says that it is one or the other, with
// the mark of an owner on the address. Such an address is no source of packets, and claims are looked for to those that are
// announced. When a thousand are added, the loop would be woken for it on the processor that those who add them need, and
// each would take more than 100 octets in the table.
//
// All else is told: other requests about such addresses, and each removal.
func additionFilter() []bpf.Instruction {
	const typ, seq, firstAttribute = 4, 8, unix.SizeofNlMsghdr + unix.SizeofIfAddrmsg
	upper := networkOrder32(rtseq.Number(rtseq.Addition&rtseq.Renewal, 0))
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: typ, Size: 2},
		unless(bpf.JumpEqual, uint32(networkOrder(unix.RTM_NEWADDR)), 11),
		bpf.LoadAbsolute{Off: seq, Size: 4},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: upper},
		unless(bpf.JumpEqual, upper, 8),
		bpf.LoadConstant{Dst: bpf.RegX, Val: attrProto},
		bpf.LoadConstant{Dst: bpf.RegA, Val: firstAttribute},
		bpf.LoadExtension{Num: bpf.ExtNetlinkAttr}, // of that type: where it is, or 0
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipTrue: 4},
		bpf.TAX{},
		bpf.LoadIndirect{Off: unix.SizeofRtAttr, Size: 1},
		unless(bpf.JumpGreaterOrEqual, rtseq.FirstMark, 1),
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: rtseq.LastMark, SkipTrue: 1},
		accept(),
		drop(),
	}
}

// selectPackets sets the filter of a port.
func (n *network) selectPackets(number int, wanted *[256]bool) {
	if p := n.port(number); p != nil {
		p.wanted = wantedFilter(p.ipv4, wanted)
		n.filterPackets(p)
	}
}

// filterPackets gives the raw socket of a port its filter, unless it has that of a port with a tap.
func (n *network) filterPackets(p *port) {
	if p.wanted == nil || p.tapped || !p.isOpen() {
		return
	}
	if err := filters.Attach(p.fd, p.wanted); err != nil {
		n.log.Debug("packets are not filtered", "link", p.name, "err", err) // to no harm
	}
}

// wantedFilter lets packets through whose second octet is wanted. It looks the octet up in a map of bits, eight words of
// 32. Packets of IPv4 come with their header.
func wantedFilter(ipv4 bool, wanted *[256]bool) []bpf.Instruction {
	const identifier, words = 1, 8
	program := []bpf.Instruction{bpf.LoadAbsolute{Off: identifier, Size: 1}}
	if ipv4 {
		program = []bpf.Instruction{bpf.LoadMemShift{Off: 0}, bpf.LoadIndirect{Off: identifier, Size: 1}}
	}
	program = append(program, bpf.StoreScratch{Src: bpf.RegA, N: 0},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 31}, bpf.TAX{},
		bpf.LoadScratch{Dst: bpf.RegA, N: 0}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 5})
	for word := range words {
		var bits uint32
		for bit := range 32 {
			if wanted[32*word+bit] {
				bits |= 1 << bit
			}
		}
		program = append(program, unless(bpf.JumpEqual, uint32(word), 5),
			bpf.LoadConstant{Dst: bpf.RegA, Val: bits}, bpf.ALUOpX{Op: bpf.ALUOpShiftRight},
			bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: 1, SkipFalse: 1}, accept(), drop())
	}
	return append(program, drop())
}

// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// maxRanges bounds the size of a filter, to some 700 instructions: kernels before 6.7 have room for 20 KiB.
const maxRanges = 128

// A keyRange is keys of addresses that follow each other.
type keyRange struct{ first, last uint32 }

// claimKey is what the filter knows of an address: the address itself in IPv4, the exclusive or of its four words in
// IPv6. Who is let through by an address that has the same key is looked at again.
func claimKey(a netip.Addr) uint32 {
	if a.Is4() {
		b := a.As4()
		return binary.BigEndian.Uint32(b[:])
	}
	b := a.As16()
	return binary.BigEndian.Uint32(b[:]) ^ binary.BigEndian.Uint32(b[4:]) ^ binary.BigEndian.Uint32(b[8:]) ^ binary.BigEndian.Uint32(b[12:])
}

// addrOf returns the IPv4 address that has a key.
func addrOf(key uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], key)
	return netip.AddrFrom4(b)
}

// keyRanges returns the ranges that keys are in, in order. If they are too many, those nearest to each other are made
// one with what is between them.
func keyRanges(keys []uint32) []keyRange {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	var gaps []uint32
	for i := 1; i < len(keys); i++ {
		gaps = append(gaps, keys[i]-keys[i-1])
	}
	slices.SortFunc(gaps, func(a, b uint32) int { return cmp.Compare(b, a) })
	widest := uint32(1) // gap that is bridged
	if len(gaps) >= maxRanges {
		widest = max(widest, gaps[maxRanges-1])
	}
	var ranges []keyRange
	for i, key := range keys {
		if i > 0 && key-keys[i-1] <= widest {
			ranges[len(ranges)-1].last = key
		} else {
			ranges = append(ranges, keyRange{key, key})
		}
	}
	return ranges
}

// inRanges keeps the packet if the key that is loaded is in one of the ranges, which it looks for in halves.
func inRanges(ranges []keyRange) []bpf.Instruction {
	if len(ranges) == 0 {
		return []bpf.Instruction{drop()}
	}
	half := len(ranges) / 2
	above := inRanges(ranges[half+1:])
	return slices.Concat([]bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: ranges[half].first, SkipTrue: 1},
		bpf.Jump{Skip: uint32(2 + len(above))},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: ranges[half].last, SkipTrue: 1},
		accept(),
	}, above, inRanges(ranges[:half]))
}

// claimFilter lets frames through by which other hosts say that they have an address: announcements and, if the address
// is in the ranges, all. There are thousands of others in a second on a busy link, none of which is to wake the loop:
// 5000 ARP requests in a second, each looked at by this process, take 4 % of a core and 2300 turns of an empty loop.
// What is meant for other hosts, or for a VLAN that this host is not in, is none of them.
func claimFilter(ipv4 bool, ranges []keyRange) []bpf.Instruction {
	const (
		etherType = 12
		lastOfUs  = unix.PACKET_MULTICAST // PACKET_HOST and PACKET_BROADCAST are lower
	)
	typ, program := uint32(unix.ETH_P_IPV6), ndpFilter(ranges)
	if ipv4 {
		typ, program = unix.ETH_P_ARP, arpFilter(ranges)
	}
	return append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: etherType, Size: 2},
		unless(bpf.JumpEqual, typ, 2),
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: lastOfUs, SkipTrue: 1},
		drop(),
	}, program...)
}

// arpFilter looks at the protocol addresses of sender and target, which are the same in an announcement.
// frame.DecodeBinding looks closer.
func arpFilter(ranges []keyRange) []bpf.Instruction {
	const sender, target = 28, 38
	return append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: sender, Size: 4},
		bpf.TAX{},
		bpf.LoadAbsolute{Off: target, Size: 4},
		bpf.JumpIfX{Cond: bpf.JumpNotEqual, SkipTrue: 1},
		accept(),
		bpf.TXA{},
	}, inRanges(ranges)...)
}

// ndpFilter tells neighbour advertisements that are not solicited, which pass, from those that are and from neighbour
// solicitations. The kernel runs it on every IPv6 packet that comes in by the link, so the first thing looked at sorts
// most of them out.
func ndpFilter(ranges []keyRange) []bpf.Instruction {
	const (
		nextHeader, icmpv6                    = 20, 58
		icmpType, solicitation, advertisement = 54, 135, 136
		flags, solicited                      = 58, 0x40
		source, target                        = 22, 62
	)
	ofSource := loadKey(source)
	ofTarget := append(loadKey(target), bpf.Jump{Skip: uint32(len(ofSource))})
	return slices.Concat([]bpf.Instruction{
		bpf.LoadAbsolute{Off: nextHeader, Size: 1},
		unless(bpf.JumpEqual, icmpv6, 2),
		bpf.LoadAbsolute{Off: icmpType, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: solicitation, SkipTrue: 1},
		drop(),
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: advertisement, SkipTrue: 1},
		drop(),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: advertisement, SkipTrue: 1},
		bpf.Jump{Skip: uint32(3 + len(ofTarget))},
		bpf.LoadAbsolute{Off: flags, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: solicited, SkipTrue: 1},
		accept(),
	}, ofTarget, ofSource, inRanges(ranges))
}

// loadKey loads the key of an IPv6 address.
func loadKey(off uint32) []bpf.Instruction {
	program := []bpf.Instruction{bpf.LoadAbsolute{Off: off, Size: 4}}
	for word := uint32(4); word < 16; word += 4 {
		program = append(program, bpf.TAX{}, bpf.LoadAbsolute{Off: off + word, Size: 4}, bpf.ALUOpX{Op: bpf.ALUOpXor})
	}
	return program
}

// SPDX-License-Identifier: Apache-2.0

// Package rtseq marks requests to rtnetlink(7) by their sequence numbers. The kernel
// tells all who listen what a request for an IPv4 address has changed, under the
// number of that request: those who know already what is in it, or have no use for it,
// have a socket filter drop it. The leases of thousands of addresses are renewed every
// second or two, thousands are added at once when a router takes over, and each is told
// to every listener. A removal never has such a number: all are told of it.
package rtseq

// The upper halves of sequence numbers. Other programs count from 1, or from the
// time of day in seconds.
const (
	// Plain is that of all other requests, and of all about IPv6 addresses, of which
	// the kernel tells under no number.
	Plain = 0
	// Addition is that of a request for an address that is new.
	Addition = 0xfffe
	// Renewal is that of a request about an address that is there, with the
	// mark of its owner, and gets another lifetime and nothing else.
	Renewal = 0xffff
)

// The marks of owners (IFA_PROTO) that addresses so requested have; see vip.Protocol.
const (
	FirstMark = 112
	LastMark  = 128
)

// Number returns the sequence number with an upper half.
func Number(upper uint16, count uint16) uint32 { return uint32(upper)<<16 | uint32(count) }

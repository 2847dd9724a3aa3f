// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"crypto/fips140"
	"crypto/md5"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
)

// AH makes and verifies the packets of one virtual router with authentication type
// 2 of version 2: an IP authentication header (RFC 2402) before the message, with
// HMAC-MD5-96 (RFC 2403), as keepalived has it.
//
// It is for living with a peer that has nothing better, and no protection today.
// The key is a password of 8 octets, which whoever recorded a packet finds by
// trying; MD5 is broken, and only its use in HMAC still stands; and what was
// recorded is accepted again by a router that has restarted. Use [HMAC] where the
// peers can.
//
// All routers share one count: each sends one more than the highest that it has
// sent or accepted, and accepts only what is above that. One that restarts begins
// at 1 and isn't heard by the others until it has heard one of them.
//
// It must not be copied and is not safe for concurrent use.
type AH struct {
	key   keyed
	count uint32 // highest sequence number sent or accepted

	covered [maxIPv4Header + AHLen]byte // scratch of icv
	sum     [md5.Size]byte              // likewise
}

// ErrSequence is returned by [AH.Next].
var ErrSequence = errors.New("vrrp: authentication header: no sequence number is left")

// lastSequence is the highest that keepalived sends.
const lastSequence = 0xffff_fffe

// NewAH returns an authenticator that has neither sent nor accepted, with the
// [Password] that all routers share. No password is a [*ValueError]; an error that
// is [errors.ErrUnsupported] says that the program allows no MD5 (GODEBUG
// fips140=only).
func NewAH(password AuthData) (*AH, error) {
	if password == (AuthData{}) {
		return nil, &ValueError{Name: "length of the password", Value: 0, Allowed: "1 to 8 octets"}
	}
	if fips140.Enforced() {
		return nil, fmt.Errorf("vrrp: HMAC-MD5: %w", errors.ErrUnsupported)
	}
	return &AH{key: newKeyed(md5.New, password[:])}, nil
}

// Inherit goes on behind the sequence number of another that it replaces.
func (a *AH) Inherit(old *AH) { a.count = max(a.count, old.count) }

// Next returns the sequence number for the next advertisement, one for all of its
// copies to several peers. After 2^32-2 of them, or when somebody with the
// password has sent that one, it fails with [ErrSequence].
func (a *AH) Next() (uint32, error) {
	if a.count >= lastSequence {
		return 0, ErrSequence
	}
	a.count++
	return a.count, nil
}

// Append appends the IPv4 packet, from its header on, with a message that
// [Advertisement.Append] has made: protocol 51, TTL 255, DSCP CS6. The
// identification, which is covered, is that of the sequence number and never 0: a
// kernel would replace that. It allocates only if b has no room.
//
// A [*ValueError] is returned, and b as it was, if an address isn't of IPv4 or the
// message is longer than a packet holds; [errors.ErrUnsupported] as in [NewAH].
func (a *AH) Append(b, message []byte, src, dst netip.Addr, sequence uint32) ([]byte, error) {
	switch {
	case !src.Is4() || !dst.Is4():
		return b, &ValueError{Name: "addresses of the packet", Value: fmt.Sprint(src, " and ", dst), Allowed: "two of IPv4"}
	case len(message) > maxIPv4-ipv4Len-AHLen:
		return b, &ValueError{Name: "length of the message", Value: len(message), Allowed: "up to 65491 octets"}
	case fips140.Enforced():
		return b, fmt.Errorf("vrrp: HMAC-MD5: %w", errors.ErrUnsupported)
	}
	start := len(b)
	b = appendIPv4(b, src, dst, sequence, AHLen+len(message))
	b = appendAH(b, src, sequence)
	b = append(b, message...)
	packet := b[start:]
	copy(packet[ipv4Len+offAHICV:], a.icv(packet, ipv4Len))
	return b, nil
}

// Verify verifies an IPv4 packet, from its header on, and returns the message in
// it, which is part of the packet. Whether TTL and message are right is for
// [Advertisement.Parse] to say.
//
// The error is an [*PacketError]: [FaultAuthType] if there is no authentication
// header, [FaultLength], [FaultNextHeader], [FaultVersion], [FaultDigest],
// [FaultSPI], [FaultReplay]; nothing is remembered of the packet then. It
// allocates for an error only.
func (a *AH) Verify(packet []byte) (message []byte, err error) {
	message, fault := a.verify(packet)
	return message, fault.orNil()
}

// verify is Verify without an allocation for the error.
func (a *AH) verify(packet []byte) ([]byte, PacketError) {
	n, fault := checkAH(packet)
	if fault.Fault != FaultNone {
		return nil, fault
	}
	header := packet[n:]
	sequence := ahSequence(header)
	switch {
	case fips140.Enforced() || subtle.ConstantTimeCompare(a.icv(packet, n), header[offAHICV:AHLen]) == 0:
		return nil, PacketError{Fault: FaultDigest}
	case [4]byte(header[offAHSPI:]) != [4]byte(packet[offIPv4Source:]):
		return nil, PacketError{Fault: FaultSPI}
	case sequence <= a.count:
		return nil, PacketError{FaultReplay, int(sequence), int(a.count) + 1}
	}
	a.count = sequence
	return header[AHLen:], PacketError{}
}

// icv returns the integrity check value of a packet whose IP header has n octets.
// It covers the IP header without what may change on the way, the authentication
// header with a value of 0, and the message. The TTL counts as such only if the
// packet goes to a unicast address: keepalived covers that of multicast, other
// than RFC 2402 says. Options are covered as they are. The value is valid until
// the next call.
func (a *AH) icv(packet []byte, n int) []byte {
	c := a.covered[:n+AHLen]
	copy(c, packet)
	c[offIPv4TOS] = 0
	clear(c[offIPv4Fragment : offIPv4Fragment+2])
	clear(c[offIPv4Checksum : offIPv4Checksum+2])
	if !netip.AddrFrom4([4]byte(c[offIPv4Target:])).IsMulticast() {
		c[offIPv4TTL] = 0
	}
	clear(c[n+offAHICV:])
	mac := a.key()
	mac.Write(c)
	mac.Write(packet[n+AHLen:])
	return mac.Sum(a.sum[:0])[:ahICVLen]
}

// String hides what makes digests; so do all verbs of package fmt.
func (a *AH) String() string { return "authentication header, HMAC-MD5-96" }

// Format hides from every verb what makes digests.
func (a *AH) Format(s fmt.State, _ rune) { fmt.Fprint(s, a.String()) }

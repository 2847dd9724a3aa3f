// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"log/slog"
	"net/netip"
	"time"
)

// Advertisement is the one message of the protocol (RFC 9568 section 5.2, RFC
// 3768 section 5.3), in the units of the program rather than of the wire. It is
// not safe for concurrent use while it is parsed into.
type Advertisement struct {
	Version  Version
	VRID     uint8         // virtual router identifier, 1 to 255 (section 5.2.3)
	Priority uint8         // 0 is a goodbye, 255 the owner (section 5.2.4)
	Interval time.Duration // Max Advertise Interval (section 5.2.7), Adver Int in version 2

	// AuthType and AuthData are the authentication of version 2 (RFC 3768
	// sections 5.3.6 and 5.3.10). Version 3 has none: both are zero.
	AuthType AuthType
	AuthData AuthData

	// Addresses are the virtual router's IPvX addresses in the order of the
	// wire, at least one, all of the family that the packet travels by. The
	// first of IPv6 is the link-local one (erratum 8300).
	Addresses []netip.Addr
}

// AuthType is the authentication type field of version 2 (RFC 3768 section
// 5.3.6; types 1 and 2 are those of RFC 2338, which keepalived keeps alive).
type AuthType uint8

// The authentication types of version 2.
const (
	AuthNone     AuthType = 0
	AuthPassword AuthType = 1 // simple text password, the PASS of keepalived
	AuthAH       AuthType = 2 // IP authentication header
)

// AuthData is the authentication data of version 2: for [AuthPassword] the
// password, filled up with zeros. It prints as a placeholder, so that no log
// shows it.
type AuthData [8]byte

// Password returns the authentication data for a password. A [*ValueError]
// that doesn't show the password is returned if it is empty or longer than 8
// octets.
func Password(password string) (AuthData, error) {
	var d AuthData
	if password == "" || len(password) > len(d) {
		return d, &ValueError{Name: "length of the password", Value: len(password), Allowed: "1 to 8 octets"}
	}
	copy(d[:], password)
	return d, nil
}

// String hides the data; so do all verbs of package fmt.
func (AuthData) String() string { return "(hidden)" }

// Format hides the data from every verb, %x and %#v included.
func (AuthData) Format(s fmt.State, _ rune) { fmt.Fprint(s, "(hidden)") }

// MarshalText hides the data from encoding/json and the like. It does not fail.
func (AuthData) MarshalText() ([]byte, error) { return []byte("(hidden)"), nil }

// LogValue hides the data from log/slog.
func (AuthData) LogValue() slog.Value { return slog.StringValue("(hidden)") }

// ChecksumForm says what the checksum of a version 3 packet over IPv4 covers.
// RFC 9568 section 5.2.8 takes the message alone, keepalived and FRR add the
// IPv4 pseudo-header, and no packet says which it is. Version 2 always takes
// the message, IPv6 always the pseudo-header.
type ChecksumForm uint8

// The forms of the checksum.
const (
	// ChecksumAuto, in a configuration, starts with ChecksumMessage and goes
	// on with the form of the last accepted peer. It is safe among speakers of
	// RFC 9568. Beside keepalived or FRR choose ChecksumPseudoHeader: their
	// backups reject the other form and are silent until they take over.
	ChecksumAuto         ChecksumForm = iota
	ChecksumMessage                   // the message only: RFC 9568, Cisco, Juniper, Arista, holo
	ChecksumPseudoHeader              // IPv4 pseudo-header and message: keepalived, FRR
	ChecksumPseudoGroup               // pseudo-header with the group though sent to another address: to unicast peers before keepalived 1.3.7, or with its old_unicast_checksum
)

// String names the form.
func (f ChecksumForm) String() string {
	if f > ChecksumPseudoGroup {
		return fmt.Sprintf("checksum form %d", uint8(f))
	}
	return [...]string{"auto", "message", "pseudo-header", "pseudo-header with group"}[f]
}

// IPHeader is what the checks of RFC 9568 section 7.1 and the checksum need of
// the IP header that an advertisement arrived with.
type IPHeader struct {
	Src, Dst netip.Addr
	HopLimit uint8 // TTL in IPv4
}

// The layout of the message (RFC 9568 section 5.2, RFC 3768 section 5.3).
const (
	offVersionType = 0
	offVRID        = 1
	offPriority    = 2
	offCount       = 3
	offInterval    = 4 // 16 bits: 4 reserved and 12 of interval in version 3, 8 of authentication type and 8 of interval in version 2
	offAuthType    = 4 // version 2
	offChecksum    = 6
	headerLen      = 8
	authLen        = 8 // authentication data behind the addresses, version 2 only

	typeAdvertisement = 1 // the only type (section 5.2.2)
	maxAddresses      = 255
)

// addrLen returns the octets that an address takes on the wire.
func addrLen(v6 bool) int {
	if v6 {
		return 16
	}
	return 4
}

// messageLen returns the exact length of a message: nothing may follow it.
func messageLen(v Version, v6 bool, addresses int) int {
	n := headerLen + addresses*addrLen(v6)
	if v == V2 {
		n += authLen
	}
	return n
}

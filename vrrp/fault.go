// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"time"
)

// Fault is the check of RFC 9568 section 7.1, RFC 3768 section 7.1 or of this
// package that a received packet failed. It is an error, so that
// errors.Is(err, [FaultChecksum]) tells the kind of a [*PacketError].
type Fault uint8

// The faults, each with the counter of RFC 8347 that it is counted in, if the
// RFC has one.
const (
	FaultNone        Fault = iota
	FaultHopLimit          // TTL or hop limit isn't 255: ip-ttl-errors
	FaultVersion           // neither 2 nor 3, 2 over IPv6, or not the configured one: version-errors
	FaultType              // not an advertisement: invalid-type-pkts-rcvd
	FaultLength            // not the length that version and address count give: packet-length-errors
	FaultChecksum          // checksum-errors
	FaultVRID              // no such virtual router on the receiving link: vrid-errors
	FaultInterval          // 0, or in version 2 not the configured one: interval-errors
	FaultAddressList       // no address, or in version 2 not the configured ones: address-list-errors
	FaultAuthType          // version 2 authentication of another type than configured
	FaultAuthData          // version 2 password is wrong
	FaultLooped            // sent by this router itself
	FaultInitialize        // heard while in state Initialize, which listens to nobody
	FaultOwner             // version 2: heard by the owner of the addresses, who listens to nobody
	FaultSource            // not from one of the peers
	FaultSuperseded        // version 2 of what was heard in version 3, with WithV2 (RFC 9568 section 8.4.2)

	// The faults of authentication by [HMAC] or [AH]. RFC 8347 has no counters for
	// them; in parentheses are those of keepalived.
	FaultUnsigned   // no trailer, and the mode is HMACEnforce (auth_ext_missing)
	FaultTrailer    // a trailer of another scheme, or with reserved bits (auth_ext_malformed)
	FaultUnknownKey // key id that isn't configured, or is no longer accepted (auth_ext_unknown_key)
	FaultDigest     // wrong key, or the packet was changed (auth_ext_invalid_hmac; auth_failure with AH)
	FaultStale      // sent too long ago, or ahead of the clock here (auth_ext_stale)
	FaultReplay     // sequence number not above that of an earlier packet (auth_ext_replay; auth_failure with AH)
	FaultSPI        // security parameters index that isn't the source address (auth_failure)
	FaultNextHeader // an authentication header before something else than VRRP
	numFaults
)

// Error is [Fault.String] behind the package's prefix.
func (f Fault) Error() string { return "vrrp: " + f.String() }

// String names the fault in a few words.
func (f Fault) String() string {
	if f >= numFaults {
		return fmt.Sprintf("fault %d", uint8(f))
	}
	return [numFaults]string{"no fault", "wrong hop limit", "wrong version", "wrong type", "wrong length", "wrong checksum",
		"unknown virtual router", "wrong advertisement interval", "wrong address list", "wrong authentication type",
		"wrong password", "own packet", "not taking part", "heard by the address owner", "source is no peer",
		"version 2 of a router that is heard in version 3",
		"no authentication trailer", "malformed authentication trailer", "unknown key", "wrong digest",
		"stale sequence number", "replayed sequence number", "wrong security parameters index", "wrong next header"}[f]
}

// PacketError tells why a packet was rejected. Its kind is tested with
// errors.Is(err, FaultLength) and the like; [errors.As] gives the figures.
type PacketError struct {
	Fault Fault `json:"fault"` // the check that failed
	Got   int   `json:"got"`   // the figure in the packet: hop limit, version, octets, folded sum, key id, seconds that the clock here is ahead, ...
	Want  int   `json:"want"`  // the figure that the check asks for; 0 where it has none
}

// Error names the check and both figures.
func (e *PacketError) Error() string {
	switch {
	case e.Fault.bare(), e.Fault == FaultReplay && e.Want == 0:
		return e.Fault.Error()
	case e.Fault == FaultStale:
		return fmt.Sprintf("%v: the clock here is ahead by %v, allowed: %v", e.Fault.Error(),
			time.Duration(e.Got)*time.Second, time.Duration(e.Want)*time.Second)
	case e.Want == 0:
		return fmt.Sprintf("%v: %d", e.Fault.Error(), e.Got)
	case e.Fault == FaultChecksum:
		return fmt.Sprintf("%v: sum %#04x, want %#04x", e.Fault.Error(), e.Got, e.Want)
	}
	return fmt.Sprintf("%v: %d, want %d", e.Fault.Error(), e.Got, e.Want)
}

// bare reports whether no figure belongs to the fault.
func (f Fault) bare() bool {
	switch f {
	case FaultAuthData, FaultLooped, FaultInitialize, FaultOwner, FaultSource, FaultSuperseded, FaultUnsigned, FaultTrailer, FaultDigest, FaultSPI:
		return true
	}
	return false
}

// Unwrap returns the [Fault].
func (e *PacketError) Unwrap() error { return e.Fault }

// orNil returns the error, nil if there is no fault.
func (e PacketError) orNil() error {
	if e.Fault == FaultNone {
		return nil
	}
	return &PacketError{e.Fault, e.Got, e.Want}
}

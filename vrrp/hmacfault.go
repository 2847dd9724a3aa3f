// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"time"
)

// AuthFault is the check of [HMAC] or [AH] that a received packet failed. It is
// an error, so that errors.Is(err, [FaultDigest]) tells the kind of an
// [*AuthError].
type AuthFault uint8

// The faults of authentication, each with the counter of keepalived that it is
// counted in. RFC 8347 has none.
const (
	FaultUnsigned   AuthFault = iota + 1 // no trailer, and the mode is HMACEnforce: auth_ext_missing
	FaultTrailer                         // a trailer of another scheme, or with reserved bits: auth_ext_malformed
	FaultUnknownKey                      // key id that isn't configured, or is no longer accepted: auth_ext_unknown_key
	FaultDigest                          // wrong key, or the packet was changed: auth_ext_invalid_hmac, auth_failure with AH
	FaultStale                           // sent too long ago, or ahead of the clock here: auth_ext_stale
	FaultReplay                          // sequence number not above that of an earlier packet: auth_ext_replay, auth_failure with AH
	FaultSPI                             // security parameters index that isn't the source address: auth_failure
	FaultNextHeader                      // an authentication header before something else than VRRP: not counted
	numAuthFaults
)

// Error is [AuthFault.String] behind the package's prefix.
func (f AuthFault) Error() string { return "vrrp: " + f.String() }

// String names the fault in a few words.
func (f AuthFault) String() string {
	if f == 0 || f >= numAuthFaults {
		return fmt.Sprintf("authentication fault %d", uint8(f))
	}
	return [numAuthFaults]string{"", "no authentication trailer", "malformed authentication trailer", "unknown key", "wrong digest",
		"stale sequence number", "replayed sequence number", "wrong security parameters index", "wrong next header"}[f]
}

// AuthError tells why [HMAC] or [AH] rejected a packet. Its kind is tested with
// errors.Is(err, FaultDigest) and the like; [errors.As] gives the figures.
type AuthError struct {
	Fault error // an AuthFault; of the faults of PacketError FaultLength, FaultVersion and FaultAuthType
	Got   int   // the figure in the packet: key id, seconds that the clock here is ahead, octets, ...
	Want  int   // the figure that the check asks for; 0 where it has none
}

// Error names the check and the figures.
func (e *AuthError) Error() string {
	switch {
	case e.Fault == FaultStale:
		return fmt.Sprintf("%v: the clock here is ahead by %v, allowed: %v", e.Fault,
			time.Duration(e.Got)*time.Second, time.Duration(e.Want)*time.Second)
	case e.Got == 0 && e.Want == 0:
		return e.Fault.Error()
	case e.Want == 0:
		return fmt.Sprintf("%v: %d", e.Fault, e.Got)
	}
	return fmt.Sprintf("%v: %d, want %d", e.Fault, e.Got, e.Want)
}

// Unwrap returns the fault.
func (e *AuthError) Unwrap() error { return e.Fault }

// orNil returns the error, nil if there is no fault.
func (e AuthError) orNil() error {
	if e.Fault == nil {
		return nil
	}
	return &AuthError{e.Fault, e.Got, e.Want}
}

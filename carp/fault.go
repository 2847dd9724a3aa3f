// SPDX-License-Identifier: Apache-2.0

package carp

import "fmt"

// Fault is the check that a received packet failed. It is an error, so that
// errors.Is(err, [FaultChecksum]) tells the kind of a [*PacketError].
type Fault uint8

// The faults, each with the counter of FreeBSD's struct carpstats that it is
// counted in, if there is one (netstat -s -p carp).
const (
	FaultNone     Fault = iota
	FaultHopLimit       // TTL or hop limit of a packet to a group isn't 255: carps_badttl
	FaultShort          // shorter than the header of 36 octets: carps_hdrops
	FaultVersion        // neither CARP's version 2 nor VRRP's 3: carps_badver
	FaultVRRP           // an advertisement of VRRP, which has the same protocol number and groups: carps_badver or carps_badlen
	FaultType           // not an advertisement
	FaultLength         // longer than 36 octets: carps_badlen
	FaultChecksum       // carps_badsum
	FaultVHID           // 0, or no such virtual host on the receiving link: carps_badvhid
	FaultDigest         // wrong passphrase, or other addresses: carps_badauth
	FaultLooped         // sent by this host itself
	FaultInit           // heard while in state Init, which listens to nobody
	FaultSource         // from none of the configured peers
	FaultReplayed       // the digest of an earlier advertisement, with another interval or demotion
	numFaults
)

// Error is [Fault.String] behind the package's prefix.
func (f Fault) Error() string { return "carp: " + f.String() }

// String names the fault in a few words.
func (f Fault) String() string {
	if f >= numFaults {
		return fmt.Sprintf("fault %d", uint8(f))
	}
	return [numFaults]string{"no fault", "wrong hop limit", "short packet", "wrong version", "advertisement of VRRP",
		"wrong type", "wrong length", "wrong checksum", "unknown virtual host", "wrong digest", "own packet",
		"not taking part", "source is no peer", "replayed digest"}[f]
}

// PacketError tells why a packet was rejected. Its kind is tested with
// errors.Is(err, FaultLength) and the like; [errors.As] gives the figures.
type PacketError struct {
	Fault Fault `json:"fault"` // the check that failed
	Got   int   `json:"got"`   // the figure in the packet: hop limit, octets, version, folded sum, VHID
	Want  int   `json:"want"`  // the figure that the check asks for; 0 where it has none
}

// Error names the check and the figures.
func (e *PacketError) Error() string {
	switch {
	case e.Fault >= FaultDigest && e.Fault < numFaults:
		return e.Fault.Error()
	case e.Fault == FaultVRRP:
		return fmt.Sprintf("%v: version %d", e.Fault.Error(), e.Got)
	case e.Want == 0:
		return fmt.Sprintf("%v: %d", e.Fault.Error(), e.Got)
	case e.Fault == FaultChecksum:
		return fmt.Sprintf("%v: sum %#04x, want %#04x", e.Fault.Error(), e.Got, e.Want)
	}
	return fmt.Sprintf("%v: %d, want %d", e.Fault.Error(), e.Got, e.Want)
}

// Unwrap returns the [Fault].
func (e *PacketError) Unwrap() error { return e.Fault }

// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"fmt"
	"net/netip"
)

// Cause is why a digest was wrong, as far as that can be found out.
type Cause uint8

// The causes. Only the first leaves a doubt: a digest that is explained was made
// with the passphrase and the addresses that the cause tells.
const (
	CauseUnknown       Cause = iota // another passphrase, or addresses that can't be guessed
	CauseAddresses                  // the same passphrase, other addresses
	CauseProfile                    // the same passphrase and addresses, by a profile that isn't accepted
	CauseLinkLayer                  // the same, without the configured link-layer address
	CauseNoPassphrase               // no passphrase: FreeBSD forgets it with the last address of a virtual host
	CauseCutPassphrase              // the passphrase without its last octet: ifconfig cuts 20 octets to 19, and NetBSD's, by its source, one off any
	CauseVRRP                       // not CARP: VRRP version 2 with five addresses has the same length
	numCauses
)

// String tells the cause in a few words.
func (c Cause) String() string {
	if c >= numCauses {
		return fmt.Sprintf("cause %d", uint8(c))
	}
	return [numCauses]string{"another passphrase or other addresses", "other addresses", "another profile",
		"no link-layer address", "no passphrase", "passphrase without its last octet", "advertisement of VRRP version 2"}[c]
}

// Explanation is what made a wrong digest.
type Explanation struct {
	Cause     Cause        `json:"cause"`               // as far as it could be found out
	Addresses []netip.Addr `json:"addresses,omitempty"` // that the peer has in its digest; nil for CauseUnknown and CauseVRRP
	Profile   Profile      `json:"profile"`             // by which it has them
}

// String tells the cause and what was found.
func (e Explanation) String() string {
	switch e.Cause {
	case CauseUnknown, CauseVRRP:
		return e.Cause.String()
	case CauseProfile:
		return fmt.Sprintf("%v: %v", e.Cause, e.Profile)
	}
	return fmt.Sprintf("%v: peer has %v", e.Cause, e.Addresses)
}

// Explain looks for what made the digest of an advertisement that
// [Authenticator.Verify] has rejected. It tries, with the passphrase: the
// accepted address sets by every profile; their addresses, with the link-local
// one that NetBSD and OpenBSD give a CARP interface, in every subset if there are
// not more than eight; if there are more, each family, all with the link-local
// one, each alone (as ucarp has it) and, of up to 126, all but one. With no
// passphrase, and with the passphrase without its last octet, it tries the
// accepted address sets by every profile.
//
// That is at most 256 address sets and 108 digests besides, a tenth of a
// millisecond for a few addresses. Whoever sends wrong digests makes it run:
// limit how often. Unlike the other methods it may be called by several
// goroutines, and while another signs or verifies.
func (a *Authenticator) Explain(adv *Advertisement) Explanation {
	if [8]byte(adv.Digest[12:]) == [8]byte{} { // authentication data of VRRP (RFC 3768 section 5.3.10)
		return Explanation{Cause: CauseVRRP}
	}
	t := a.newTrial(adv, a.config.Key)
	if e, ok := t.profiles(CauseProfile, a.config.LinkLayer); ok {
		return e
	}
	if e, ok := t.addresses(); ok {
		return e
	}
	if e, ok := t.profiles(CauseLinkLayer, [6]byte{}); ok {
		return e
	}
	if e, ok := a.newTrial(adv, Key{}).profiles(CauseNoPassphrase, a.config.LinkLayer); ok {
		return e
	}
	if e, ok := a.newTrial(adv, a.config.Key.cut()).profiles(CauseCutPassphrase, a.config.LinkLayer); ok {
		return e
	}
	return Explanation{}
}

// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"slices"
)

// maxAcceptAddresses bounds what verifying costs.
const maxAcceptAddresses = 8

// AuthenticatorConfig is what goes into the digests of a virtual host. The zero
// value of a field is its default; VHID and Addresses have none.
type AuthenticatorConfig struct {
	VHID      uint8        // 1 to 255
	Key       Key          // default: no passphrase
	Addresses []netip.Addr // all service addresses of both families; their order matters to ProfileListOrder only
	Profile   Profile      // of what is signed, default ProfileNoLinkLocal

	// LinkLayer is the link-layer address of an OpenBSD interface that was set
	// by hand (lladdr of ifconfig(8)): its hosts have it in their digests.
	// Default: none.
	LinkLayer [6]byte

	// AcceptAddresses are up to 8 further sets of addresses that are accepted
	// from peers: while addresses change on one host after the other, those
	// from before or those that will be.
	AcceptAddresses [][]netip.Addr
	// AcceptProfiles are the profiles that are accepted besides Profile.
	// Default: ProfileNoLinkLocal and ProfileStandard, as OpenBSD does.
	AcceptProfiles []Profile
}

// Match tells which of the accepted digests an advertisement has.
type Match struct {
	Set     int     `json:"set"`     // 0: AuthenticatorConfig.Addresses; n: the n-th of AcceptAddresses, counted from 1
	Profile Profile `json:"profile"` // the first by which Set makes this digest
}

// Authenticator signs and verifies the digests of one virtual host. What doesn't
// depend on the advertisement is computed once. It must not be copied and, but
// for [Authenticator.Explain], is not safe for concurrent use.
type Authenticator struct {
	config   AuthenticatorConfig
	mac      *mac
	variants []*variant // what is accepted, each once; the first is what is sent
}

// variant is one way to make the digest.
type variant struct {
	covered
	match Match
}

// NewAuthenticator returns an authenticator. A value that can't be is a
// [*ValueError]; another error says that the program allows no SHA-1 (GODEBUG
// fips140=only).
func NewAuthenticator(c AuthenticatorConfig) (*Authenticator, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	m, err := newMAC(c.Key)
	if err != nil {
		return nil, err
	}
	a := &Authenticator{config: c.clone(), mac: m}
	var seen [][]byte
	for i, addrs := range a.config.sets() {
		for _, p := range a.config.profiles() {
			prefix := appendPrefix(nil, c.VHID, c.LinkLayer, p.covered(addrs))
			if slices.ContainsFunc(seen, func(other []byte) bool { return bytes.Equal(prefix, other) }) {
				continue
			}
			seen = append(seen, prefix)
			a.variants = append(a.variants, &variant{m.cover(prefix), Match{i, p}})
		}
	}
	return a, nil
}

// check reports the first value that can't be.
func (c *AuthenticatorConfig) check() error {
	if c.VHID == 0 {
		return &ValueError{Name: "virtual host identifier", Value: c.VHID, Allowed: "1 to 255"}
	}
	if len(c.AcceptAddresses) > maxAcceptAddresses {
		return &ValueError{Name: "number of accepted address sets", Value: len(c.AcceptAddresses), Allowed: "0 to 8"}
	}
	for _, p := range c.profiles() {
		if p >= numProfiles {
			return &ValueError{Name: "profile", Value: uint8(p), Allowed: "0 to 2"}
		}
	}
	for _, addrs := range c.sets() {
		if len(addrs) == 0 {
			return &ValueError{Name: "number of addresses", Value: 0, Allowed: "1 and more"}
		}
		for _, addr := range addrs {
			if !addr.IsValid() || addr.Is4In6() {
				return &ValueError{Name: "address", Value: addr, Allowed: "those of IPv4 and IPv6"}
			}
		}
	}
	return nil
}

// sets returns the accepted sets of addresses, the own one first.
func (c *AuthenticatorConfig) sets() [][]netip.Addr {
	return append([][]netip.Addr{c.Addresses}, c.AcceptAddresses...)
}

// profiles returns the accepted profiles, the own one first.
func (c *AuthenticatorConfig) profiles() []Profile {
	if len(c.AcceptProfiles) == 0 {
		return []Profile{c.Profile, ProfileNoLinkLocal, ProfileStandard}
	}
	return append([]Profile{c.Profile}, c.AcceptProfiles...)
}

// clone returns a copy that doesn't change with its original.
func (c AuthenticatorConfig) clone() AuthenticatorConfig {
	c.Addresses = slices.Clone(c.Addresses)
	c.AcceptProfiles = slices.Clone(c.AcceptProfiles)
	c.AcceptAddresses = slices.Clone(c.AcceptAddresses)
	for i, addrs := range c.AcceptAddresses {
		c.AcceptAddresses[i] = slices.Clone(addrs)
	}
	return c
}

// Sign sets adv.Digest for the counter that adv has. The digest is that of the
// authenticator's virtual host, whatever adv.VHID is. It doesn't allocate.
func (a *Authenticator) Sign(adv *Advertisement) {
	copy(adv.Digest[:], a.mac.sum(&a.variants[0].covered, adv.Counter))
}

// Verify reports whether adv has one of the accepted digests of this virtual
// host, and which. Each is computed and compared in constant time, also when an
// earlier one was right. It doesn't allocate.
func (a *Authenticator) Verify(adv *Advertisement) (Match, bool) {
	found, which := 0, 0
	for i, v := range a.variants {
		equal := subtle.ConstantTimeCompare(a.mac.sum(&v.covered, adv.Counter), adv.Digest[:])
		which = subtle.ConstantTimeSelect(equal, i, which)
		found |= equal
	}
	if found == 0 || adv.VHID != a.config.VHID {
		return Match{}, false
	}
	return a.variants[which].match, true
}

// String names the virtual host and hides what makes digests; so do all verbs of
// package fmt.
func (a *Authenticator) String() string {
	return fmt.Sprintf("authenticator of virtual host %d", a.config.VHID)
}

// Format hides from every verb what makes digests.
func (a *Authenticator) Format(s fmt.State, _ rune) { fmt.Fprint(s, a.String()) }

// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"hash"
	"iter"
	"net/netip"
	"slices"
)

// Bounds of the search: of maxSubsets addresses all subsets are tried, which are
// not more than maxTrials; of more than maxEach no set with one missing.
const (
	maxTrials  = 256
	maxSubsets = 8
	maxEach    = (maxTrials - 4) / 2
)

// trial computes digests until one is that of an advertisement.
type trial struct {
	config *AuthenticatorConfig
	adv    *Advertisement
	mac    hash.Hash
	buf    []byte
}

func (a *Authenticator) newTrial(adv *Advertisement, key Key) *trial {
	octets := key.padded()
	return &trial{config: &a.config, adv: adv, mac: hmac.New(sha1.New, octets[:])}
}

// made reports whether this made the digest. The addresses are as
// [Profile.covered] returns them.
func (t *trial) made(linkLayer [6]byte, covered []netip.Addr) bool {
	t.buf = appendPrefix(t.buf[:0], t.config.VHID, linkLayer, covered)
	t.buf = binary.BigEndian.AppendUint64(t.buf, t.adv.Counter)
	t.mac.Reset()
	t.mac.Write(t.buf)
	t.buf = t.mac.Sum(t.buf[:0])
	return hmac.Equal(t.buf, t.adv.Digest[:])
}

// profiles tries every profile with the accepted sets of addresses.
func (t *trial) profiles(cause Cause, linkLayer [6]byte) (Explanation, bool) {
	for _, addrs := range t.config.sets() {
		for p := range numProfiles {
			if covered := p.covered(addrs); t.made(linkLayer, covered) {
				return Explanation{cause, covered, p}, true
			}
		}
	}
	return Explanation{}, false
}

// addresses tries other sets of addresses.
func (t *trial) addresses() (Explanation, bool) {
	trials := 0
	for addrs := range t.config.guesses() {
		if trials++; trials > maxTrials {
			break
		}
		if t.made(t.config.LinkLayer, addrs) {
			return Explanation{CauseAddresses, slices.Clone(addrs), ProfileStandard}, true
		}
	}
	return Explanation{}, false
}

// guesses returns sets of addresses that a peer might have, in the order of
// [ProfileStandard]. Each is valid until the next.
func (c *AuthenticatorConfig) guesses() iter.Seq[[]netip.Addr] {
	all := ProfileStandard.covered(slices.Concat(c.sets()...))
	carp := ProfileStandard.covered(append(slices.Clone(all), interfaceAddress(c.VHID)))
	if len(carp) <= maxSubsets {
		return subsets(carp)
	}
	return func(yield func([]netip.Addr) bool) {
		v6 := slices.IndexFunc(all, netip.Addr.Is6)
		if v6 >= 0 && (!yield(all[:v6]) || !yield(all[v6:])) || !yield(all) || !yield(carp) {
			return
		}
		for i := range all {
			if !yield(all[i : i+1]) {
				return
			}
		}
		for i := range all {
			if len(all) > maxEach || !yield(slices.Concat(all[:i], all[i+1:])) {
				return
			}
		}
	}
}

// subsets returns all subsets.
func subsets(all []netip.Addr) iter.Seq[[]netip.Addr] {
	return func(yield func([]netip.Addr) bool) {
		var some []netip.Addr
		for mask := range 1 << len(all) {
			some = some[:0]
			for i, addr := range all {
				if mask&(1<<i) != 0 {
					some = append(some, addr)
				}
			}
			if !yield(some) {
				return
			}
		}
	}
}

// interfaceAddress returns the link-local address that an interface has whose
// link-layer address is the virtual 00:00:5e:00:01:vhid (RFC 4291 appendix A):
// carp(4) interfaces of NetBSD and OpenBSD.
func interfaceAddress(vhid uint8) netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 8: 0x02, 10: 0x5e, 11: 0xff, 12: 0xfe, 14: 0x01, 15: vhid})
}

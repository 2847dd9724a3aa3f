// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
)

func TestSignVectors(t *testing.T) {
	for _, v := range vectors(t) {
		adv := v.adv
		newAuthenticator(t, v.config).Sign(&adv)
		if adv != v.signed(t) {
			t.Errorf("%s: signed %x, want %s", v.name, adv.Digest, v.digest)
		}
	}
}

func TestVerifyVectors(t *testing.T) {
	for _, v := range vectors(t) {
		adv := v.signed(t)
		a := newAuthenticator(t, v.config)
		if match, ok := a.Verify(&adv); !ok || match != (carp.Match{Profile: v.config.Profile}) {
			t.Errorf("%s: Verify = %v, %v", v.name, match, ok)
		}
		wantVerified(t, v.name+", then other counters", a, &adv)
	}
}

// wantVerified checks that the authenticator verifies what it signs, and that no
// earlier call leaves a trace.
func wantVerified(t *testing.T, name string, a *carp.Authenticator, adv *carp.Advertisement) {
	t.Helper()
	other := *adv
	for counter := range uint64(10) {
		other.Counter = counter * 0x0123456789abcdef
		a.Sign(&other)
		if _, ok := a.Verify(&other); !ok {
			t.Errorf("%s: counter %x: own digest rejected", name, other.Counter)
		}
	}
	if _, ok := a.Verify(adv); !ok {
		t.Errorf("%s: rejected the second time", name)
	}
}

// carp_hmac_verify of OpenBSD: what is sent is without link-local addresses,
// what is accepted is with or without.
func TestVerifyBothOpenBSDDigests(t *testing.T) {
	all := vectors(t)
	orig, noLinkLocal := all[3], all[4]
	a := newAuthenticator(t, noLinkLocal.config)
	for want, v := range map[carp.Profile]vector{carp.ProfileStandard: orig, carp.ProfileNoLinkLocal: noLinkLocal} {
		adv := v.signed(t)
		if match, ok := a.Verify(&adv); !ok || match != (carp.Match{Profile: want}) {
			t.Errorf("%s: Verify = %v, %v", v.name, match, ok)
		}
	}
	adv := orig.adv
	a.Sign(&adv)
	if fmt.Sprintf("%x", adv.Digest) != noLinkLocal.digest {
		t.Errorf("signed %x, want the digest without link-local addresses", adv.Digest)
	}
}

func TestAcceptProfiles(t *testing.T) {
	all := vectors(t)
	orig, noLinkLocal, listOrder := all[3], all[4], all[8]
	for _, c := range []struct {
		name   string
		v      vector
		change func(*carp.AuthenticatorConfig)
		want   bool
	}{
		{"list order by default", listOrder, func(c *carp.AuthenticatorConfig) { c.Profile = 0 }, false},
		{"list order accepted", listOrder, func(c *carp.AuthenticatorConfig) {
			c.Profile, c.AcceptProfiles = 0, []carp.Profile{carp.ProfileListOrder}
		}, true},
		{"only the standard, standard", orig, func(c *carp.AuthenticatorConfig) { c.AcceptProfiles = []carp.Profile{carp.ProfileStandard} }, true},
		{"only the standard, without link-local", noLinkLocal, func(c *carp.AuthenticatorConfig) {
			c.Profile, c.AcceptProfiles = carp.ProfileStandard, []carp.Profile{carp.ProfileStandard}
		}, false},
		{"no list is the default", noLinkLocal, func(c *carp.AuthenticatorConfig) {
			c.Profile, c.AcceptProfiles = carp.ProfileStandard, []carp.Profile{}
		}, true},
	} {
		c.change(&c.v.config)
		adv := c.v.signed(t)
		if match, ok := newAuthenticator(t, c.v.config).Verify(&adv); ok != c.want {
			t.Errorf("%s: Verify = %v, %v", c.name, match, ok)
		}
	}
}

// While addresses change on one host after the other, both sets are accepted and
// one is sent.
func TestAcceptAddresses(t *testing.T) {
	k := key(t, "love")
	before, after := ips("10.9.0.250"), ips("10.9.0.250", "10.9.0.251", "fe80::1")
	peers := map[string]carp.AuthenticatorConfig{
		"before":                   {VHID: 1, Key: k, Addresses: before},
		"after":                    {VHID: 1, Key: k, Addresses: after},
		"after, with link-local":   {VHID: 1, Key: k, Addresses: after, Profile: carp.ProfileStandard},
		"further":                  {VHID: 1, Key: k, Addresses: ips("10.9.0.252")},
		"before, other passphrase": {VHID: 1, Key: key(t, "hate"), Addresses: before},
	}
	own := newAuthenticator(t, carp.AuthenticatorConfig{VHID: 1, Key: k, Addresses: after, AcceptAddresses: [][]netip.Addr{ips("10.9.0.1"), before}})
	for name, want := range map[string]carp.Match{
		"before":                 {Set: 2},
		"after":                  {},
		"after, with link-local": {Profile: carp.ProfileStandard},
	} {
		adv := carp.Advertisement{VHID: 1, Counter: 99}
		newAuthenticator(t, peers[name]).Sign(&adv)
		if match, ok := own.Verify(&adv); !ok || match != want {
			t.Errorf("%s: Verify = %v, %v, want %v", name, match, ok, want)
		}
		delete(peers, name)
	}
	for name, config := range peers {
		adv := carp.Advertisement{VHID: 1, Counter: 99}
		newAuthenticator(t, config).Sign(&adv)
		if match, ok := own.Verify(&adv); ok {
			t.Errorf("%s: Verify = %v, %v", name, match, ok)
		}
	}
}

// Of an advertisement the digest covers version, type, VHID and counter; the
// rest is free to change, in every implementation.
func TestWhatTheDigestCovers(t *testing.T) {
	v := vectors(t)[0]
	a := newAuthenticator(t, v.config)
	for name, c := range map[string]struct {
		change func(*carp.Advertisement)
		ok     bool
	}{
		"AdvBase":              {func(adv *carp.Advertisement) { adv.AdvBase++ }, true},
		"AdvSkew":              {func(adv *carp.Advertisement) { adv.AdvSkew++ }, true},
		"Demote":               {func(adv *carp.Advertisement) { adv.Demote++ }, true},
		"VHID":                 {func(adv *carp.Advertisement) { adv.VHID++ }, false},
		"low half of Counter":  {func(adv *carp.Advertisement) { adv.Counter++ }, false},
		"high half of Counter": {func(adv *carp.Advertisement) { adv.Counter ^= 1 << 63 }, false},
	} {
		adv := v.signed(t)
		c.change(&adv)
		if match, ok := a.Verify(&adv); ok != c.ok || !ok && match != (carp.Match{}) {
			t.Errorf("%s changed: Verify = %v, %v", name, match, ok)
		}
	}
	for bit := range 160 {
		adv := v.signed(t)
		adv.Digest[bit/8] ^= 1 << (bit % 8)
		if _, ok := a.Verify(&adv); ok {
			t.Errorf("bit %d of the digest flipped: verified", bit)
		}
	}
}

// The digest is that of RFC 2104 over the message as carp_hmac_prepare lays it
// out, for any number of addresses: the prefix that is computed once ends
// anywhere in a block of SHA-1.
func TestDigestLonghand(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for n := range 300 {
		c := carp.AuthenticatorConfig{VHID: uint8(1 + rng.IntN(255)), Key: key(t, fmt.Sprint("passphrase ", n)), Profile: carp.Profile(n % 3)}
		if n%5 == 0 {
			c.LinkLayer = [6]byte{2, 0, 0, 0, 0, byte(n)}
		}
		for range 1 + n/10 {
			c.Addresses = append(c.Addresses, randomIP(rng))
		}
		adv := carp.Advertisement{VHID: c.VHID, Counter: rng.Uint64()}
		want := longhand(c, fmt.Sprint("passphrase ", n), adv.Counter)
		a := newAuthenticator(t, c)
		if a.Sign(&adv); adv.Digest != want {
			t.Errorf("%v of %v: %x, want %x", c.Profile, c.Addresses, adv.Digest, want)
		}
		wantVerified(t, fmt.Sprint(n), a, &adv)
	}
}

// randomIP returns an address of any kind, often one of the few that occur twice.
func randomIP(rng *rand.Rand) netip.Addr {
	kinds := ips("10.0.0.0", "169.254.0.0", "fe80::", "fe80:7::", "febf::", "2001:db8::", "0.0.0.0", "::")
	b := kinds[rng.IntN(len(kinds))].AsSlice()
	b[len(b)-1] = byte(rng.IntN(8))
	addr, _ := netip.AddrFromSlice(b)
	return addr
}

// longhand is the digest in another way: by the selection loop of
// carp_hmac_prepare and crypto/hmac.
func longhand(c carp.AuthenticatorConfig, passphrase string, counter uint64) (digest [20]byte) {
	b := []byte{2, 1}
	if c.LinkLayer != [6]byte{} {
		b = append(b, c.LinkLayer[:]...)
	}
	b = append(b, c.VHID)
	for _, length := range []int{4, 16} {
		b = append(b, slices.Concat(selected(c, length)...)...)
	}
	mac := hmac.New(sha1.New, []byte(passphrase))
	mac.Write(binary.BigEndian.AppendUint64(b, counter))
	return [20]byte(mac.Sum(nil))
}

// selected returns the octets of the addresses of one length.
func selected(c carp.AuthenticatorConfig, length int) (list [][]byte) {
	zeros, ones := make([]byte, length), slices.Repeat([]byte{0xff}, length)
	for _, addr := range c.Addresses {
		b := addr.AsSlice()
		scoped := length == 16 && len(b) == 16 && b[0] == 0xfe && b[1]&0xc0 == 0x80
		if len(b) != length || scoped && c.Profile == carp.ProfileNoLinkLocal {
			continue
		}
		if scoped {
			b[2], b[3] = 0, 0
		}
		if slices.Compare(b, zeros) > 0 && slices.Compare(b, ones) < 0 {
			list = append(list, b)
		}
	}
	if c.Profile == carp.ProfileListOrder {
		return list
	}
	last, sorted := zeros, [][]byte(nil)
	for {
		next := ones
		for _, b := range list {
			if slices.Compare(b, last) > 0 && slices.Compare(b, next) < 0 {
				next = b
			}
		}
		if slices.Equal(next, ones) {
			return sorted
		}
		sorted, last = append(sorted, next), next
	}
}

func TestOrderAndDuplicates(t *testing.T) {
	k := key(t, "love")
	sign := func(p carp.Profile, addrs ...string) [20]byte {
		adv := carp.Advertisement{VHID: 1, Counter: 1}
		newAuthenticator(t, carp.AuthenticatorConfig{VHID: 1, Key: k, Profile: p, Addresses: ips(addrs...)}).Sign(&adv)
		return adv.Digest
	}
	for _, c := range []struct {
		name string
		p    carp.Profile
		a, b []string
		same bool
	}{
		{"order of IPv4", carp.ProfileStandard, []string{"10.0.0.2", "10.0.0.10"}, []string{"10.0.0.10", "10.0.0.2"}, true},
		{"order of the families", carp.ProfileStandard, []string{"2001:db8::1", "10.0.0.2"}, []string{"10.0.0.2", "2001:db8::1"}, true},
		{"duplicates", carp.ProfileStandard, []string{"10.0.0.2", "10.0.0.2"}, []string{"10.0.0.2"}, true},
		{"zone", carp.ProfileStandard, []string{"fe80::1%eth0"}, []string{"fe80::1"}, true},
		{"embedded scope", carp.ProfileStandard, []string{"fe80:2::1"}, []string{"fe80::1"}, true},
		{"duplicates by scope", carp.ProfileStandard, []string{"fe80:2::1", "fe80:3::1", "fe80::1%4"}, []string{"fe80::1"}, true},
		{"0.0.0.0", carp.ProfileStandard, []string{"0.0.0.0", "10.0.0.2"}, []string{"10.0.0.2"}, true},
		{"255.255.255.255", carp.ProfileStandard, []string{"255.255.255.255", "10.0.0.2"}, []string{"10.0.0.2"}, true},
		{"::", carp.ProfileStandard, []string{"::", "10.0.0.2"}, []string{"10.0.0.2"}, true},
		{"all ones", carp.ProfileStandard, []string{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "10.0.0.2"}, []string{"10.0.0.2"}, true},
		{"IPv4 link-local", carp.ProfileNoLinkLocal, []string{"169.254.0.1", "10.0.0.2"}, []string{"10.0.0.2"}, false},
		{"IPv6 link-local", carp.ProfileNoLinkLocal, []string{"fe80::1", "10.0.0.2"}, []string{"10.0.0.2"}, true},
		{"IPv6 link-local, standard", carp.ProfileStandard, []string{"fe80::1", "10.0.0.2"}, []string{"10.0.0.2"}, false},
		{"list order", carp.ProfileListOrder, []string{"10.0.0.2", "10.0.0.10"}, []string{"10.0.0.10", "10.0.0.2"}, false},
		{"list order of the families", carp.ProfileListOrder, []string{"2001:db8::1", "10.0.0.2"}, []string{"10.0.0.2", "2001:db8::1"}, true},
	} {
		if same := sign(c.p, c.a...) == sign(c.p, c.b...); same != c.same {
			t.Errorf("%s: %v and %v have the same digest: %v", c.name, c.a, c.b, same)
		}
	}
}

func TestNewAuthenticatorRejects(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*carp.AuthenticatorConfig)
		field string
	}{
		{"VHID 0", func(c *carp.AuthenticatorConfig) { c.VHID = 0 }, "virtual host identifier"},
		{"no address", func(c *carp.AuthenticatorConfig) { c.Addresses = nil }, "number of addresses"},
		{"accepted set without address", func(c *carp.AuthenticatorConfig) { c.AcceptAddresses = [][]netip.Addr{{}} }, "number of addresses"},
		{"no valid address", func(c *carp.AuthenticatorConfig) { c.Addresses = []netip.Addr{{}} }, "address"},
		{"IPv4-mapped address", func(c *carp.AuthenticatorConfig) { c.Addresses = ips("::ffff:10.0.0.1") }, "address"},
		{"accepted IPv4-mapped address", func(c *carp.AuthenticatorConfig) { c.AcceptAddresses = [][]netip.Addr{ips("::ffff:10.0.0.1")} }, "address"},
		{"profile", func(c *carp.AuthenticatorConfig) { c.Profile = 3 }, "profile"},
		{"accepted profile", func(c *carp.AuthenticatorConfig) { c.AcceptProfiles = []carp.Profile{255} }, "profile"},
		{"nine accepted sets", func(c *carp.AuthenticatorConfig) { c.AcceptAddresses = make([][]netip.Addr, 9) }, "number of accepted address sets"},
	} {
		config := carp.AuthenticatorConfig{VHID: 1, Addresses: ips("10.0.0.1")}
		c.spoil(&config)
		a, err := carp.NewAuthenticator(config)
		var value *carp.ValueError
		if a != nil || !errors.As(err, &value) || value.Name != c.field {
			t.Errorf("%s: %v, %v, want an error about the %s", c.name, a, err, c.field)
		}
	}
}

// What the caller does with its slices later is its own affair.
func TestConfigIsCopied(t *testing.T) {
	c := carp.AuthenticatorConfig{VHID: 1, Addresses: ips("10.0.0.1"), AcceptAddresses: [][]netip.Addr{ips("10.0.0.2")}}
	a := newAuthenticator(t, c)
	c.Addresses[0], c.AcceptAddresses[0][0] = netip.MustParseAddr("10.0.0.3"), netip.MustParseAddr("10.0.0.4")
	for addr, want := range map[string]string{
		"10.0.0.1": "verified", "10.0.0.2": "verified", "10.0.0.3": carp.CauseUnknown.String(), "10.0.0.4": carp.CauseUnknown.String(),
	} {
		adv, got := carp.Advertisement{VHID: 1}, "verified"
		newAuthenticator(t, carp.AuthenticatorConfig{VHID: 1, Addresses: ips(addr)}).Sign(&adv)
		if _, ok := a.Verify(&adv); !ok {
			got = a.Explain(&adv).String()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

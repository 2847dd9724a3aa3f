// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
)

func TestExplain(t *testing.T) {
	k := key(t, "mekmitasdigoat")
	own := carp.AuthenticatorConfig{VHID: 7, Key: k, Addresses: ips("192.0.2.2", "192.0.2.1", "2001:db8::1", "fe80::1")}
	for _, c := range []struct {
		name string
		peer func(*carp.AuthenticatorConfig)
		want carp.Explanation
	}{
		{"ucarp: one of the addresses", func(c *carp.AuthenticatorConfig) { c.Addresses = ips("192.0.2.1") },
			carp.Explanation{Cause: carp.CauseAddresses, Addresses: ips("192.0.2.1"), Profile: carp.ProfileStandard}},
		{"one missing", func(c *carp.AuthenticatorConfig) { c.Addresses = c.Addresses[1:] },
			carp.Explanation{Cause: carp.CauseAddresses, Addresses: ips("192.0.2.1", "2001:db8::1"), Profile: carp.ProfileStandard}},
		{"no IPv6", func(c *carp.AuthenticatorConfig) { c.Addresses = c.Addresses[:2] },
			carp.Explanation{Cause: carp.CauseAddresses, Addresses: ips("192.0.2.1", "192.0.2.2"), Profile: carp.ProfileStandard}},
		{"no IPv4", func(c *carp.AuthenticatorConfig) { c.Addresses = c.Addresses[2:3] },
			carp.Explanation{Cause: carp.CauseAddresses, Addresses: ips("2001:db8::1"), Profile: carp.ProfileStandard}},
		{"NetBSD: the interface's own link-local address", func(c *carp.AuthenticatorConfig) {
			c.Addresses, c.Profile = ips("192.0.2.1", "fe80::200:5eff:fe00:107"), carp.ProfileStandard
		}, carp.Explanation{Cause: carp.CauseAddresses, Addresses: ips("192.0.2.1", "fe80::200:5eff:fe00:107"), Profile: carp.ProfileStandard}},
		{"FreeBSD 9", func(c *carp.AuthenticatorConfig) { c.Profile = carp.ProfileListOrder },
			carp.Explanation{Cause: carp.CauseProfile, Addresses: own.Addresses, Profile: carp.ProfileListOrder}},
		{"no passphrase", func(c *carp.AuthenticatorConfig) { c.Key = carp.Key{} },
			carp.Explanation{Cause: carp.CauseNoPassphrase, Addresses: ips("192.0.2.1", "192.0.2.2", "2001:db8::1")}},
		{"passphrase cut", func(c *carp.AuthenticatorConfig) { c.Key = key(t, "mekmitasdigoa") },
			carp.Explanation{Cause: carp.CauseCutPassphrase, Addresses: ips("192.0.2.1", "192.0.2.2", "2001:db8::1")}},
		{"other passphrase", func(c *carp.AuthenticatorConfig) { c.Key = key(t, "love") }, carp.Explanation{}},
		{"other address", func(c *carp.AuthenticatorConfig) { c.Addresses = ips("192.0.2.1", "192.0.2.3") }, carp.Explanation{}},
		{"other virtual host", func(c *carp.AuthenticatorConfig) { c.VHID = 8 }, carp.Explanation{}},
		{"link-layer address", func(c *carp.AuthenticatorConfig) { c.LinkLayer = [6]byte{2} }, carp.Explanation{}},
	} {
		peer := own
		c.peer(&peer)
		wantExplained(t, c.name, own, peer, c.want)
	}
}

// wantExplained has the peer sign and the other look for the reason why that
// isn't its own digest.
func wantExplained(t *testing.T, name string, own, peer carp.AuthenticatorConfig, want carp.Explanation) {
	t.Helper()
	adv := carp.Advertisement{VHID: own.VHID, AdvBase: 1, Counter: 0x0123456789abcdef}
	newAuthenticator(t, peer).Sign(&adv)
	a := newAuthenticator(t, own)
	if _, ok := a.Verify(&adv); ok {
		t.Errorf("%s: verified", name)
	}
	if diff := cmp.Diff(want, a.Explain(&adv), equalIP()); diff != "" {
		t.Errorf("%s: (-want +got):\n%s", name, diff)
	}
	if a.Sign(&adv); a.Explain(&adv).String() == "" {
		t.Errorf("%s: no text", name)
	}
	if _, ok := a.Verify(&adv); !ok {
		t.Errorf("%s: after explaining, own digest rejected", name)
	}
}

// The key of 20 octets is what ifconfig can't give: the peer has 19 of them.
func TestExplainIfconfigKey(t *testing.T) {
	own := carp.AuthenticatorConfig{VHID: 1, Key: key(t, "12345678901234567890"), Addresses: ips("192.0.2.1")}
	peer := own
	peer.Key = carp.IfconfigKey("12345678901234567890")
	wantExplained(t, "20 octets", own, peer, carp.Explanation{Cause: carp.CauseCutPassphrase, Addresses: own.Addresses})
}

func TestExplainLinkLayer(t *testing.T) {
	own := carp.AuthenticatorConfig{VHID: 1, Addresses: ips("192.0.2.1"), LinkLayer: [6]byte{2, 0, 0, 0xaa, 0xbb, 0xcc}}
	peer := own
	peer.LinkLayer = [6]byte{}
	wantExplained(t, "without", own, peer, carp.Explanation{Cause: carp.CauseLinkLayer, Addresses: own.Addresses})
	peer.LinkLayer = [6]byte{2, 0, 0, 0xaa, 0xbb, 0xcd}
	wantExplained(t, "another", own, peer, carp.Explanation{})
}

// The search goes through the addresses of all accepted sets.
func TestExplainDuringMigration(t *testing.T) {
	own := carp.AuthenticatorConfig{VHID: 1, Addresses: ips("192.0.2.1", "192.0.2.2"), AcceptAddresses: [][]netip.Addr{ips("192.0.2.3")}}
	peer := own
	peer.Addresses = ips("192.0.2.3", "192.0.2.1")
	wantExplained(t, "half done", own, peer, carp.Explanation{Cause: carp.CauseAddresses, Addresses: ips("192.0.2.1", "192.0.2.3"), Profile: carp.ProfileStandard})
}

// many returns n addresses, ascending, half of them of each family.
func many(n int) []netip.Addr {
	var list []netip.Addr
	for i := range n / 2 {
		list = append(list, netip.AddrFrom4([4]byte{10, 0, byte(i / 250), byte(1 + i%250)}))
	}
	for i := len(list); i < n; i++ {
		list = append(list, netip.AddrFrom16([16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 14: byte(i / 250), 15: byte(1 + i%250)}))
	}
	return list
}

// With more than eight addresses no subset but these is tried.
func TestExplainManyAddresses(t *testing.T) {
	own := carp.AuthenticatorConfig{VHID: 1, Key: key(t, "love"), Addresses: many(60)}
	found := map[string][]netip.Addr{
		"IPv4": own.Addresses[:30], "IPv6": own.Addresses[30:],
		"without the first": own.Addresses[1:], "without the last": own.Addresses[:59],
		"the interface's link-local address too": append(many(60), netip.MustParseAddr("fe80::200:5eff:fe00:101")),
	}
	for i, addr := range own.Addresses {
		found[fmt.Sprint("alone ", i)] = []netip.Addr{addr}
	}
	for name, addrs := range found {
		peer := own
		peer.Addresses, peer.Profile = addrs, carp.ProfileStandard
		wantExplained(t, name, own, peer, carp.Explanation{Cause: carp.CauseAddresses, Addresses: addrs, Profile: carp.ProfileStandard})
	}
	peer := own
	peer.Addresses = own.Addresses[:58]
	wantExplained(t, "two missing", own, peer, carp.Explanation{})
}

// The bounds of the search, at each the last that is found and the first that
// isn't.
func TestExplainBounds(t *testing.T) {
	for _, c := range []struct {
		addresses, from, to int
		found               bool
	}{
		{7, 2, 7, true}, // with the interface's link-local address these are eight
		{8, 2, 8, false},
		{126, 0, 125, true},
		{126, 1, 126, true},
		{127, 1, 127, false},
		{252, 251, 252, true},
		{253, 252, 253, false},
	} {
		own := carp.AuthenticatorConfig{VHID: 1, Addresses: many(c.addresses)}
		peer, want := own, carp.Explanation{}
		peer.Addresses = own.Addresses[c.from:c.to]
		if c.found {
			want = carp.Explanation{Cause: carp.CauseAddresses, Addresses: peer.Addresses, Profile: carp.ProfileStandard}
		}
		wantExplained(t, fmt.Sprintf("%d addresses, peer has %d to %d", c.addresses, c.from, c.to), own, peer, want)
	}
}

// Explaining is for another goroutine than the one that signs and verifies.
func TestExplainMeanwhile(t *testing.T) {
	a := newAuthenticator(t, carp.AuthenticatorConfig{VHID: 1, Key: key(t, "love"), Addresses: ips("192.0.2.1", "192.0.2.2")})
	wrong := carp.Advertisement{VHID: 1, Digest: [20]byte{19: 1}}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 20 {
				if e := a.Explain(&wrong); e.Cause != carp.CauseUnknown {
					t.Errorf("Explain = %v", e)
				}
			}
		})
	}
	for counter := range uint64(1000) {
		adv := carp.Advertisement{VHID: 1, Counter: counter}
		a.Sign(&adv)
		if _, ok := a.Verify(&adv); !ok {
			t.Errorf("counter %d: own digest rejected", counter)
		}
	}
	wg.Wait()
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/go-fhrp/fhrp/carp"
)

func ExampleAdvertisement_Append() {
	key, err := carp.NewKey("love")
	if err != nil {
		panic(err)
	}
	signer, err := carp.NewAuthenticator(carp.AuthenticatorConfig{
		VHID:      42,
		Key:       key,
		Addresses: []netip.Addr{netip.MustParseAddr("10.9.0.250")},
	})
	if err != nil {
		panic(err)
	}
	adv := carp.Advertisement{VHID: 42, AdvBase: 1, Counter: 0xe4d54f962c25e158}
	signer.Sign(&adv)
	message, err := adv.Append(nil)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%x\n", message)
	// Output: 212a00070001e8c3e4d54f962c25e1582286eabe762c6ad8bd55240e16bd4d5f18bd6798
}

func ExampleAdvertisement_Parse() {
	message := []byte("\x21\x2a\x00\x07\x00\x01\xe8\xc3\xe4\xd5\x4f\x96\x2c\x25\xe1\x58" +
		"\x22\x86\xea\xbe\x76\x2c\x6a\xd8\xbd\x55\x24\x0e\x16\xbd\x4d\x5f\x18\xbd\x67\x98")
	header := carp.IPHeader{Src: netip.MustParseAddr("10.9.0.1"), Dst: carp.GroupIPv4(), HopLimit: 255}

	var adv carp.Advertisement
	err := adv.Parse(message, header)
	fmt.Println(adv.VHID, adv.AdvBase, adv.AdvSkew, err)

	err = adv.Parse(message[:20], header)
	fmt.Println(err, errors.Is(err, carp.FaultShort))
	// Output:
	// 42 1 0 <nil>
	// carp: short packet: 20, want 36 true
}

// A peer has only one of the two addresses. Its advertisements are rejected until
// it has both, unless that address alone is accepted meanwhile.
func ExampleAuthenticator_Verify() {
	one := []netip.Addr{netip.MustParseAddr("10.9.0.250")}
	both := []netip.Addr{netip.MustParseAddr("10.9.0.250"), netip.MustParseAddr("10.9.0.251")}
	key := carp.IfconfigKey("love")
	authenticator := func(c carp.AuthenticatorConfig) *carp.Authenticator {
		a, err := carp.NewAuthenticator(c)
		if err != nil {
			panic(err)
		}
		return a
	}
	adv := carp.Advertisement{VHID: 42, AdvBase: 1, Counter: 1}
	authenticator(carp.AuthenticatorConfig{VHID: 42, Key: key, Addresses: one}).Sign(&adv)

	strict := authenticator(carp.AuthenticatorConfig{VHID: 42, Key: key, Addresses: both})
	_, ok := strict.Verify(&adv)
	fmt.Println(ok, strict.Explain(&adv))

	migrating := authenticator(carp.AuthenticatorConfig{VHID: 42, Key: key, Addresses: both, AcceptAddresses: [][]netip.Addr{one}})
	match, ok := migrating.Verify(&adv)
	fmt.Println(ok, match.Set)
	// Output:
	// false other addresses: peer has [10.9.0.250]
	// true 1
}

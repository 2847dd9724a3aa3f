// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Both protocols have the same number and the same groups. Neither takes an
// advertisement of the other for its own.
func TestVRRPRejectsCARP(t *testing.T) {
	for _, v := range vectors(t) {
		for _, h := range []carp.IPHeader{header("10.9.0.1", "224.0.0.18"), header("fe80::1", "ff02::12")} {
			var adv vrrp.Advertisement
			if form, err := adv.Parse(unhex(t, v.message), vrrp.IPHeader(h)); err == nil {
				t.Errorf("%s is %+v (%v) of VRRP", v.name, adv, form)
			}
		}
	}
}

func TestCARPRejectsVRRP(t *testing.T) {
	v4, v6 := header("10.9.0.1", "224.0.0.18"), header("fe80::1", "ff02::12")
	list := ips("10.9.0.250")
	for n := 1; n <= 255; n++ {
		for _, version := range []vrrp.Version{vrrp.V2, vrrp.V3} {
			rejectVRRP(t, vrrp.Advertisement{Version: version, VRID: 7, Priority: 100, Interval: time.Second, Addresses: list}, v4)
		}
		list = append(list, list[0].Next())
	}
	for n := 1; n <= 20; n++ {
		addrs := ips("fe80::100", "2001:db8::1", "2001:db8::2", "2001:db8::3")[:1+n%4]
		rejectVRRP(t, vrrp.Advertisement{Version: vrrp.V3, VRID: uint8(n), Priority: 100, Interval: time.Second, Addresses: addrs}, v6)
	}
}

// rejectVRRP sends one protocol's advertisement to the other.
func rejectVRRP(t *testing.T, from vrrp.Advertisement, h carp.IPHeader) {
	t.Helper()
	b, err := from.Append(nil, h.Src, h.Dst, vrrp.ChecksumAuto)
	if err != nil {
		t.Fatal(err)
	}
	if from.Version == vrrp.V2 && len(from.Addresses) == 5 {
		return // see TestVRRPWithFiveAddresses
	}
	var adv carp.Advertisement
	err = adv.Parse(b, h)
	var packet *carp.PacketError
	if !errors.As(err, &packet) || *packet != (carp.PacketError{Fault: carp.FaultVRRP, Got: int(from.Version)}) {
		t.Errorf("%v with %d addresses: %v", from.Version, len(from.Addresses), err)
	}
}

// RFC 3768 section 5.1 against CARP: five addresses make the same 36 octets. What
// remains wrong is the digest.
func TestVRRPWithFiveAddresses(t *testing.T) {
	b := unhex(t, "2107640500010000"+"c0000201c0000202c0000203c0000204c0000205"+"0000000000000000")
	mend(b)
	var adv carp.Advertisement
	if err := adv.Parse(b, header("192.0.2.9", "224.0.0.18")); err != nil {
		t.Fatal(err)
	}
	a := newAuthenticator(t, carp.AuthenticatorConfig{VHID: 7, Addresses: ips("192.0.2.1")})
	if _, ok := a.Verify(&adv); ok {
		t.Error("verified")
	}
	if e := a.Explain(&adv); e.Cause != carp.CauseVRRP || e.String() != "advertisement of VRRP version 2" {
		t.Errorf("Explain = %v", e)
	}
}

// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"testing"

	"github.com/go-fhrp/fhrp/vrrp"
)

// An advertisement that is parsed into again has nothing of the one before.
func TestParseAgain(t *testing.T) {
	var a vrrp.Advertisement
	if _, err := a.Parse(unhex(t, "2133640101015503c00002643131313100000000"), header("198.51.100.10", "224.0.0.18")); err != nil {
		t.Fatal(err)
	}
	if a.AuthType != vrrp.AuthPassword || a.AuthData == (vrrp.AuthData{}) {
		t.Errorf("authentication %d %x", a.AuthType, a.AuthData[:])
	}
	if _, err := a.Parse(unhex(t, "313364010064a802c0000264"), header("198.51.100.10", "224.0.0.18")); err != nil {
		t.Fatal(err)
	}
	if a.AuthType != vrrp.AuthNone || a.AuthData != (vrrp.AuthData{}) {
		t.Errorf("authentication %d %x in version 3", a.AuthType, a.AuthData[:])
	}
}

// RFC 3768 section 5.3.8: the checksum of version 2 is that of the message, whatever keepalived adds in version 3.
func TestRFC3768Section5_3_8_NoPseudoHeader(t *testing.T) {
	h := header("198.51.100.10", "224.0.0.18")
	v3 := vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 100, Interval: 10e6, Addresses: addrs("192.0.2.100", "0.0.0.0", "0.0.0.0")}
	b, err := v3.Append(nil, h.Src, h.Dst, vrrp.ChecksumPseudoHeader)
	if err != nil {
		t.Fatal(err)
	}
	// The same octets as version 2: one address, eight octets of authentication data. What the version and the count lose
	// goes into the authentication data.
	b[0], b[3], b[18] = 0x21, 1, 0x10
	b[19] = 2
	var a vrrp.Advertisement
	if form, err := a.Parse(b, h); !errors.Is(err, vrrp.FaultChecksum) {
		t.Errorf("%v, %v", form, err)
	}
}

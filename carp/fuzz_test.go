// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
)

// FuzzParse holds the decoder against the slow one, and what it accepts against
// the encoder and the authenticator.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(unhex(f, v.message), []byte{224, 0, 0, 18}, uint8(255), false)
		f.Add(unhex(f, v.message), []byte{10, 9, 0, 2}, uint8(64), true)
	}
	f.Add(unhex(f, "213364010001b865c00002640000000000000000"), []byte{224, 0, 0, 18}, uint8(255), true)
	f.Add(unhex(f, "3133640100649d35c0000264"), []byte{224, 0, 0, 18}, uint8(255), true)
	a := newAuthenticator(f, carp.AuthenticatorConfig{VHID: 42, Key: key(f, "love"), Addresses: ips("10.9.0.250", "fe80::1")})
	f.Fuzz(func(t *testing.T, b, dst []byte, hopLimit uint8, mended bool) {
		h := carp.IPHeader{HopLimit: hopLimit}
		h.Dst, _ = netip.AddrFromSlice(dst)
		if mended { // else hardly any input gets past the checksum
			mend(b)
		}
		var got carp.Advertisement
		err := got.Parse(b, h)
		want, fault := slowParse(b, h)
		if fault != carp.FaultNone {
			if !errors.Is(err, fault) || got != (carp.Advertisement{}) {
				t.Errorf("Parse = %v, %+v, the slow decoder says %v", err, got, fault)
			}
			return
		}
		if err != nil || got != want {
			t.Fatalf("Parse = %v, %+v, the slow decoder says %+v", err, got, want)
		}
		rebuild(t, got, b)
		if _, ok := a.Verify(&got); !ok {
			a.Explain(&got)
		}
	})
}

// rebuild checks that an accepted message comes out of the encoder as it was,
// but for the length that nobody checks and the choice between the two zeros of
// a checksum.
func rebuild(t *testing.T, adv carp.Advertisement, b []byte) {
	out, err := adv.Append(nil)
	if err != nil {
		t.Fatalf("Append(%+v) = %v", adv, err)
	}
	b[3] = 7
	mend(b)
	if !bytes.Equal(out, b) {
		t.Errorf("built %x, parsed %x", out, b)
	}
}

// slowParse is a decoder that has nothing in common with the other but the
// drawing in ip_carp.h.
func slowParse(b []byte, h carp.IPHeader) (adv carp.Advertisement, fault carp.Fault) {
	group := !h.Dst.IsValid() || h.Dst.IsMulticast() || h.Dst.String() == "255.255.255.255"
	vrrp2 := len(b) >= 4 && b[0] == 0x21 && len(b) == 8+4*int(b[3])+8 && len(b) != 36
	switch {
	case group && h.HopLimit != 255:
		return adv, carp.FaultHopLimit
	case len(b) == 0:
		return adv, carp.FaultShort
	case b[0] == 0x31 || vrrp2:
		return adv, carp.FaultVRRP
	case b[0]>>4 != 2:
		return adv, carp.FaultVersion
	case b[0] != 0x21:
		return adv, carp.FaultType
	case len(b) < 36:
		return adv, carp.FaultShort
	case len(b) > 36:
		return adv, carp.FaultLength
	case slowSum(b) != 0xffff:
		return adv, carp.FaultChecksum
	case b[1] == 0:
		return adv, carp.FaultVHID
	}
	var wire struct {
		VersionType, VHID, AdvSkew, AuthLen, Demote, AdvBase uint8
		Checksum                                             uint16
		Counter                                              [2]uint32
		Digest                                               [20]byte
	}
	if err := binary.Read(bytes.NewReader(b), binary.BigEndian, &wire); err != nil {
		panic(err)
	}
	return carp.Advertisement{VHID: wire.VHID, AdvBase: wire.AdvBase, AdvSkew: wire.AdvSkew, Demote: wire.Demote,
		Counter: uint64(wire.Counter[0])<<32 | uint64(wire.Counter[1]), Digest: wire.Digest}, carp.FaultNone
}

// slowSum is the sum of RFC 1071 with the carry added at each step.
func slowSum(b []byte) uint16 {
	sum := uint(0)
	for i, octet := range b {
		sum += uint(octet) << (8 * (1 - i%2))
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

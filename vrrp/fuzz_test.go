// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vrrp"
)

// FuzzParse holds the decoder against the slow one, and what it accepts against
// the encoder.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(unhex(f, v.hex), v.h.Src.AsSlice(), v.h.Dst.AsSlice(), v.h.HopLimit, false)
		f.Add(unhex(f, v.hex), v.h.Src.AsSlice(), v.h.Dst.AsSlice(), v.h.HopLimit, true)
	}
	f.Fuzz(func(t *testing.T, b, src, dst []byte, hopLimit uint8, mend bool) {
		h := vrrp.IPHeader{HopLimit: hopLimit}
		h.Src, _ = netip.AddrFromSlice(src)
		h.Dst, _ = netip.AddrFromSlice(dst)
		if !h.Src.IsValid() || h.Src.Is4() != h.Dst.Is4() || !h.Dst.IsValid() || h.Src.Is4In6() {
			return
		}
		if mend && len(b) >= 8 { // else hardly any input gets past the checksum
			b[6], b[7] = 0, 0
			sum := ^uint16(slowSum(b))
			b[6], b[7] = byte(sum>>8), byte(sum)
		}
		var got vrrp.Advertisement
		form, err := got.Parse(b, h)
		want, wantForm, fault := slowParse(b, h)
		if fault != vrrp.FaultNone {
			if !errors.Is(err, fault) {
				t.Errorf("Parse = %v, the slow decoder says %v", err, fault)
			}
			return
		}
		if err != nil || form != wantForm || !cmp.Equal(got, want, equalAddr()) {
			t.Fatalf("Parse = %+v, %v, %v, the slow decoder says %+v, %v", got, form, err, want, wantForm)
		}
		rebuild(t, got, h, form, b)
	})
}

// rebuild checks that an accepted message comes out of the encoder as it was,
// but for reserved bits and the choice between the two zeros of a checksum.
func rebuild(t *testing.T, a vrrp.Advertisement, h vrrp.IPHeader, form vrrp.ChecksumForm, b []byte) {
	mapped := slices.ContainsFunc(a.Addresses, netip.Addr.Is4In6)
	if a.VRID == 0 || mapped || form == vrrp.ChecksumPseudoGroup || a.Version == vrrp.V3 && b[4]>>4 != 0 {
		return // readable, but nothing that the encoder makes
	}
	out, err := a.Append(nil, h.Src, h.Dst, form)
	if err != nil {
		t.Fatalf("Append(%+v) = %v", a, err)
	}
	if b[6] == 0xff && b[7] == 0xff {
		b[6], b[7] = 0, 0
	}
	if !bytes.Equal(out, b) {
		t.Errorf("built %x, parsed %x", out, b)
	}
}

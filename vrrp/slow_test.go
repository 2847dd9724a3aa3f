// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// slowParse is a second decoder, written from the figures of RFC 9568 and RFC
// 3768 without regard to speed: the oracle of the fuzz test. It recomputes the
// checksum word by word over a copy and tells the first fault, 0 if none.
func slowParse(b []byte, h vrrp.IPHeader) (vrrp.Advertisement, vrrp.ChecksumForm, vrrp.Fault) {
	none := vrrp.Advertisement{}
	v6 := !h.Src.Is4()
	if h.HopLimit != 255 {
		return none, 0, vrrp.FaultHopLimit
	}
	if len(b) < 8 {
		return none, 0, vrrp.FaultLength
	}
	version, kind := int(b[0])/16, int(b[0])%16
	if !(version == 3 || version == 2 && !v6) {
		return none, 0, vrrp.FaultVersion
	}
	if kind != 1 {
		return none, 0, vrrp.FaultType
	}
	size := map[bool]int{false: 4, true: 16}[v6]
	length := 8 + int(b[3])*size
	if version == 2 {
		length += 8
	}
	if len(b) != length {
		return none, 0, vrrp.FaultLength
	}
	form, ok := slowChecksum(b, h, version)
	if !ok {
		return none, 0, vrrp.FaultChecksum
	}
	if b[3] == 0 {
		return none, 0, vrrp.FaultAddressList
	}
	a := vrrp.Advertisement{Version: vrrp.Version(version), VRID: b[1], Priority: b[2]}
	if version == 2 {
		a.Interval = time.Duration(b[5]) * time.Second
		a.AuthType = vrrp.AuthType(b[4])
		a.AuthData = vrrp.AuthData(b[len(b)-8:])
	} else {
		a.Interval = (time.Duration(b[4]%16)*256 + time.Duration(b[5])) * time.Second / 100
	}
	if a.Interval == 0 {
		return none, 0, vrrp.FaultInterval
	}
	for i := range int(b[3]) {
		if field := b[8+i*size:]; v6 {
			a.Addresses = append(a.Addresses, netip.AddrFrom16([16]byte(field[:16])))
		} else {
			a.Addresses = append(a.Addresses, netip.AddrFrom4([4]byte(field[:4])))
		}
	}
	return a, form, 0
}

func slowChecksum(b []byte, h vrrp.IPHeader, version int) (vrrp.ChecksumForm, bool) {
	pseudo := func(dst netip.Addr) []byte {
		p := append(h.Src.AsSlice(), dst.AsSlice()...)
		return append(p, 0, 0, byte(len(b)>>8), byte(len(b)), 0, 0, 0, 112)
	}
	switch {
	case version == 2:
		return vrrp.ChecksumMessage, slowSum(b) == 0xffff
	case !h.Src.Is4():
		return vrrp.ChecksumPseudoHeader, slowSum(append(pseudo(h.Dst), b...)) == 0xffff
	case slowSum(b) == 0xffff:
		return vrrp.ChecksumMessage, true
	case slowSum(append(pseudo(h.Dst), b...)) == 0xffff:
		return vrrp.ChecksumPseudoHeader, true
	}
	return vrrp.ChecksumPseudoGroup, slowSum(append(pseudo(netip.MustParseAddr("224.0.0.18")), b...)) == 0xffff
}

func slowSum(b []byte) int {
	sum := 0
	for i, octet := range b {
		if i%2 == 0 {
			sum += 256 * int(octet)
		} else {
			sum += int(octet)
		}
		if sum > 0xffff {
			sum -= 0xffff
		}
	}
	return sum
}

// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"encoding/binary"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// attr returns an attribute.
func attr(typ uint16, value ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(unix.SizeofRtAttr+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, typ), value...)
	return append(b, make([]byte, align(len(b))-len(b))...)
}

// FuzzAnswer reads whatever is said to be an answer of the kernel's.
func FuzzAnswer(f *testing.F) {
	ifa := func(family, bits, flags byte) []byte { return []byte{family, bits, flags, 0, 2, 0, 0, 0} }
	f.Add(uint16(unix.RTM_NEWADDR), uint16(0), slices.Concat(ifa(unix.AF_INET, 24, unix.IFA_F_PERMANENT),
		attr(unix.IFA_ADDRESS, 192, 0, 2, 1), attr(unix.IFA_LOCAL, 192, 0, 2, 2), attr(unix.IFA_LABEL, []byte("eth0:fhrp\x00")...), attr(attrProto, 110)))
	f.Add(uint16(unix.RTM_NEWADDR), uint16(0), slices.Concat(ifa(unix.AF_INET6, 128, 0),
		attr(unix.IFA_ADDRESS, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), attr(unix.IFA_FLAGS, 0x80, 2, 0, 0), attr(unix.IFA_CACHEINFO, make([]byte, 16)...)))
	info := make([]byte, unix.SizeofIfInfomsg)
	f.Add(uint16(unix.RTM_NEWLINK), uint16(0), slices.Concat(info, attr(unix.IFLA_IFNAME, []byte("eth0\x00")...),
		attr(unix.IFLA_AF_SPEC, attr(unix.AF_INET, attr(unix.IFLA_INET_CONF, make([]byte, 4*confPromoteSecondaries)...)...)...)))
	refused := []byte{0xef, 0xff, 0xff, 0xff, 16, 0, 0, 0, 20, 0, 5, 6, 1, 0, 0, 0, 0, 0, 0, 0}
	f.Add(uint16(unix.NLMSG_ERROR), uint16(unix.NLM_F_ACK_TLVS|unix.NLM_F_CAPPED), slices.Concat(refused, attr(unix.NLMSGERR_ATTR_MSG, []byte("no such thing\x00")...)))
	f.Add(uint16(unix.NLMSG_ERROR), uint16(unix.NLM_F_ACK_TLVS), refused)
	f.Add(uint16(unix.NLMSG_DONE), uint16(0), []byte{0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, typ, flags uint16, body []byte) {
		m := syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: typ, Flags: flags}, Data: body}
		for _, h := range parseAddrs([]syscall.NetlinkMessage{m}, 2) {
			if !h.prefix.IsValid() {
				t.Errorf("%+v", h)
			}
		}
		if err := parseError(m); err != nil && err.Error() == "" {
			t.Error("an error without a word")
		}
		if len(body) >= unix.SizeofIfInfomsg {
			if l := parseLink(body); len(l.name) > len(body) {
				t.Errorf("a name of %d octets from %d", len(l.name), len(body))
			}
		}
	})
}

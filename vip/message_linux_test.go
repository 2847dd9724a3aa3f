// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"encoding/binary"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"
)

// attr returns an attribute.
func attr(typ uint16, value ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(unix.SizeofRtAttr+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, typ), value...)
	return append(b, make([]byte, align(len(b))-len(b))...)
}

// done returns the end of a listing, of 20 octets, that says how long it is.
func done(length uint32) []byte {
	b := binary.NativeEndian.AppendUint32(nil, length)
	b = binary.NativeEndian.AppendUint16(b, unix.NLMSG_DONE)
	b = binary.NativeEndian.AppendUint16(b, 0)
	b = binary.NativeEndian.AppendUint32(b, 1)
	return append(binary.NativeEndian.AppendUint32(b, 2), 0, 0, 0, 0)
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
	one := done(20)
	f.Add(uint16(0), uint16(0), slices.Concat(one, one))
	f.Add(uint16(0), uint16(0), slices.Concat(one, one[:18]))
	f.Add(uint16(0), uint16(0), slices.Concat(one, done(18)[:18]))
	f.Fuzz(func(t *testing.T, typ, flags uint16, body []byte) {
		m := syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: typ, Flags: flags}, Data: body}
		for _, h := range appendListed(nil, m, 2) {
			if !h.prefix.IsValid() {
				t.Errorf("%+v", h)
			}
		}
		var all []syscall.NetlinkMessage
		whole := eachMessage(body, func(m syscall.NetlinkMessage) { all = append(all, m) })
		padded := append(slices.Clone(body), 0, 0, 0)[:align(len(body))] // which package syscall wants and NLMSG_OK does not
		if want, err := syscall.ParseNetlinkMessage(padded); whole && (err != nil || !cmp.Equal(all, want, cmpopts.EquateEmpty())) {
			t.Errorf("messages %v, want %v, %v", all, want, err)
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

// TestEachMessage reads all messages of a datagram, and says when it was cut short.
func TestEachMessage(t *testing.T) {
	one := done(20)
	for _, of := range []struct {
		datagram []byte
		want     int
		whole    bool
	}{
		{nil, 0, true},
		{one, 1, true},
		{slices.Concat(one, one, one), 3, true},
		{slices.Concat(one, one[:18]), 1, false},
		{slices.Concat(one, one[:3]), 1, false},
		{done(15), 0, false},
		{done(1<<32 - 1), 0, false},
	} {
		n := 0
		whole := eachMessage(of.datagram, func(m syscall.NetlinkMessage) {
			if n++; m.Header.Type != unix.NLMSG_DONE || m.Header.Seq != 1 || m.Header.Pid != 2 || len(m.Data) != 4 {
				t.Errorf("message %+v", m)
			}
		})
		if n != of.want || whole != of.whole {
			t.Errorf("%v: %d messages, whole %v, want %d and %v", of.datagram, n, whole, of.want, of.whole)
		}
	}
}

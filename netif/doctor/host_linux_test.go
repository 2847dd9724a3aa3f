// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// attr returns an attribute of a route message: length, type, value, padding.
func attr(typ uint16, value ...[]byte) []byte {
	joined := bytes.Join(value, nil)
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(joined)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, joined...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

// u32 returns a number as the kernel has it.
func u32(v uint32) []byte { return binary.NativeEndian.AppendUint32(nil, v) }

// infoMsg returns the fixed part of a link message.
func infoMsg(index, flags uint32) []byte {
	return bytes.Join([][]byte{{0, 0, 0, 0}, u32(index), u32(flags), u32(0)}, nil)
}

func TestParseLink(t *testing.T) {
	for name, tt := range map[string]struct {
		attrs [][]byte
		want  link
	}{
		"a port": {[][]byte{
			attr(unix.IFLA_IFNAME, []byte("eth0\x00")), attr(unix.IFLA_ADDRESS, []byte{2, 0, 0, 0, 0, 1}), attr(unix.IFLA_MASTER, u32(7)),
		}, link{name: "eth0", index: 9, up: true, mac: [6]byte{2, 0, 0, 0, 0, 1}, master: 7}},
		"a bridge": {[][]byte{
			attr(unix.IFLA_IFNAME, []byte("br0\x00")),
			attr(unix.IFLA_LINKINFO, attr(unix.IFLA_INFO_KIND, []byte("bridge\x00")), attr(unix.IFLA_INFO_DATA,
				attr(23, []byte{1}), attr(25, []byte{1}), attr(attrQuerierState|unix.NLA_F_NESTED, attr(attrQuerierTimer6, make([]byte, 8))))),
		}, link{name: "br0", index: 9, up: true, kind: "bridge", snooping: true, querier: true, otherQuerier: true}},
		"a macvlan": {[][]byte{
			attr(unix.IFLA_IFNAME, []byte("vmac\x00")), attr(unix.IFLA_LINK, u32(2)),
			attr(unix.IFLA_LINKINFO, attr(unix.IFLA_INFO_KIND, []byte("macvlan")), attr(unix.IFLA_INFO_DATA, attr(1, u32(4)))),
		}, link{name: "vmac", index: 9, up: true, kind: "macvlan", lower: 2, mode: 4}},
		"on top of one elsewhere": {[][]byte{
			attr(unix.IFLA_IFNAME, []byte("eth0\x00")), attr(unix.IFLA_LINK, u32(2)), attr(unix.IFLA_LINK_NETNSID, u32(0)),
		}, link{name: "eth0", index: 9, up: true}},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseLink(append(infoMsg(9, unix.IFF_UP), bytes.Join(tt.attrs, nil)...))
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(link{})); !ok || diff != "" {
				t.Errorf("ok %v (-want +got):\n%s", ok, diff)
			}
		})
	}
	if _, ok := parseLink(infoMsg(9, 0)); ok {
		t.Error("a link without a name is taken")
	}
	if _, ok := parseLink(nil); ok {
		t.Error("nothing is taken for a link")
	}
}

func TestParseAddress(t *testing.T) {
	msg := func(family, bits, flags byte, attrs ...[]byte) []byte {
		return append(bytes.Join([][]byte{{family, bits, flags, 0}, u32(2)}, nil), bytes.Join(attrs, nil)...)
	}
	ipv6 := netip.MustParseAddr("fe80::1").AsSlice()
	for name, tt := range map[string]struct {
		body []byte
		want address
	}{
		"IPv4 with a peer": {
			msg(unix.AF_INET, 32, 0x80, attr(unix.IFA_ADDRESS, []byte{192, 0, 2, 2}), attr(unix.IFA_LOCAL, []byte{192, 0, 2, 1})),
			address{2, netip.MustParsePrefix("192.0.2.1/32"), flagPermanent, 0},
		},
		"IPv6 with a mark": {
			msg(unix.AF_INET6, 64, 0, attr(unix.IFA_ADDRESS, ipv6), attr(unix.IFA_FLAGS, u32(0x248)), attr(attrAddrProto, []byte{112})),
			address{2, netip.MustParsePrefix("fe80::1/64"), 0x200 | flagTentative | flagDADFailed, ownMark},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := parseAddress(tt.body); !ok || got != tt.want {
				t.Errorf("ok %v, %+v, want %+v", ok, got, tt.want)
			}
		})
	}
	for _, bad := range [][]byte{nil, msg(unix.AF_INET, 24, 0), msg(unix.AF_INET, 33, 0, attr(unix.IFA_LOCAL, []byte{192, 0, 2, 1}))} {
		if got, ok := parseAddress(bad); ok {
			t.Errorf("%x is taken for %+v", bad, got)
		}
	}
}

func FuzzParseMessages(f *testing.F) {
	f.Add(append(infoMsg(9, 1), attr(unix.IFLA_IFNAME, []byte("eth0\x00"))...))
	f.Add([]byte{unix.AF_INET, 24, 0, 0, 2, 0, 0, 0, 8, 0, 2, 0, 192, 0, 2, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		if l, ok := parseLink(body); ok && l.name == "" {
			t.Error("a link without a name")
		}
		if a, ok := parseAddress(body); ok && !a.prefix.IsValid() {
			t.Errorf("address %v", a)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink/nl"
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

// infoMsg returns the fixed part of a link message (rtnetlink(7)).
func infoMsg(index, flags, change uint32) []byte {
	return bytes.Join([][]byte{{0, 0, 0, 0}, u32(index), u32(flags), u32(change)}, nil)
}

// TestLinkMessages wants the messages as rtnetlink(7) and linux/if_link.h have them. TestFieldReport69 and 46 are about
// newMacvlan: the MAC address and private mode are in the message that makes the link.
func TestLinkMessages(t *testing.T) {
	const (
		create  = unix.NLM_F_REQUEST | unix.NLM_F_ACK | unix.NLM_F_CREATE | unix.NLM_F_EXCL
		change  = unix.NLM_F_REQUEST | unix.NLM_F_ACK
		address = 1  // IFLA_ADDRESS
		name    = 3  // IFLA_IFNAME
		parent  = 5  // IFLA_LINK
		info    = 18 // IFLA_LINKINFO
		alias   = 20 // IFLA_IFALIAS
		spec    = 26 // IFLA_AF_SPEC
		inet6   = 10 // AF_INET6
		kind    = 1  // IFLA_INFO_KIND
		data    = 2  // IFLA_INFO_DATA
		mode    = 1  // IFLA_MACVLAN_MODE
		genMode = 8  // IFLA_INET6_ADDR_GEN_MODE
	)
	for _, tt := range []struct {
		name  string
		req   *nl.NetlinkRequest
		typ   uint16
		flags uint16
		want  [][]byte
	}{
		{"newDummy", newDummy("dummy0"), unix.RTM_NEWLINK, create, [][]byte{
			infoMsg(0, 0, 0),
			attr(name, []byte("dummy0\x00")),
			attr(info, attr(kind, []byte("dummy"))),
		}},
		{"newMacvlan", newMacvlan("vmac4-2-51", 2, VirtualMAC(51, false)), unix.RTM_NEWLINK, create, [][]byte{
			infoMsg(0, 0, 0),
			attr(name, []byte("vmac4-2-51\x00")),
			attr(parent, u32(2)),
			attr(address, []byte{0x00, 0x00, 0x5e, 0x00, 0x01, 51}),
			attr(info, attr(kind, []byte("macvlan")), attr(data, attr(mode, u32(1)))),
		}},
		{"setAlias", setAlias(7, "fhrp: x"), unix.RTM_SETLINK, change, [][]byte{
			infoMsg(7, 0, 0),
			attr(alias, []byte("fhrp: x")),
		}},
		{"setNoAddrGen", setNoAddrGen(7), unix.RTM_SETLINK, change, [][]byte{
			infoMsg(7, 0, 0),
			attr(spec, attr(inet6, attr(genMode, []byte{1}))),
		}},
		{"up", setFlags(7, true), unix.RTM_SETLINK, change, [][]byte{infoMsg(7, 1, 1)}},
		{"down", setFlags(7, false), unix.RTM_SETLINK, change, [][]byte{infoMsg(7, 0, 1)}},
		{"getLink", getLink("eth0"), unix.RTM_GETLINK, unix.NLM_F_REQUEST, [][]byte{
			infoMsg(0, 0, 0),
			attr(name, []byte("eth0\x00")),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.req.Serialize()
			if tt.req.Type != tt.typ || tt.req.Flags != tt.flags || int(tt.req.Len) != len(got) {
				t.Errorf("type %d, flags %#x, length %d of %d", tt.req.Type, tt.req.Flags, tt.req.Len, len(got))
			}
			if diff := cmp.Diff(bytes.Join(tt.want, nil), got[unix.SizeofNlMsghdr:]); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseLinkInfo(t *testing.T) {
	body := bytes.Join([][]byte{
		infoMsg(9, unix.IFF_UP|unix.IFF_BROADCAST, 0),
		attr(unix.IFLA_IFNAME, []byte("vmac6-2-51\x00")),
		attr(unix.IFLA_LINK, u32(2)),
		attr(unix.IFLA_ADDRESS, []byte{0, 0, 0x5e, 0, 2, 51}),
		attr(unix.IFLA_IFALIAS, []byte("fhrp: virtual MAC\x00")),
		attr(unix.IFLA_LINKINFO|unix.NLA_F_NESTED,
			attr(unix.IFLA_INFO_KIND, []byte("macvlan\x00")),
			attr(unix.IFLA_INFO_DATA, attr(nl.IFLA_MACVLAN_MODE, u32(nl.MACVLAN_MODE_PRIVATE)))),
	}, nil)
	want := linkInfo{
		index: 9, kind: "macvlan", alias: "fhrp: virtual MAC", mac: VirtualMAC(51, true), parent: 2,
		mode: nl.MACVLAN_MODE_PRIVATE,
	}
	if got, ok := parseLinkInfo(body); !ok || got != want {
		t.Errorf("ok %v, %+v, want %+v", ok, got, want)
	}
	if _, ok := parseLinkInfo(body[:unix.SizeofIfInfomsg-1]); ok {
		t.Error("a message that is too short is taken")
	}
}

func FuzzParseLinkInfo(f *testing.F) {
	f.Add(append(infoMsg(9, 1, 0), attr(unix.IFLA_LINKINFO, attr(unix.IFLA_INFO_DATA, attr(1, u32(1))))...))
	f.Fuzz(func(t *testing.T, body []byte) {
		if info, ok := parseLinkInfo(body); ok && len(info.alias)+len(info.kind) > len(body) {
			t.Errorf("%+v from %d octets", info, len(body))
		}
	})
}

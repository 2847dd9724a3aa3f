// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/checksum"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// A strangeFrame is one that a port may get, and whether it is to take the packet in it.
type strangeFrame struct {
	name  string
	b     []byte
	taken bool
}

// strangeFrames returns frames to a group, the payload of each of which is its name.
func strangeFrames(group netip.Addr) []strangeFrame {
	src, other := netip.MustParseAddr("10.0.0.9"), netip.MustParseAddr("224.0.0.99")
	bad, loopback := netip.MustParseAddr("224.0.0.1"), netip.MustParseAddr("127.0.0.1")
	if group.Is6() {
		src, other = netip.MustParseAddr("fe80::9"), netip.MustParseAddr("ff02::99")
		bad, loopback = netip.MustParseAddr("ff02::1"), netip.IPv6Loopback()
	}
	mac := [6]byte{2, 0, 0, 0, 0, 9}
	to := func(src, dst netip.Addr, name string) []byte {
		return frame.AppendIP(nil, frame.MulticastMAC(dst), mac, 0, src, dst, []byte(name))
	}
	tagged := func(vid byte, name string) []byte {
		return slices.Insert(to(src, group, name), 12, 0x81, 0x00, 0xc0, vid)
	}
	short := to(src, group, "cut short")
	return []strangeFrame{
		{"good", to(src, group, "good"), true},
		{"padded", append(to(src, group, "padded"), make([]byte, 20)...), true},
		{"hop limit", withHopLimit(to(src, group, "hop limit"), 64), true},
		{"priority tag", tagged(0, "priority tag"), true},
		{"tag of a VLAN", tagged(10, "tag of a VLAN"), false},
		{"other group", to(src, other, "other group"), false},
		{"from a group", to(bad, group, "from a group"), false},
		{"from the loopback", to(loopback, group, "from the loopback"), false},
		{"cut short", short[:len(short)-1], false},
		{"for another host", slices.Concat([]byte{2, 0, 0, 0, 0, 8}, to(src, group, "for another host")[6:]), false},
		{"other protocol", withProtocol(to(src, group, "other protocol"), 113), false},
	}
}

// strangeFrames4 returns what only IPv4 has.
func strangeFrames4() []strangeFrame {
	src := netip.MustParseAddr("10.0.0.9")
	plain := func(name string) []byte {
		return frame.AppendIP(nil, frame.MulticastMAC(group4), [6]byte{2, 0, 0, 0, 0, 9}, 0, src, group4, []byte(name))
	}
	options := slices.Insert(plain("options"), 34, 0x94, 4, 0, 0) // router alert
	options[14], options[17] = 0x46, options[17]+4
	fragment := plain("fragment")
	fragment[20] = 0x20
	checksum := plain("checksum")
	checksum[24]++
	return []strangeFrame{
		{"options", withChecksum(options), true},
		{"first fragment", withChecksum(fragment), false},
		{"checksum", checksum, false},
	}
}

// withChecksum returns a frame with the checksum of its IPv4 header made anew.
func withChecksum(b []byte) []byte {
	header := b[14 : 14+int(b[14]&0x0f)*4]
	header[10], header[11] = 0, 0
	binary.BigEndian.PutUint16(header[10:], ^checksum.Fold(checksum.Sum(header, 0)))
	return b
}

// withHopLimit returns a frame with another hop limit.
func withHopLimit(b []byte, limit byte) []byte {
	if b[12] == 0x86 {
		b[21] = limit
		return b
	}
	b[22] = limit
	return withChecksum(b)
}

// withProtocol returns a frame with another protocol.
func withProtocol(b []byte, protocol byte) []byte {
	if b[12] == 0x86 {
		b[20] = protocol
		return b
	}
	b[23] = protocol
	return withChecksum(b)
}

// TestTapTakesWhatTheRawSocketTakes sends the same frames to a port without and with a virtual MAC in use.
func TestTapTakesWhatTheRawSocketTakes(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		_, n1, n2 := twoHosts(t, nil)
		from, to := n1.attach(t, "eth0", group), n2.attach(t, "eth0", group)
		frames := strangeFrames(group)
		if group.Is4() {
			frames = append(frames, strangeFrames4()...)
		}
		var want []string
		for _, f := range frames {
			if f.taken {
				want = append(want, f.name)
			}
		}
		heard := func(sentinel string) (payloads []string) {
			n2.do(func() { n2.packets = nil })
			for _, f := range frames {
				sendFrame(t, "br0", f.b)
			}
			n1.send(from, group, sentinel)
			n2.awaitPacket(t, sentinel)
			for _, a := range n2.seen() {
				if a.port != to || a.hopLimit == 64 != (a.payload == "hop limit") {
					t.Errorf("%+v", a)
				}
				payloads = append(payloads, a.payload)
			}
			return payloads[:len(payloads)-1]
		}
		if diff := cmp.Diff(want, heard("raw")); diff != "" {
			t.Errorf("by the raw socket (-want +got):\n%s", diff)
		}
		n2.sendAs(to, vmac(group), group, "virtual")
		n1.awaitPacket(t, "virtual")
		n2.do(func() {}) // the tap listens by now
		if diff := cmp.Diff(want, heard("tap")); diff != "" {
			t.Errorf("while both sockets have them (-want +got):\n%s", diff)
		}

		// The sockets are made anew after a flap.
		reports := n2.reported()
		if err := flap(switchPort(t, n2.host)); err != nil {
			t.Fatal(err)
		}
		n2.await(t, "report", func() bool { return n2.reports > reports })
		n2.awaitUp(t, to)
		n1.sendUntil(t, from, group, "forwards again", n2)
		if diff := cmp.Diff(want, heard("made anew")); diff != "" {
			t.Errorf("after a flap (-want +got):\n%s", diff)
		}
	})
}

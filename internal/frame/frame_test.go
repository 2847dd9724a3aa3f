// SPDX-License-Identifier: Apache-2.0

package frame_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/frame"
)

var (
	testMAC = [6]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}
	ipv4    = netip.MustParseAddr("192.0.2.100")
	ipv6    = netip.MustParseAddr("2001:db8::100")
)

// join puts the labelled parts of a vector together.
func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func arpRequest() []byte {
	return join(
		[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, // to everybody
		[]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}, // from
		[]byte{0x08, 0x06},                         // ARP
		[]byte{0x00, 0x01, 0x08, 0x00, 6, 4},       // Ethernet, IPv4
		[]byte{0x00, 0x01},                         // request
		[]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}, // sender hardware address
		[]byte{192, 0, 2, 100},                     // sender protocol address
		[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, // target hardware address
		[]byte{192, 0, 2, 100},                     // target protocol address
	)
}

func arpReply() []byte {
	return join(
		[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, // to everybody
		[]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}, // from
		[]byte{0x08, 0x06},                         // ARP
		[]byte{0x00, 0x01, 0x08, 0x00, 6, 4},       // Ethernet, IPv4
		[]byte{0x00, 0x02},                         // reply
		[]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}, // sender hardware address
		[]byte{192, 0, 2, 100},                     // sender protocol address
		[]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}, // target hardware address
		[]byte{192, 0, 2, 100},                     // target protocol address
	)
}

// unsolicitedNA has the flags octet and the checksum given: the sum was computed by hand from the other octets.
func unsolicitedNA(flags byte, sum [2]byte) []byte {
	addr := []byte{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x00}
	return join(
		[]byte{0x33, 0x33, 0x00, 0x00, 0x00, 0x01}, // to all nodes
		[]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30}, // from
		[]byte{0x86, 0xdd},                         // IPv6
		[]byte{0x60, 0, 0, 0},                      // version, class, flow
		[]byte{0, 32},                              // payload length
		[]byte{58, 255},                            // ICMPv6, hop limit
		addr,                                       // source
		[]byte{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, // ff02::1
		[]byte{136, 0},         // neighbour advertisement
		sum[:],                 // checksum
		[]byte{flags, 0, 0, 0}, // flags, reserved
		addr,                   // target
		[]byte{2, 1},           // option: target link-layer address
		[]byte{0x02, 0x00, 0x5e, 0x10, 0x20, 0x30},
	)
}

func TestAppend(t *testing.T) {
	host, router := unsolicitedNA(0x20, [2]byte{0x78, 0xed}), unsolicitedNA(0xa0, [2]byte{0xf8, 0xec})
	tests := []struct {
		name string
		got  []byte
		want []byte
	}{
		{"request", frame.AppendGratuitousARP(nil, frame.Request, testMAC, ipv4), arpRequest()},
		{"reply", frame.AppendGratuitousARP(nil, frame.Reply, testMAC, ipv4), arpReply()},
		{"advertisement of a host", frame.AppendUnsolicitedNA(nil, testMAC, ipv6, false), host},
		{"advertisement of a router", frame.AppendUnsolicitedNA(nil, testMAC, ipv6, true), router},
		{"zone is not on the wire", frame.AppendUnsolicitedNA(nil, testMAC, ipv6.WithZone("eth0"), false), host},
		{"appends", frame.AppendGratuitousARP([]byte("before"), frame.Request, testMAC, ipv4), join([]byte("before"), arpRequest())},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got); diff != "" {
				t.Errorf("unexpected frame (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClaim(t *testing.T) {
	na := unsolicitedNA(0x20, [2]byte{0x78, 0xed})
	tests := []struct {
		name string
		b    []byte
		want netip.Addr
	}{
		{"request", arpRequest(), ipv4},
		{"reply", arpReply(), ipv4},
		{"padded request", join(arpRequest(), make([]byte, 18)), ipv4},
		{"advertisement", na, ipv6},
		{"padded advertisement", join(na, make([]byte, 4)), ipv6},
		{"advertisement of a router", unsolicitedNA(0xa0, [2]byte{0xf8, 0xec}), ipv6},

		{"nothing", nil, netip.Addr{}},
		{"Ethernet header only", arpRequest()[:14], netip.Addr{}},
		{"other EtherType", with(arpRequest(), 12, 0x08, 0x00), netip.Addr{}},
		{"ARP cut short", arpRequest()[:41], netip.Addr{}},
		{"ARP for another hardware", with(arpRequest(), 15, 6), netip.Addr{}},
		{"ARP for another protocol", with(arpRequest(), 16, 0x86), netip.Addr{}},
		{"ARP with other address lengths", with(arpRequest(), 18, 8), netip.Addr{}},
		{"ARP with another opcode", with(arpRequest(), 21, 3), netip.Addr{}},
		{"ARP that asks for another host", with(arpRequest(), 41, 101), netip.Addr{}},
		{"ARP probe", with(with(arpRequest(), 28, 0, 0, 0, 0), 38, 0, 0, 0, 0), netip.Addr{}},
		{"ARP for a group", with(with(arpRequest(), 28, 224), 38, 224), netip.Addr{}},
		{"ARP for the broadcast address", with(with(arpRequest(), 28, 255, 255, 255, 255), 38, 255, 255, 255, 255), netip.Addr{}},

		{"IPv6 header cut short", na[:53], netip.Addr{}},
		{"not version 6", with(na, 14, 0x40), netip.Addr{}},
		{"advertisement cut short", na[:len(na)-1], netip.Addr{}},
		{"IPv6 length too short", with(na, 19, 23), netip.Addr{}},
		{"IPv6 length too long", with(na, 18, 0xff, 0xff), netip.Addr{}},
		{"other next header", with(na, 20, 17), netip.Addr{}},
		{"from behind a router", with(na, 21, 254), netip.Addr{}},
		{"wrong checksum", with(na, 57, 0xee), netip.Addr{}},
		{"neighbour solicitation", with(na, 54, 135, 0, 0x79, 0xed), netip.Addr{}},
		{"other code", with(na, 55, 1, 0x78, 0xec), netip.Addr{}},
		{"solicited", unsolicitedNA(0x60, [2]byte{0x38, 0xed}), netip.Addr{}},
		{"target is a group", with(with(na, 62, 0xff), 56, 0x99, 0xec), netip.Addr{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := frame.Claim(tt.b)
			if ok != tt.want.IsValid() {
				t.Fatalf("ok is %v (claims %v)", ok, got)
			}
			if ok && got != tt.want {
				t.Errorf("claims %v, want %v", got, tt.want)
			}
		})
	}
}

// with returns a copy of b with the octets at offset replaced.
func with(b []byte, offset int, octets ...byte) []byte {
	c := bytes.Clone(b)
	copy(c[offset:], octets)
	return c
}

// TestClaimChecksEveryOctet of the ICMPv6 message by its checksum.
func TestClaimChecksEveryOctet(t *testing.T) {
	na := unsolicitedNA(0x20, [2]byte{0x78, 0xed})
	for i := range na[54:] {
		b := bytes.Clone(na)
		b[54+i] ^= 1
		if _, ok := frame.Claim(b); ok {
			t.Errorf("octet %d of the message can be changed without notice", i)
		}
	}
}

func TestSource(t *testing.T) {
	if got := frame.Source(arpRequest()); got != testMAC {
		t.Errorf("source is %x", got)
	}
	if got := frame.Source(arpRequest()[:13]); got != [6]byte{} {
		t.Errorf("source of a frame cut short is %x", got)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	b := make([]byte, 0, 128)
	if n := testing.AllocsPerRun(100, func() {
		frame.Claim(frame.AppendGratuitousARP(b, frame.Request, testMAC, ipv4))
		frame.Claim(frame.AppendUnsolicitedNA(b, testMAC, ipv6, true))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzClaim(f *testing.F) {
	f.Add(arpRequest())
	f.Add(arpReply())
	f.Add(unsolicitedNA(0x20, [2]byte{0x78, 0xed}))
	f.Fuzz(func(t *testing.T, b []byte) {
		addr, ok := frame.Claim(b)
		if !ok {
			return
		}
		again := frame.AppendUnsolicitedNA(nil, frame.Source(b), addr, false)
		if addr.Is4() {
			again = frame.AppendGratuitousARP(nil, frame.Reply, frame.Source(b), addr)
		}
		if got, ok := frame.Claim(again); !ok || got != addr {
			t.Errorf("claim of %v is read back as %v, %v", addr, got, ok)
		}
	})
}

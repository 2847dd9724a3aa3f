// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cmsg appends a control message to the ancillary data of a message.
func cmsg[T any](m *message, level, typ int32, value T) {
	size := int(unsafe.Sizeof(value))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&m.control[m.controlLen]))
	h.Level, h.Type = level, typ
	h.SetLen(unix.CmsgLen(size))
	copy(m.control[m.controlLen+unix.CmsgLen(0):], unsafe.Slice((*byte)(unsafe.Pointer(&value)), size))
	m.controlLen += unix.CmsgSpace(size)
}

func TestArrival(t *testing.T) {
	now := time.Now()
	for name, tt := range map[string]struct {
		stamp time.Time
		want  time.Duration
	}{
		"age":           {now.Add(-50 * time.Millisecond), -50 * time.Millisecond},
		"in the future": {now.Add(time.Second), 0},
		"no stamp":      {time.Time{}, 0},
	} {
		var a ancillary
		if !tt.stamp.IsZero() {
			a.stamp = unix.NsecToTimespec(tt.stamp.UnixNano())
		}
		if got := a.arrival(now).Sub(now); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestDecodeIPv4(t *testing.T) {
	l := &link{index: 7}
	m := new(message)
	cmsg(m, unix.IPPROTO_IP, unix.IP_PKTINFO, unix.Inet4Pktinfo{Ifindex: 7})
	b := []byte{
		0x46, 0xc0, 0, 27, // version and header length, TOS, total length
		0, 0, 0, 0, // identification, fragments
		64, 112, 0, 0, // TTL, protocol, checksum
		192, 0, 2, 1, // source
		224, 0, 0, 18, // destination
		1, 1, 1, 1, // options
		'a', 'b', 'c', // payload
		0, 0, // padding
	}
	m.data = b
	src, dst := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("224.0.0.18")
	d, ok := inet4{}.decode(m, l, time.Now())
	if !ok || d.src != src || d.dst != dst || d.hopLimit != 64 || string(d.payload) != "abc" {
		t.Errorf("ok %v, %+v", ok, d)
	}
	m.data = b[:26] // cut short for want of room
	if d, ok := (inet4{}).decode(m, l, time.Now()); !ok || string(d.payload) != "ab" {
		t.Errorf("ok %v, %+v", ok, d)
	}
	for length := range 24 {
		m.data = b[:length]
		if d, ok := (inet4{}).decode(m, l, time.Now()); ok {
			t.Errorf("%d octets: %+v", length, d)
		}
	}
	m.data = b
	if _, ok := (inet4{}).decode(m, &link{index: 8}, time.Now()); ok {
		t.Error("a packet of another link is taken")
	}
	m.controlLen = 0
	if _, ok := (inet4{}).decode(m, l, time.Now()); ok {
		t.Error("a packet of an unknown link is taken")
	}
}

func TestDecodeIPv6(t *testing.T) {
	l := &link{index: 7}
	src, dst := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("ff02::12")
	m := &message{data: []byte("abc")}
	m.name.Addr = src.As16()
	cmsg(m, unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, unix.Inet6Pktinfo{Ifindex: 7, Addr: dst.As16()})
	d, ok := inet6{}.decode(m, l, time.Now())
	if !ok || d.src != src || d.dst != dst || d.hopLimit != 0 || string(d.payload) != "abc" {
		t.Errorf("ok %v, %+v", ok, d)
	}
	cmsg(m, unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT, int32(255))
	if d, ok = (inet6{}).decode(m, l, time.Now()); !ok || d.hopLimit != 255 {
		t.Errorf("ok %v, %+v", ok, d)
	}
	if _, ok := (inet6{}).decode(m, &link{index: 8}, time.Now()); ok {
		t.Error("a packet of another link is taken")
	}
}

// TestEachPacketIsTakenOnce wants a packet that both sockets of a port may have to be taken from exactly one of them,
// whichever of them has it at a time when only one does.
func TestEachPacketIsTakenOnce(t *testing.T) {
	group, host := netip.MustParseAddr("224.0.0.18"), netip.MustParseAddr("192.0.2.1")
	var none *tap
	silent, changing, alone := &tap{}, &tap{listening: true, cut: 1000}, &tap{listening: true}
	for _, tt := range []struct {
		name   string
		tap    *tap
		d      datagram
		leaves bool // to the raw socket
	}{
		{"no tap", none, datagram{dst: group, stamp: 5}, true},
		{"tap that only sends", silent, datagram{dst: group, stamp: 5}, true},
		{"before the tap began", changing, datagram{dst: group, stamp: 999}, true},
		{"when the tap began", changing, datagram{dst: group, stamp: 1000}, false},
		{"tap alone", alone, datagram{dst: group, stamp: 5}, false},
		{"to the host", alone, datagram{dst: host, stamp: 5}, true},
	} {
		if got := tt.tap.leaves(tt.d); got != tt.leaves {
			t.Errorf("%s: taken from the raw socket: %v", tt.name, got)
		}
		if tt.tap != nil && tt.tap.listening && tt.d.dst == group && tt.tap.takes(tt.d) == tt.leaves {
			t.Errorf("%s: taken from both, or none", tt.name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x45, 19: 0}, []byte{0x10, 127: 0})
	f.Fuzz(func(t *testing.T, data, control []byte) {
		m := &message{data: data}
		m.controlLen = copy(m.control[:], control)
		if d, ok := decodeFrame(m, time.Now()); ok && len(d.payload) > len(data) {
			t.Errorf("payload of %d octets from %d", len(d.payload), len(data))
		}
		for _, family := range []family{inet4{}, inet6{}} {
			if d, ok := family.decode(m, new(link), time.Now()); ok && len(d.payload) > len(data) {
				t.Errorf("payload of %d octets from %d", len(d.payload), len(data))
			}
		}
	})
}

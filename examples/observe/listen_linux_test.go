// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdlayher/packet"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// kept runs the filter, in the form in which the kernel gets it.
func kept(t testing.TB, b []byte) bool {
	t.Helper()
	raw, err := bpf.Assemble(listenFilter())
	if err != nil {
		t.Fatal(err)
	}
	program, _ := bpf.Disassemble(raw)
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	n, err := vm.Run(b)
	if err != nil {
		t.Fatal(err)
	}
	return n >= len(b)
}

func TestFilter(t *testing.T) {
	for name, b := range frames(t) {
		if name == "QinQ" { // of which the kernel takes the outer tag off
			b = tagged(vrrpFrame(t, one, 51, 200, vip1), 0x81000014)
		}
		if !kept(t, b) {
			t.Errorf("%s does not pass", name)
		}
	}
	other := vrrpFrame(t, one, 51, 200, vip1)
	other[ipv4Protocol] = 17
	question := frame.AppendGratuitousARP(nil, frame.Request, macOf(one), vip1)
	question[arpTarget]++
	for name, b := range map[string][]byte{"UDP": other, "ARP question": question, "short": other[:13]} {
		if kept(t, b) {
			t.Errorf("%s passes", name)
		}
	}
}

// TestArrival: a clock that was set doesn't make frames older than they can be, nor come
// from the future.
func TestArrival(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, tt := range []struct{ stamp, want time.Time }{
		{now.Add(-3 * time.Millisecond), now.Add(-3 * time.Millisecond)},
		{now.Add(time.Hour), now},
		{now.Add(-time.Hour), now.Add(-maxAge)},
		{time.Time{}, now},
	} {
		if got := arrival(now, tt.stamp); !got.Equal(tt.want) {
			t.Errorf("stamp %v: %v, want %v", tt.stamp, got, tt.want)
		}
	}
}

// FuzzFilter checks that the filter never hides what would be read.
func FuzzFilter(f *testing.F) {
	for _, b := range frames(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, ok := decodePacket(bytes.Clone(b)); ok && strings.Count(p.vlan, ".") < 2 && !kept(t, b) {
			t.Errorf("%+v does not pass", p)
		}
	})
}

// TestLive listens on one host to what another sends, with and without a VLAN tag, and
// sends nothing itself.
func TestLive(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"sender", "observer"}})
	seen := make(chan []byte, 1000)
	stop, err := lab.Capture(func(_ time.Time, b []byte) { seen <- bytes.Clone(b) })
	if err != nil {
		t.Fatal(err)
	}
	w := newWatch("eth0")
	mac := startListening(t, lab.Host("observer"), w)
	send := sender(t, lab.Host("sender"))
	send(vrrpFrame(t, one, 51, 200, vip1))
	send(tagged(vrrpFrame(t, two, 52, 200, vip1), 0x8100000a))
	send(vrrpFrame(t, one, 51, 0, vip1))
	want := []string{"eth0 VRRP 51 IPv4: 192.0.2.1 is Active, priority 200",
		"eth0.10 VRRP 52 IPv4: 192.0.2.2 is Active, priority 200",
		"eth0 VRRP 51 IPv4: nobody is Active: 192.0.2.1 said goodbye"}
	waitForEvents(t, w, want)
	stop()
	close(seen)
	for b := range seen {
		if frame.Source(b) == mac && shows(b) {
			t.Errorf("the observer has sent %x", b)
		}
	}
}

// shows reports whether a frame would show that its sender listens. A kernel says by IPv6
// that it has addresses, but nothing of the group of VRRP, and by IPv4 nothing unasked.
func shows(b []byte) bool {
	group := vrrp.GroupIPv6().As16()
	return binary.BigEndian.Uint16(b[macsLen:]) != frame.EtherTypeIPv6 || bytes.Contains(b, group[:])
}

// startListening has a host observe by eth0, and returns its MAC address.
func startListening(t *testing.T, h *netlab.Host, w *watch) (mac [6]byte) {
	t.Helper()
	var l *listener
	err := h.Do(func() (err error) {
		ifi, err := net.InterfaceByName("eth0")
		if err == nil {
			mac = [6]byte(ifi.HardwareAddr)
			l, err = listen("eth0", false)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.run(w.frame) }()
	t.Cleanup(func() {
		if err := errors.Join(l.close(), <-ended); err != nil {
			t.Error(err)
		}
	})
	return mac
}

// sender returns a function that sends frames by eth0 of a host.
func sender(t *testing.T, h *netlab.Host) func([]byte) {
	t.Helper()
	var conn *packet.Conn
	err := h.Do(func() error {
		ifi, err := net.InterfaceByName("eth0")
		if err != nil {
			return err
		}
		conn, err = packet.Listen(ifi, packet.Raw, unix.ETH_P_LOOP, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func(b []byte) {
		t.Helper()
		if _, err := conn.WriteTo(b, &packet.Addr{HardwareAddr: b[:6]}); err != nil {
			t.Error(err)
		}
	}
}

// waitForEvents waits until an observer has told these, whatever else.
func waitForEvents(t *testing.T, w *watch, want []string) {
	t.Helper()
	var got []string
	end := time.After(30 * time.Second)
	for seq := uint64(0); ; {
		list, lost, more := w.after(seq)
		seq += lost + uint64(len(list))
		for _, e := range list {
			got = append(got, e.Cluster+": "+e.Text)
		}
		if !slices.ContainsFunc(want, func(s string) bool { return !slices.Contains(got, s) }) {
			return
		}
		select {
		case <-more:
		case <-end:
			t.Fatalf("events %q, want %q", got, want)
		}
	}
}

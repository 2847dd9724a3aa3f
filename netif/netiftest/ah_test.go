// SPDX-License-Identifier: Apache-2.0

package netiftest_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// headed returns a packet with an IPv4 header.
func headed(src, dst netip.Addr, payload string) []byte {
	s, d := src.As4(), dst.As4()
	b := append(make([]byte, 12), s[:]...)
	b[8] = 77 // TTL
	return append(append(b, d[:]...), payload...)
}

// TestAH: whole packets go to those who asked for them, and apart from the others.
func TestAH(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 3)
	a, b, c := probes[0], probes[1], probes[2]
	for _, p := range []*probe{a, b} {
		if err := p.net.AttachAH(p.v4); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.net.AttachAH(a.v6); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("IPv6: %v", err)
	}
	if err := a.net.AttachAH(9); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("port 9: %v", err)
	}
	a.net.DetachAH(9)
	var taps []string
	sim.Tap(func(p netiftest.Packet) { taps = append(taps, fmt.Sprint(p.AH, p.Src, p.Dst, p.HopLimit)) })
	send := func(payload string, dst netip.Addr) {
		a.net.QueueAH(a.v4, headed(a.addr4, dst, payload))
		a.net.QueueAH(a.v4, []byte("short"))
		a.net.Flush(func(port int, err error) { t.Error(err) })
		sim.Run(time.Second)
	}
	var got []string
	receive := func(p *probe) {
		p.net.ReceiveAH(func(port int, at time.Time, packet []byte) {
			got = append(got, fmt.Sprint(p, " ", at.Sub(epoch), " ", port, " ", string(packet[20:])))
		})
	}
	send("to the group", group4)
	send("to b", b.addr4)
	a.send("plain")
	sim.Run(time.Second)
	b.net.DetachAH(b.v4)
	send("to nobody", group4)
	for range 2 {
		for _, p := range probes {
			receive(p)
		}
	}
	if diff := cmp.Diff([]string{"b 0s 0 to the group", "b 1s 0 to b"}, got); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
	b.want("2s port 0: plain from 192.0.2.1 to 224.0.0.18")
	c.want("2s port 0: plain from 192.0.2.1 to 224.0.0.18")
	want := []string{"true 192.0.2.1 224.0.0.18 77", "true 192.0.2.1 192.0.2.2 77", "false 192.0.2.1 224.0.0.18 255", "true 192.0.2.1 224.0.0.18 77"}
	if diff := cmp.Diff(want, taps); diff != "" {
		t.Errorf("tapped (-want +got):\n%s", diff)
	}
}

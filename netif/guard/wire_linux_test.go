// SPDX-License-Identifier: Apache-2.0

package guard_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// A packet is one of IP protocol 112 that crossed the switch.
type packet struct {
	Src, Dst     netip.Addr
	TrafficClass uint8
	HopLimit     uint8
	Payload      string
	at           time.Time
}

// goodbyes returns what the guard of the program has to send.
func goodbyes() []packet {
	return []packet{
		{Src: source4(), Dst: group4(), TrafficClass: 0xc0, HopLimit: 255, Payload: goodbye4},
		{Src: source6(), Dst: group6(), TrafficClass: 0xc0, HopLimit: 255, Payload: goodbye6},
	}
}

// parse returns the packet in a frame.
func parse(at time.Time, frame []byte) (packet, bool) {
	const ethernet, ipv4, ipv6 = 14, 20, 40
	ip := frame[min(ethernet, len(frame)):]
	switch {
	case len(ip) >= ipv4 && ip[0] == 0x45 && ip[9] == 112:
		end := min(int(binary.BigEndian.Uint16(ip[2:])), len(ip))
		return packet{netip.AddrFrom4([4]byte(ip[12:])), netip.AddrFrom4([4]byte(ip[16:])), ip[1], ip[8], string(ip[ipv4:end]), at}, true
	case len(ip) >= ipv6 && ip[0]>>4 == 6 && ip[6] == 112:
		end := min(ipv6+int(binary.BigEndian.Uint16(ip[4:])), len(ip))
		class := uint8(binary.BigEndian.Uint16(ip) >> 4)
		return packet{netip.AddrFrom16([16]byte(ip[8:])), netip.AddrFrom16([16]byte(ip[24:])), class, ip[7], string(ip[ipv6:end]), at}, true
	}
	return packet{}, false
}

// bench is a host with a program on it, and what crosses the switch.
type bench struct {
	*testing.T
	host *netlab.Host
	stop func() // ends the capture

	mu   sync.Mutex
	seen []packet
}

// newBench makes a bench. It must be called inside, see netlabtest.Enter.
func newBench(t *testing.T) *bench {
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	b := &bench{T: t, host: lab.Host("n1")}
	stop, err := lab.Capture(b.see)
	if err != nil {
		t.Fatal(err)
	}
	b.stop = stop
	t.Cleanup(stop)
	return b
}

func (b *bench) see(at time.Time, frame []byte) {
	if p, ok := parse(at, frame); ok {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.seen = append(b.seen, p)
	}
}

// wantSeen compares what has crossed the switch until now, in any order.
func (b *bench) wantSeen(want []packet) {
	b.Helper()
	b.stop()
	order := cmpopts.SortSlices(func(a, b packet) bool { return a.Payload < b.Payload })
	equal := cmp.Options{order, cmpopts.IgnoreUnexported(packet{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, b.seen, equal); diff != "" {
		b.Errorf("packets (-want +got):\n%s", diff)
	}
}

// held returns which of the service addresses the host has, and whether it has its own.
func (b *bench) held() (service []netip.Prefix, own bool) {
	b.Helper()
	list, err := b.host.Addresses(0)
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range list {
		if slices.Contains(addrs(), p) {
			service = append(service, p)
		}
		own = own || p.Addr() == b.host.Addr(0)
	}
	return service, own
}

// wantHeld compares the service addresses that the host has. Its own is always there.
func (b *bench) wantHeld(want ...netip.Prefix) {
	b.Helper()
	got, own := b.held()
	if !slices.Equal(got, want) || !own {
		b.Errorf("host has %v, own address %t; want %v, true", got, own, want)
	}
}

// program starts a program that holds its addresses, has a guard and, if validity is not empty, wills.
func (b *bench) program(validity string) *remote {
	b.Helper()
	r := startProgram(b.T, b.host, programCommand())
	r.do("start", "hold")
	if validity != "" {
		r.do("set " + validity)
	}
	b.wantHeld(addrs()...)
	return r
}

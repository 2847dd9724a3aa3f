// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/bpf"

	"github.com/go-fhrp/fhrp/internal/frame"
)

// TestClaimFilter runs the programs that the kernel runs, but for the instructions that look at what is not in the frame.
func TestClaimFilter(t *testing.T) {
	mac := [6]byte{2, 0, 0, 0, 0, 1}
	ip, ip6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("fe80::1")
	request, reply := frame.AppendGratuitousARP(nil, frame.Request, mac, ip), frame.AppendGratuitousARP(nil, frame.Reply, mac, ip)
	na := frame.AppendUnsolicitedNA(nil, mac, ip6, true)
	solicited, solicitation := changed(na, 58, 0x60), changed(na, 54, 135)
	known4, known6 := keyRanges([]uint32{claimKey(ip)}), keyRanges([]uint32{claimKey(ip6)})
	tests := []struct {
		name    string
		program []bpf.Instruction
		b       []byte
		want    bool
	}{
		{"gratuitous request", arpFilter(nil), request, true},
		{"gratuitous reply", arpFilter(nil), reply, true},
		{"request for another host", arpFilter(nil), changed(request, 41, 2), false},
		{"request of who has our address", arpFilter(known4), changed(request, 41, 2), true},
		{"request of another host", arpFilter(known4), changed(request, 31, 2), false},
		{"ARP cut short", arpFilter(nil), request[:41], false},
		{"unsolicited advertisement", ndpFilter(nil), na, true},
		{"solicited advertisement", ndpFilter(nil), solicited, false},
		{"solicited advertisement of our address", ndpFilter(known6), solicited, true},
		{"solicited advertisement of another host", ndpFilter(known6), changed(solicited, 77, 2), false},
		{"solicitation", ndpFilter(nil), solicitation, false},
		{"solicitation from our address", ndpFilter(known6), solicitation, true},
		{"solicitation from another host", ndpFilter(known6), changed(solicitation, 37, 2), false},
		{"router advertisement", ndpFilter(known6), changed(na, 54, 134), false},
		{"redirect", ndpFilter(known6), changed(na, 54, 137), false},
		{"UDP", ndpFilter(known6), changed(na, 20, 17), false},
		{"IPv6 cut short", ndpFilter(nil), na[:58], false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if n := keeps(t, tt.program, tt.b); n > 0 != tt.want || tt.want && n < len(tt.b) {
				t.Errorf("keeps %d octets", n)
			}
		})
	}
}

// keeps returns how many octets of a frame a filter keeps.
func keeps(t *testing.T, program []bpf.Instruction, b []byte) int {
	t.Helper()
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	n, err := vm.Run(b)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRangesHoldAllKeys wants each key found by the filter, and no others as long as there are few.
func TestRangesHoldAllKeys(t *testing.T) {
	few := []uint32{0, 7, 8, 9, 1 << 31, 1<<32 - 1}
	if diff := cmp.Diff([]keyRange{{0, 0}, {7, 9}, {1 << 31, 1 << 31}, {1<<32 - 1, 1<<32 - 1}}, keyRanges(slices.Clone(few)),
		cmp.AllowUnexported(keyRange{})); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
	random := rand.New(rand.NewPCG(1, 1))
	for _, count := range []int{1, 2, 3, 100, 127, 128, 129, 130, 5000} {
		keys := []uint32{0, 1<<32 - 1}[:min(count, 2)]
		for len(keys) < count {
			keys = append(keys, random.Uint32())
		}
		ranges := keyRanges(slices.Clone(keys))
		if len(ranges) > maxRanges {
			t.Errorf("%d keys: %d ranges", count, len(ranges))
		}
		program := append([]bpf.Instruction{bpf.LoadAbsolute{Off: 0, Size: 4}}, inRanges(ranges)...)
		if _, err := bpf.Assemble(claimFilter(false, ranges)); err != nil {
			t.Error(err)
		}
		for _, key := range keys {
			if keeps(t, program, binary.BigEndian.AppendUint32(nil, key)) == 0 {
				t.Errorf("%d keys: %#x is dropped", count, key)
			}
		}
		for range 100 {
			key := random.Uint32()
			within := slices.ContainsFunc(ranges, func(r keyRange) bool { return r.first <= key && key <= r.last })
			if kept := keeps(t, program, binary.BigEndian.AppendUint32(nil, key)) > 0; kept != within {
				t.Errorf("%d keys: %#x is kept: %v", count, key, kept)
			}
		}
	}
}

// TestPaceOfStorms has claims come without end: they wake the loop at once at first, and then 100 times a second.
func TestPaceOfStorms(t *testing.T) {
	p := pace{rest: claimRest, burst: claimBurst}
	now, woken := time.Unix(1000, 0), 0
	for end := now.Add(10 * time.Second); now.Before(end); now = now.Add(10 * time.Microsecond) {
		if p.until.After(now) {
			continue
		}
		p.spend(now)
		woken++
	}
	if woken < 1000 || woken > 1000+claimBurst+1 {
		t.Errorf("woken %d times in 10 s", woken)
	}
	now = now.Add(claimBurst * claimRest)
	for i := range claimBurst {
		if p.spend(now) {
			t.Errorf("rests after %d claims that follow a pause", i+1)
		}
	}
	if !p.spend(now) {
		t.Error("never rests")
	}
}

// changed returns a copy of b with one octet replaced.
func changed(b []byte, offset int, octet byte) []byte {
	c := append([]byte(nil), b...)
	c[offset] = octet
	return c
}

// SPDX-License-Identifier: Apache-2.0

package rejected_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/rejected"
)

// from returns the kind of a packet from a source.
func from(n byte) rejected.Kind {
	return rejected.Kind{Link: "eth0", Source: netip.AddrFrom4([4]byte{192, 0, 2, n}), ID: 7, Fault: 1}
}

// list returns what is kept, in short: source, what else there is to say, count and octets.
func list(l *rejected.List[int]) string {
	var lines []string
	for _, p := range l.All() {
		lines = append(lines, fmt.Sprintf("%d:%d×%d %x", p.Source.As4()[3], p.Last, p.Count, p.Octets))
	}
	return strings.Join(lines, ", ")
}

func TestOrderAndBound(t *testing.T) {
	l, at := rejected.New[int](3), time.Unix(0, 0)
	for i, c := range []struct {
		source byte
		want   string
	}{
		{1, "1:0×1 00"},
		{2, "1:0×1 00, 2:1×1 01"},
		{1, "2:1×1 01, 1:2×2 02"},
		{3, "2:1×1 01, 1:2×2 02, 3:3×1 03"},
		{4, "1:2×2 02, 3:3×1 03, 4:4×1 04"},
		{2, "3:3×1 03, 4:4×1 04, 2:5×1 05"},
		{3, "4:4×1 04, 2:5×1 05, 3:6×2 06"},
	} {
		l.Note(from(c.source), at.Add(time.Duration(i)*time.Second), i, []byte{byte(i)})
		if got := list(&l); got != c.want {
			t.Errorf("%d: %s, want %s", i, got, c.want)
		}
	}
	if p := l.All()[2]; !p.First.Equal(at.Add(3*time.Second)) || !p.At.Equal(at.Add(6*time.Second)) {
		t.Errorf("%+v", p)
	}
}

// TestAlike: packets are alike only if link, source, identifier and fault are the same.
func TestAlike(t *testing.T) {
	l := rejected.New[int](8)
	other := []rejected.Kind{from(1), from(1), from(1), from(1), from(1)}
	other[1].Link, other[2].ID, other[3].Fault, other[4].Source = "eth1", 8, 2, netip.MustParseAddr("fe80::1")
	for i, k := range other {
		l.Note(k, time.Time{}, i, nil)
	}
	if n := len(l.All()); n != len(other) {
		t.Errorf("%d of %d", n, len(other))
	}
}

// TestOctetsAreCut: what is kept is a copy of the first octets, and what was read before
// stays as it is.
func TestOctetsAreCut(t *testing.T) {
	l, packet := rejected.New[int](1), bytes.Repeat([]byte{1}, 300)
	l.Note(from(1), time.Time{}, 0, packet)
	packet[0] = 2
	first := l.All()[0].Octets
	l.Note(from(1), time.Time{}, 1, []byte{3})
	if len(first) != rejected.MaxOctets || first[0] != 1 || len(l.All()[0].Octets) != 1 {
		t.Errorf("%x, then %x", first, l.All()[0].Octets)
	}
}

func TestNoneIsKept(t *testing.T) {
	for _, l := range []rejected.List[int]{{}, rejected.New[int](0), rejected.New[int](-1)} {
		l.Note(from(1), time.Time{}, 0, nil)
		if all := l.All(); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	}
}

func TestNoteDoesNotAllocate(t *testing.T) {
	l, octets, source := rejected.New[[4]int](16), make([]byte, 1500), byte(0)
	if n := testing.AllocsPerRun(1000, func() {
		source += 7
		l.Note(from(source), time.Time{}, [4]int{}, octets)
	}); n != 0 {
		t.Errorf("allocates %v times", n)
	}
}

func BenchmarkNote(b *testing.B) {
	l, octets, source := rejected.New[[4]int](16), make([]byte, 1500), byte(0)
	b.ReportAllocs()
	for b.Loop() {
		source++
		l.Note(from(source), time.Time{}, [4]int{}, octets)
	}
}

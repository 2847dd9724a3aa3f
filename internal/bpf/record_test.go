// SPDX-License-Identifier: Apache-2.0

package bpf_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/bpf"
)

// aligned rounds up to the size of a long, as BPF_WORDALIGN.
func aligned(n int) int {
	const word = 4 << (^uint(0) >> 63)
	return (n + word - 1) / word * word
}

// record is a frame behind its struct bpf_xhdr, as the kernel writes them: the header is as long as has the IP header
// aligned, and the next record begins aligned.
func record(seconds, nanoseconds uint64, frame []byte) []byte {
	const ethernet = 14
	header := aligned(32+ethernet) - ethernet
	b := binary.NativeEndian.AppendUint64(nil, seconds)
	b = binary.NativeEndian.AppendUint64(b, nanoseconds)
	b = binary.NativeEndian.AppendUint32(b, uint32(len(frame)))
	b = binary.NativeEndian.AppendUint32(b, uint32(len(frame)))
	b = binary.NativeEndian.AppendUint16(b, uint16(header))
	b = append(b, make([]byte, header-len(b))...)
	b = append(b, frame...)
	return append(b, make([]byte, aligned(len(b))-len(b))...)
}

// all cuts a buffer in records.
func all(b []byte) (list []bpf.Record) {
	for {
		r, rest, ok := bpf.Next(b)
		if !ok {
			return list
		}
		list, b = append(list, r), rest
	}
}

func TestNext(t *testing.T) {
	one, two := bytes.Repeat([]byte{1}, 60), bytes.Repeat([]byte{2}, 61)
	want := []bpf.Record{
		{Stamp: 5*time.Second + 7, Frame: one},
		{Stamp: 6*time.Second + 999_999_999, Frame: two},
		{Stamp: 7 * time.Second, Frame: one},
	}
	b := record(5, 7, one)
	b = append(b, record(6, 999_999_999, two)...)
	b = append(b, record(7, 0, one)...)
	if diff := cmp.Diff(want, all(b)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}

	last := record(6, 999_999_999, two)
	unpadded := append(record(5, 7, one), last[:bytes.LastIndexByte(last, 2)+1]...)
	if diff := cmp.Diff(want[:2], all(unpadded)); diff != "" {
		t.Errorf("records of which the last is not padded (-want +got):\n%s", diff)
	}
}

// TestNextLayout reads what FreeBSD writes on amd64 and arm64, octet by octet.
func TestNextLayout(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the octets are those of a little-endian machine")
	}
	b := []byte{
		0x02, 0x01, 0, 0, 0, 0, 0, 0, // bt_sec
		0x03, 0x00, 0, 0, 0, 0, 0, 0, // bt_frac
		0x04, 0, 0, 0, // bh_caplen
		0x3c, 0, 0, 0, // bh_datalen
		0x22, 0, // bh_hdrlen
		0, 0, 0, 0, 0, 0, 0, 0, // padding
		0xaa, 0xbb, 0xcc, 0xdd,
	}
	want := []bpf.Record{{Stamp: 258*time.Second + 3, Frame: []byte{0xaa, 0xbb, 0xcc, 0xdd}}}
	if diff := cmp.Diff(want, all(b)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestNextRefuses(t *testing.T) {
	good := record(1, 2, make([]byte, 60))
	set := func(offset int, octets ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[offset:], octets)
		return b
	}
	tests := []struct {
		name string
		b    []byte
	}{
		{"nothing", nil},
		{"header cut short", good[:25]},
		{"no header", set(24, 0, 0)},
		{"header longer than the buffer", set(24, 0xff, 0xff)},
		{"frame longer than the buffer", set(16, 0xff, 0xff, 0xff, 0xff)},
		{"frame cut short", good[:len(good)-6]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r, rest, ok := bpf.Next(tt.b); ok || rest != nil {
				t.Errorf("record %v, rest %x, ok %v", r, rest, ok)
			}
		})
	}
}

func TestArrival(t *testing.T) {
	at := time.Now()
	tests := []struct {
		name         string
		clock, stamp time.Duration
		age          time.Duration
	}{
		{"a moment ago", 10 * time.Second, 9 * time.Second, time.Second},
		{"at that moment", 10 * time.Second, 10 * time.Second, 0},
		{"in the future", 10 * time.Second, 11 * time.Second, 0},
		{"no clock", 0, 9 * time.Second, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := at.Sub(bpf.Arrival(at, tt.clock, tt.stamp)); got != tt.age {
				t.Errorf("arrived %v before it was read, want %v", got, tt.age)
			}
		})
	}
}

func FuzzNext(f *testing.F) {
	f.Add(append(record(5, 7, make([]byte, 60)), record(math.MaxUint64, math.MaxUint64, make([]byte, 61))...))
	f.Fuzz(func(t *testing.T, b []byte) {
		for {
			r, rest, ok := bpf.Next(b)
			if !ok {
				return
			}
			if len(rest)+len(r.Frame)+26 > len(b) {
				t.Fatalf("%d octets left of %d behind a frame of %d", len(rest), len(b), len(r.Frame))
			}
			b = rest
		}
	})
}

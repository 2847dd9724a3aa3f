// SPDX-License-Identifier: Apache-2.0

package pcap_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/pcap"
)

// byteOrder is what a file is written in.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// header is that of a file.
func header(order byteOrder, magic, link uint32) []byte {
	b := order.AppendUint32(nil, magic)
	b = append(order.AppendUint16(order.AppendUint16(b, 2), 4), make([]byte, 8)...)
	return order.AppendUint32(order.AppendUint32(b, 65535), link)
}

// record appends one of which all was captured.
func record(order byteOrder, b []byte, seconds, fraction uint32, data []byte) []byte {
	for _, v := range []uint32{seconds, fraction, uint32(len(data)), uint32(len(data))} {
		b = order.AppendUint32(b, v)
	}
	return append(b, data...)
}

// read returns the records up to the error.
func read(b []byte) (list []pcap.Record, err error) {
	r, err := pcap.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	for {
		rec, err := r.Next()
		if err != nil {
			return list, err
		}
		rec.Frame = bytes.Clone(rec.Frame)
		list = append(list, rec)
	}
}

func TestOrdersAndUnits(t *testing.T) {
	frame := bytes.Repeat([]byte{7}, 60)
	for _, tt := range []struct {
		name  string
		order byteOrder
		magic uint32
		unit  time.Duration
	}{
		{"little endian, microseconds", binary.LittleEndian, 0xa1b2c3d4, time.Microsecond},
		{"big endian, microseconds", binary.BigEndian, 0xa1b2c3d4, time.Microsecond},
		{"little endian, nanoseconds", binary.LittleEndian, 0xa1b23c4d, time.Nanosecond},
		{"big endian, nanoseconds", binary.BigEndian, 0xa1b23c4d, time.Nanosecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := record(tt.order, header(tt.order, tt.magic, 1), 1000, 5, frame)
			b = record(tt.order, b, 1001, 6, frame[:14])
			got, err := read(b)
			want := []pcap.Record{
				{At: time.Unix(1000, 5*int64(tt.unit)).UTC(), Frame: frame, Length: 60},
				{At: time.Unix(1001, 6*int64(tt.unit)).UTC(), Frame: frame[:14], Length: 14},
			}
			if diff := cmp.Diff(want, got); diff != "" || err != io.EOF {
				t.Errorf("error %v, records (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestCooked reads the headers of pcap-linktype(7) that stand in the place of an Ethernet header.
func TestCooked(t *testing.T) {
	order := binary.BigEndian
	mac := []byte{2, 3, 4, 5, 6, 7}
	v1 := slices.Concat([]byte{0, 1, 0, 1, 0, 6}, mac, []byte{0, 0, 0x08, 0x00, 0x45, 0x01})
	v2 := slices.Concat([]byte{0x86, 0xdd, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6}, mac, []byte{0, 0, 0x60, 0x02})
	for _, tt := range []struct {
		name string
		link uint32
		data []byte
		want []byte
	}{
		{"SLL", 113, v1, slices.Concat(make([]byte, 6), mac, []byte{0x08, 0x00, 0x45, 0x01})},
		{"SLL2", 276, v2, slices.Concat(make([]byte, 6), mac, []byte{0x86, 0xdd, 0x60, 0x02})},
		{"SLL without an address", 113, slices.Concat(v1[:4], []byte{0, 0}, v1[6:]),
			slices.Concat(make([]byte, 12), []byte{0x08, 0x00, 0x45, 0x01})},
		{"SLL too short", 113, v1[:15], nil},
		{"SLL2 too short", 276, v2[:19], nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(record(order, header(order, 0xa1b2c3d4, tt.link), 1, 0, tt.data))
			if err != io.EOF || len(got) != 1 || !bytes.Equal(got[0].Frame, tt.want) {
				t.Errorf("%x, %v, want %x", got, err, tt.want)
			}
		})
	}
}

// TestCutFile gives what came before the cut, wherever that is.
func TestCutFile(t *testing.T) {
	order := binary.LittleEndian
	b := record(order, header(order, 0xa1b2c3d4, 1), 1, 0, make([]byte, 60))
	whole := len(b)
	b = record(order, b, 2, 0, make([]byte, 60))
	for n := range b {
		got, err := read(b[:n])
		records, want := 0, io.ErrUnexpectedEOF
		if n >= whole {
			records = 1
		}
		if n == 24 || n == whole {
			want = io.EOF
		}
		if !errors.Is(err, want) || len(got) != records {
			t.Errorf("cut at %d: %d records, %v, want %d, %v", n, len(got), err, records, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	order := binary.LittleEndian
	long := header(order, 0xa1b2c3d4, 1)
	for _, v := range []uint32{1, 0, 0xffffffff, 0xffffffff} {
		long = order.AppendUint32(long, v)
	}
	for _, tt := range []struct {
		name string
		b    []byte
		want error
	}{
		{"pcapng", append([]byte{0x0a, 0x0d, 0x0d, 0x0a}, make([]byte, 40)...), pcap.ErrFormat},
		{"link type", header(order, 0xa1b2c3d4, 105), pcap.ErrLinkType},
		{"length", long, pcap.ErrFormat},
	} {
		if got, err := read(tt.b); !errors.Is(err, tt.want) || got != nil {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
}

// FuzzReader checks that a reader gives frames no longer than the file, and comes to an end.
func FuzzReader(f *testing.F) {
	for _, link := range []uint32{1, 113, 276} {
		f.Add(record(binary.LittleEndian, header(binary.LittleEndian, 0xa1b2c3d4, link), 1, 2, make([]byte, 60)))
		f.Add(record(binary.BigEndian, header(binary.BigEndian, 0xa1b23c4d, link), 1, 2, make([]byte, 20)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := read(b)
		if err == nil {
			t.Fatal("no error at the end")
		}
		for _, r := range list {
			if len(r.Frame) > len(b) || r.Length < len(r.Frame) {
				t.Errorf("frame of %d octets, said to be %d, in a file of %d", len(r.Frame), r.Length, len(b))
			}
		}
	})
}

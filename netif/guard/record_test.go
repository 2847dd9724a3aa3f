// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// equal has go-cmp compare wills.
func equal() cmp.Options {
	return cmp.Options{
		cmp.AllowUnexported(change{}, will{}, address{}),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
		cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
		cmpopts.EquateEmpty(),
	}
}

// largest returns a will at its bounds.
func largest() *will {
	addrs := map[netip.Prefix]string{}
	for i := range maxAddrs {
		a := netip.AddrFrom16([16]byte{0: 0xfd, 14: byte(i >> 8), 15: byte(i)})
		addrs[netip.PrefixFrom(a, 128)] = strings.Repeat("d", maxName)
	}
	src, dst := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("ff02::12")
	return newWill(strings.Repeat("l", maxName), src, dst, make([]byte, maxGoodbye), addrs, 1<<63-1)
}

func samples() map[string]change {
	v4, v6 := netip.MustParseAddr("10.0.0.71"), netip.MustParseAddr("fe80::1")
	two := map[netip.Prefix]string{
		netip.MustParsePrefix("10.0.0.100/24"): "eth0", netip.MustParsePrefix("fd00::100/128"): "dummy0",
	}
	return map[string]change{
		"IPv4":           {51, newWill("eth0", v4, netip.MustParseAddr("224.0.0.18"), []byte{0x31, 51, 0}, two, 3*time.Second)},
		"IPv6":           {-1, newWill("eth0", v6, netip.MustParseAddr("ff02::12"), []byte{0x31}, nil, 0)},
		"addresses only": {0, newWill("", netip.Addr{}, netip.Addr{}, nil, two, -1)},
		"nothing":        {1 << 30, newWill("", netip.Addr{}, netip.Addr{}, nil, nil, 0)},
		"largest":        {1, largest()},
		"cleared":        {7, nil},
	}
}

// bodies returns the bodies of the records in a stream that comes in pieces of n octets.
func bodies(t *testing.T, stream []byte, n int) [][]byte {
	t.Helper()
	var s splitter
	var list [][]byte
	for len(stream) > 0 {
		n := min(n, len(stream))
		s.write(stream[:n])
		stream = stream[n:]
		for {
			body, ok, err := s.next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			list = append(list, body)
		}
	}
	if len(s.rest) > 0 {
		t.Errorf("%d octets are left", len(s.rest))
	}
	return list
}

// TestRecords sends changes through a stream.
func TestRecords(t *testing.T) {
	var stream []byte
	var want []change
	for name, c := range samples() {
		if c.will != nil {
			if err := c.will.check(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		stream, want = c.append(stream), append(want, c)
	}
	for _, n := range []int{1, 7, 1 << 16, len(stream)} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var got []change
			for _, body := range bodies(t, stream, n) {
				c, err := decodeChange(body)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, c)
			}
			if diff := cmp.Diff(want, got, equal()); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRecordOctets writes down what the octets are.
func TestRecordOctets(t *testing.T) {
	for name, test := range map[string]struct{ got, want string }{
		"clear": {hex.EncodeToString(change{id: 258}.append(nil)), "00000009" + "02" + "0000000000000102"},
		"ready": {hex.EncodeToString(ready{send: 1, remove: 19}.append(nil)), "00000009" + "03" + "00000001" + "00000013"},
		"set": {hex.EncodeToString(samples()["IPv4"].append(nil)), "0000004d" + "01" + "0000000000000033" + "00000000b2d05e00" + "0465746830" +
			"040a000047" + "04e0000012" + "0003" + "313300" + "00000002" +
			"040a000064" + "18" + "0465746830" + "10fd000000000000000000000000000100" + "80" + "0664756d6d7930"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %s, want %s", name, test.got, test.want)
		}
	}
}

// TestTooLong refuses a record without waiting for it.
func TestTooLong(t *testing.T) {
	var s splitter
	s.write([]byte{0xff, 0xff, 0xff, 0xff})
	if _, _, err := s.next(); !errors.Is(err, errRecord) {
		t.Errorf("error %v, want %v", err, errRecord)
	}
	if n := len(change{1, largest()}.append(nil)) - lengthLen; n > maxRecord {
		t.Errorf("the largest will has %d octets, above %d", n, maxRecord)
	}
}

// TestTruncated refuses bodies that end too early or too late.
func TestTruncated(t *testing.T) {
	for name, c := range samples() {
		if name == "largest" {
			continue
		}
		body := c.append(nil)[lengthLen:]
		for n := range body {
			if got, err := decodeChange(body[:n]); !errors.Is(err, errRecord) {
				t.Errorf("%s: %d octets: %v, %v", name, n, got, err)
			}
		}
		if _, err := decodeChange(append(bytes.Clone(body), 0)); !errors.Is(err, errRecord) {
			t.Errorf("%s: an octet too many: %v", name, err)
		}
	}
}

func TestReady(t *testing.T) {
	want := ready{send: 1, remove: 19}
	body := want.append(nil)[lengthLen:]
	if got, err := decodeReady(body); got != want || err != nil {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for n := range body {
		if _, err := decodeReady(body[:n]); !errors.Is(err, errRecord) {
			t.Errorf("%d octets: %v", n, err)
		}
	}
	if _, err := decodeReady(change{id: 1}.append(nil)[lengthLen:]); !errors.Is(err, errRecord) {
		t.Errorf("another record: %v", err)
	}
}

// FuzzRecord decodes anything. What is accepted is what would have been sent.
func FuzzRecord(f *testing.F) {
	for name, c := range samples() {
		if name != "largest" {
			f.Add(c.append(nil)[lengthLen:])
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := decodeChange(body)
		if err != nil {
			return
		}
		if got := c.append(nil)[lengthLen:]; !bytes.Equal(got, body) {
			t.Errorf("%x encoded again is %x", body, got)
		}
	})
}

// FuzzStream divides anything, in pieces of any size: the bodies are the same as those of the whole, and what is left
// is bounded.
func FuzzStream(f *testing.F) {
	f.Add(samples()["cleared"].append(samples()["IPv4"].append(nil)), uint8(3))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 1, 9, 0xff}, uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		whole, wholeErr := split(stream, len(stream))
		pieces, piecesErr := split(stream, int(size))
		if (wholeErr == nil) != (piecesErr == nil) {
			t.Errorf("as a whole %v, in pieces %v", wholeErr, piecesErr)
		}
		if diff := cmp.Diff(whole, pieces, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("bodies (-whole +pieces):\n%s", diff)
		}
	})
}

// split returns the bodies before the first error.
func split(stream []byte, size int) (list [][]byte, err error) {
	var s splitter
	for {
		for {
			body, ok, err := s.next()
			if err != nil {
				return list, err
			}
			if !ok {
				break
			}
			list = append(list, bytes.Clone(body))
		}
		if len(stream) == 0 {
			return list, nil
		}
		n := min(max(size, 1), len(stream))
		s.write(stream[:n])
		stream = stream[n:]
	}
}

// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// What the program and its guard say to each other on a stream: records of a length, 4 octets, and so many octets of
// which the first says what it is. Numbers are in network byte order. Both ends are the same program, so that there is
// one version of it.
const (
	kindSet   = 1 // by the program: id, 8; validity in ns, 8; link; src; dst; goodbye, length 2; count of addresses, 4; addresses
	kindClear = 2 // by the program: id, 8
	kindReady = 3 // by the guard, once: two error numbers, 4 each
)

const (
	lengthLen = 4

	// maxRecord is above the length of a will at its bounds.
	maxRecord = 1 << 20
)

// errRecord says that a record is not what it should be.
var errRecord = errors.New("malformed record")

// A change is a virtual router's new will; nil if it has none any more.
type change struct {
	id   int
	will *will
}

// ready is what the guard says when it has started: why it can't send and why it can't remove addresses, as numbers
// of errors; 0 if it can.
type ready struct{ send, remove uint32 }

// appendRecord appends the record whose body f appends.
func appendRecord(b []byte, f func([]byte) []byte) []byte {
	at := len(b)
	b = f(append(b, make([]byte, lengthLen)...))
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-lengthLen))
	return b
}

// append appends the record of a change, whose will must be one that check has nothing against.
func (c change) append(b []byte) []byte {
	return appendRecord(b, func(b []byte) []byte {
		if c.will == nil {
			return binary.BigEndian.AppendUint64(append(b, kindClear), uint64(c.id))
		}
		b = binary.BigEndian.AppendUint64(append(b, kindSet), uint64(c.id))
		return c.will.append(b)
	})
}

func (w *will) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(w.validity))
	b = appendString(b, w.link)
	b = appendString(b, string(w.src.AsSlice()))
	b = appendString(b, string(w.dst.AsSlice()))
	b = binary.BigEndian.AppendUint16(b, uint16(len(w.goodbye)))
	b = append(b, w.goodbye...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(w.addrs)))
	for _, a := range w.addrs {
		b = appendString(b, string(a.prefix.Addr().AsSlice()))
		b = append(b, uint8(a.prefix.Bits()))
		b = appendString(b, a.device)
	}
	return b
}

// appendString appends at most 255 octets with their length.
func appendString(b []byte, s string) []byte { return append(append(b, uint8(len(s))), s...) }

func (r ready) append(b []byte) []byte {
	return appendRecord(b, func(b []byte) []byte {
		b = binary.BigEndian.AppendUint32(append(b, kindReady), r.send)
		return binary.BigEndian.AppendUint32(b, r.remove)
	})
}

// decodeChange reads the body of a record.
func decodeChange(body []byte) (change, error) {
	r := reader{rest: body}
	kind, c := r.uint8(), change{id: int(r.uint64())}
	switch kind {
	case kindSet:
		c.will = r.will()
	case kindClear:
	default:
		r.bad = true
	}
	return c, r.end()
}

// decodeReady reads the body of a record.
func decodeReady(body []byte) (ready, error) {
	r := reader{rest: body}
	r.bad = r.uint8() != kindReady
	v := ready{send: r.uint32(), remove: r.uint32()}
	return v, r.end()
}

// A reader reads a body. What is not there is zero, and makes the body bad.
type reader struct {
	rest []byte
	bad  bool
}

// end returns whether the body was as it should be, and was read to its end.
func (r *reader) end() error {
	if r.bad || len(r.rest) > 0 {
		return errRecord
	}
	return nil
}

// octets returns the next n octets.
func (r *reader) octets(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return make([]byte, min(n, 16))
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint8() uint8   { return r.octets(1)[0] }
func (r *reader) uint16() uint16 { return binary.BigEndian.Uint16(r.octets(2)) }
func (r *reader) uint32() uint32 { return binary.BigEndian.Uint32(r.octets(4)) }
func (r *reader) uint64() uint64 { return binary.BigEndian.Uint64(r.octets(8)) }
func (r *reader) string() string { return string(r.octets(int(r.uint8()))) }

// addr returns an address; the zero one has no octets.
func (r *reader) addr() netip.Addr {
	s := r.string()
	a, ok := netip.AddrFromSlice([]byte(s))
	r.bad = r.bad || !ok && s != ""
	return a
}

// will returns a will, which is within the bounds that check sets.
func (r *reader) will() *will {
	w := &will{validity: time.Duration(r.uint64()), link: r.string(), src: r.addr(), dst: r.addr()}
	w.goodbye = append(w.goodbye, r.octets(int(r.uint16()))...)
	for n := r.uint32(); n > 0 && !r.bad && len(w.addrs) <= maxAddrs; n-- {
		w.addrs = append(w.addrs, address{netip.PrefixFrom(r.addr(), int(r.uint8())), r.string()})
	}
	r.bad = r.bad || w.check() != nil
	return w
}

// A splitter divides a stream into the bodies of its records.
type splitter struct{ rest []byte }

// write takes the next octets of the stream.
func (s *splitter) write(b []byte) { s.rest = append(s.rest, b...) }

// next returns the next body; it is not ok if that has not come completely yet. It is valid until the next write.
func (s *splitter) next() (body []byte, ok bool, err error) {
	if len(s.rest) < lengthLen {
		return nil, false, nil
	}
	n := binary.BigEndian.Uint32(s.rest)
	if n > maxRecord {
		return nil, false, fmt.Errorf("%w of %d octets", errRecord, n)
	}
	end := lengthLen + int(n)
	if len(s.rest) < end {
		return nil, false, nil
	}
	body, s.rest = s.rest[lengthLen:end:end], s.rest[end:]
	return body, true, nil
}

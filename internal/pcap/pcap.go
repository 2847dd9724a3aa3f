// SPDX-License-Identifier: Apache-2.0

// Package pcap reads capture files in the classic format of libpcap (pcap-savefile(5)), in both byte orders, with
// microseconds or nanoseconds, of Ethernet or of Linux cooked capture. It does not read pcapng.
package pcap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

var (
	// ErrFormat says that a file is not of the format, or that a record can't be. To be tested for with [errors.Is].
	ErrFormat = errors.New("pcap: not a capture file of the classic format")

	// ErrLinkType says that the frames of a file are of a kind that isn't read. To be tested for with [errors.Is].
	ErrLinkType = errors.New("pcap: link type is not supported")
)

// The numbers that a file begins with, in the byte order of whoever wrote it.
const (
	magicMicroseconds = 0xa1b2c3d4
	magicNanoseconds  = 0xa1b23c4d
)

// Layout of the header of the file and of a record.
const (
	fileHeaderLen  = 24
	linkTypeOffset = 20
	linkTypeMask   = 0x0fffffff // above it is the length of the frame check sequence

	recordHeaderLen = 16
	fractionOffset  = 4
	capturedOffset  = 8
	lengthOffset    = 12
)

// maxRecord bounds what a record makes the reader allocate: MAXIMUM_SNAPLEN of libpcap.
const maxRecord = 262144

// A Reader reads the records of a file one after the other. It is not safe for concurrent use.
type Reader struct {
	r        io.Reader
	order    binary.ByteOrder
	fraction time.Duration // unit of the fraction of a second
	link     linkType
	records  int
	data     []byte // of the last record
	frame    []byte // the same as an Ethernet frame
}

// A Record is a frame with the time at which it was captured.
type Record struct {
	At time.Time

	// Frame begins with an Ethernet header. What a cooked capture doesn't have of it, the destination among it, is zero.
	// It is valid until the next call of Next.
	Frame []byte

	// Length is how long the frame was. If it is longer than Frame, the end was not captured.
	Length int
}

// NewReader reads the header of a file. The error is [ErrFormat], [ErrLinkType] or that of r; of a file that ends in the
// header it is [io.ErrUnexpectedEOF]. To be tested for with [errors.Is].
func NewReader(r io.Reader) (*Reader, error) {
	var h [fileHeaderLen]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, fmt.Errorf("pcap: header of the file: %w", cut(err))
	}
	p := &Reader{r: r}
	if !p.setMagic(h[:4]) {
		return nil, fmt.Errorf("%w: it begins with %x", ErrFormat, h[:4])
	}
	p.link = linkType(p.order.Uint32(h[linkTypeOffset:]) & linkTypeMask)
	if !p.link.supported() {
		return nil, fmt.Errorf("%w: %d, neither Ethernet (1) nor Linux cooked (113, 276)", ErrLinkType, p.link)
	}
	return p, nil
}

// setMagic takes byte order and unit from the number that the file begins with.
func (p *Reader) setMagic(b []byte) bool {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		p.order = order
		switch order.Uint32(b) {
		case magicMicroseconds:
			p.fraction = time.Microsecond
			return true
		case magicNanoseconds:
			p.fraction = time.Nanosecond
			return true
		}
	}
	return false
}

// cut returns the error of a read that had to be complete.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Next returns the next record. At the end the error is [io.EOF], and in the middle of a record, because the file is cut,
// [io.ErrUnexpectedEOF]. A record that says it is longer than any can be is [ErrFormat]. To be tested for with
// [errors.Is]. A record too short for a frame of its kind has an empty one.
func (p *Reader) Next() (Record, error) {
	var h [recordHeaderLen]byte
	n, err := io.ReadFull(p.r, h[:])
	if n == 0 && errors.Is(err, io.EOF) {
		return Record{}, io.EOF
	}
	if err != nil {
		return Record{}, p.failed("header", cut(err))
	}
	captured := p.order.Uint32(h[capturedOffset:])
	if captured > maxRecord {
		return Record{}, p.failed(fmt.Sprintf("length %d, at most %d", captured, maxRecord), ErrFormat)
	}
	if cap(p.data) < int(captured) {
		p.data = make([]byte, captured)
	}
	p.data = p.data[:captured]
	if _, err := io.ReadFull(p.r, p.data); err != nil {
		return Record{}, p.failed("frame", cut(err))
	}
	p.records++
	p.frame = p.link.ethernet(p.frame[:0], p.data)
	seconds, fraction := int64(p.order.Uint32(h[:])), int64(p.order.Uint32(h[fractionOffset:]))
	return Record{
		At:     time.Unix(seconds, fraction*int64(p.fraction)).UTC(),
		Frame:  p.frame,
		Length: len(p.frame) + int(max(0, int64(p.order.Uint32(h[lengthOffset:]))-int64(len(p.data)))),
	}, nil
}

// failed says which record could not be read.
func (p *Reader) failed(what string, err error) error {
	return fmt.Errorf("pcap: record %d: %s: %w", p.records+1, what, err)
}

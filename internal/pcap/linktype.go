// SPDX-License-Identifier: Apache-2.0

package pcap

import "encoding/binary"

// linkType is what the frames of a file are (LINKTYPE_ of libpcap).
type linkType uint32

const (
	ethernet linkType = 1
	cooked   linkType = 113 // LINKTYPE_LINUX_SLL
	cooked2  linkType = 276 // LINKTYPE_LINUX_SLL2
)

// Where a cooked header has the type of the payload, the length of the sender's address and that address.
const (
	cookedSenderLen = 4
	cookedSender    = 6
	cookedProtocol  = 14
	cookedLen       = 16

	cooked2Protocol  = 0
	cooked2SenderLen = 11
	cooked2Sender    = 12
	cooked2Len       = 20
)

// macLen is the length of a MAC address.
const macLen = 6

func (l linkType) supported() bool { return l == ethernet || l == cooked || l == cooked2 }

// ethernet appends the Ethernet frame that a record holds, nothing if the record is too short.
func (l linkType) ethernet(frame, b []byte) []byte {
	switch {
	case l == ethernet:
		return append(frame, b...)
	case l == cooked && len(b) >= cookedLen:
		length := binary.BigEndian.Uint16(b[cookedSenderLen:])
		return appendFrame(frame, int(length), b[cookedSender:], b[cookedProtocol:], b[cookedLen:])
	case l == cooked2 && len(b) >= cooked2Len:
		return appendFrame(frame, int(b[cooked2SenderLen]), b[cooked2Sender:], b[cooked2Protocol:], b[cooked2Len:])
	}
	return frame
}

// appendFrame appends a frame without destination.
func appendFrame(frame []byte, senderLen int, sender, protocol, payload []byte) []byte {
	var src [macLen]byte
	if senderLen == macLen {
		copy(src[:], sender)
	}
	frame = append(frame, make([]byte, macLen)...)
	frame = append(frame, src[:]...)
	frame = append(frame, protocol[:2]...)
	return append(frame, payload...)
}

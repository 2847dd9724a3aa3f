// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtsock"
)

// A request of ioctl(2) has the size of what it is about in 13 of its bits (sys/ioccom.h): the kernel reads and writes as
// many octets, whatever it was given. These compile only if the sizes are right.
var (
	_ [unix.BIOCSBLEN >> 16 & 0x1fff]byte      = [unsafe.Sizeof(uint32(0))]byte{}
	_ [unix.BIOCGDLT >> 16 & 0x1fff]byte       = [unsafe.Sizeof(uint32(0))]byte{}
	_ [unix.BIOCSTSTAMP >> 16 & 0x1fff]byte    = [unsafe.Sizeof(number{}.value)]byte{}
	_ [unix.BIOCIMMEDIATE >> 16 & 0x1fff]byte  = [unsafe.Sizeof(number{}.value)]byte{}
	_ [unix.BIOCSDIRECTION >> 16 & 0x1fff]byte = [unsafe.Sizeof(number{}.value)]byte{}
	_ [unix.BIOCSHDRCMPLT >> 16 & 0x1fff]byte  = [unsafe.Sizeof(number{}.value)]byte{}
	_ [unix.BIOCSETF >> 16 & 0x1fff]byte       = [unsafe.Sizeof(unix.BpfProgram{})]byte{}
	_ [unix.BIOCSETIF >> 16 & 0x1fff]byte      = [unsafe.Sizeof(ifreq{})]byte{}
	_ [siocgifaflagIn6 >> 16 & 0x1fff]byte     = [unsafe.Sizeof(in6Ifreq{})]byte{}
)

// TestPacketInfo: the data of a control message begins where struct cmsghdr, aligned, ends, and the message is as long as
// both together.
func TestPacketInfo(t *testing.T) {
	src := netip.MustParseAddr("fe80::1")
	u := newUnicast(0)
	b := u.packetInfo(&rtsock.Link{Index: 7}, src)
	messages, err := unix.ParseSocketControlMessage(b)
	if err != nil || len(messages) != 1 {
		t.Fatalf("control messages %v, error %v", messages, err)
	}
	m := messages[0]
	if m.Header.Level != unix.IPPROTO_IPV6 || m.Header.Type != unix.IPV6_PKTINFO || len(m.Data) != unix.SizeofInet6Pktinfo {
		t.Fatalf("control message %+v", m)
	}
	info := (*unix.Inet6Pktinfo)(unsafe.Pointer(&m.Data[0]))
	if netip.AddrFrom16(info.Addr) != src || info.Ifindex != 7 {
		t.Errorf("packet info %+v", info)
	}
}

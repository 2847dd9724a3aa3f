// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mdlayher/packet"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// maxFrame is as long as a frame may be: jumbo, and coalesced by the network card.
const maxFrame = 1 << 16

// A listener receives what comes and goes by a link. It never sends, and joins no
// group: that would make the host answer in IGMP and MLD.
type listener struct {
	name   string
	conn   *packet.Conn
	raw    syscall.RawConn
	closed atomic.Bool
}

// listen opens a link. The error is [os.ErrPermission] without CAP_NET_RAW.
func listen(name string, promiscuous bool) (*listener, error) {
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("link %s: %w", name, err)
	}
	filter, err := bpf.Assemble(listenFilter())
	if err != nil {
		return nil, err
	}
	conn, err := packet.Listen(ifi, packet.Raw, unix.ETH_P_ALL, &packet.Config{Filter: filter})
	if err != nil {
		return nil, fmt.Errorf("link %s: %w", name, err)
	}
	l := &listener{name: name, conn: conn}
	if l.raw, err = conn.SyscallConn(); err == nil {
		err = l.set(ifi.Index, promiscuous)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("link %s: %w", name, err), conn.Close())
	}
	return l, nil
}

// set has the link take frames to every group, or to every address, and the kernel say
// when a frame came and with which tag. The membership ends with the socket.
func (l *listener) set(index int, promiscuous bool) error {
	mreq := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_ALLMULTI}
	if promiscuous {
		mreq.Type = unix.PACKET_MR_PROMISC
	}
	var err error
	control := l.raw.Control(func(fd uintptr) {
		err = errors.Join(
			os.NewSyscallError("setsockopt", unix.SetsockoptPacketMreq(int(fd), unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &mreq)),
			os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.SOL_PACKET, unix.PACKET_AUXDATA, 1)),
			os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1)))
	})
	return errors.Join(control, err)
}

// run hands frames over, which are valid during the call, until the listener is closed.
// The link is called by its name and the VLAN tag that the kernel took off.
func (l *listener) run(take func(at time.Time, link string, frame []byte)) error {
	b, oob := make([]byte, maxFrame), make([]byte, 256)
	for {
		n, at, vlan, err := l.receive(b, oob)
		switch {
		case l.closed.Load():
			return nil
		case errors.Is(err, unix.ENETDOWN): // and up again some time
		case err != nil:
			return fmt.Errorf("link %s: %w", l.name, err)
		default:
			take(at, l.name+vlan, b[:n])
		}
	}
}

// receive waits for a frame.
func (l *listener) receive(b, oob []byte) (n int, at time.Time, vlan string, err error) {
	oobn := 0
	var readErr error
	err = l.raw.Read(func(fd uintptr) bool {
		n, oobn, _, _, readErr = unix.Recvmsg(int(fd), b, oob, 0)
		return readErr != unix.EAGAIN && readErr != unix.EINTR
	})
	if err == nil {
		err = os.NewSyscallError("recvmsg", readErr)
	}
	if err != nil {
		return 0, at, "", err
	}
	stamp, vlan := ancillary(oob[:oobn])
	return n, arrival(time.Now(), stamp), vlan, nil
}

// maxAge is how old a frame can be that has waited to be read.
const maxAge = time.Second

// arrival returns when a frame was taken in that is read at now. The stamp is by the clock
// on the wall, which can be set; what is returned goes on evenly, as now does.
func arrival(now, stamp time.Time) time.Time {
	if stamp.IsZero() {
		return now
	}
	return now.Add(-min(max(now.Sub(stamp), 0), maxAge))
}

// Layout of struct tpacket_auxdata.
const (
	auxStatus = 0
	auxTCI    = 16
	auxLen    = 20
)

// ancillary reads what the kernel says of a frame: when it came, by the clock on the wall,
// and its tag.
func ancillary(oob []byte) (stamp time.Time, vlan string) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return stamp, ""
	}
	for _, m := range messages {
		switch {
		case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS_NEW && len(m.Data) >= 16:
			stamp = time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:])))
		case m.Header.Level == unix.SOL_PACKET && m.Header.Type == unix.PACKET_AUXDATA && len(m.Data) >= auxLen:
			if binary.NativeEndian.Uint32(m.Data[auxStatus:])&unix.TP_STATUS_VLAN_VALID != 0 {
				vlan = "." + strconv.Itoa(int(binary.NativeEndian.Uint16(m.Data[auxTCI:])&vlanMask))
			}
		}
	}
	return stamp, vlan
}

// close ends run.
func (l *listener) close() error {
	l.closed.Store(true)
	return l.conn.Close()
}

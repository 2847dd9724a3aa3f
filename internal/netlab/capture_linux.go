// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// longWait bounds a wait that a bell ends.
const longWait = time.Minute

func (l *Lab) capture(f func(at time.Time, frame []byte)) (stop func(), err error) {
	s, err := listenAll(l.sys.switches[0].Index)
	if err != nil {
		return nil, fmt.Errorf("netlab: capture: %w", err)
	}
	b, err := newBell()
	if err != nil {
		s.close()
		return nil, fmt.Errorf("netlab: capture: %w", err)
	}
	stopped := make(chan time.Time, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer b.close()
		defer s.close()
		deliver(s, b, stopped, f)
	}()
	return sync.OnceFunc(func() {
		stopped <- time.Now()
		b.ring()
		<-done
	}), nil
}

// deliver hands over frames until the time that stopped says. It decides by the time a frame arrived, so that the end
// is reached on a busy switch, too.
func deliver(s *socket, b bell, stopped <-chan time.Time, f func(time.Time, []byte)) {
	var end time.Time
	for {
		p, err := s.receive()
		switch {
		case err == nil && !end.IsZero() && p.at.After(end):
			return
		case err == nil:
			f(p.at, p.data)
			continue
		case !end.IsZero():
			return
		}
		select {
		case end = <-stopped:
		default:
			s.wait(longWait, int(b))
		}
	}
}

// listenAll returns a packet socket that gets every frame that a bridge forwards: one that listens to all makes the
// bridge hand a copy of each to the host it is on.
func listenAll(ifindex int) (*socket, error) {
	s, err := newSocket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		return nil, err
	}
	all := unix.PacketMreq{Ifindex: int32(ifindex), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(s.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &all); err != nil {
		s.close()
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(s.fd, &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: ifindex}); err != nil {
		s.close()
		return nil, os.NewSyscallError("bind", err)
	}
	return s, nil
}

// networkOrder returns a number whose bytes in memory are v's in network byte order.
func networkOrder(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

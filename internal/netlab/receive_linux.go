// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A socket is non-blocking and has the kernel note when each packet arrived.
type socket struct {
	fd   int
	data [65536]byte
	oob  [128]byte
}

// newSocket opens a socket in the namespace of this thread. The receive buffer is large, for a process that is held up.
func newSocket(domain, typ, protocol int) (*socket, error) {
	fd, err := unix.Socket(domain, typ|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	s := &socket{fd: fd}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		s.close()
		return nil, os.NewSyscallError("setsockopt", err)
	}
	const large = 8 << 20
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, large) != nil {
		// Root of a user namespace is bound to net.core.rmem_max, and gets what that allows.
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, large)
	}
	return s, nil
}

func (s *socket) close() { unix.Close(s.fd) }

// A packet is what a socket received.
type packet struct {
	data []byte    // valid until the next one
	at   time.Time // when it arrived, by the kernel's clock
	from netip.Addr
}

// receive returns the next packet; the error is EAGAIN if there is none.
func (s *socket) receive() (packet, error) {
	for {
		n, oobn, _, from, err := unix.Recvmsg(s.fd, s.data[:], s.oob[:], 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return packet{}, err
		}
		return packet{data: s.data[:n], at: arrival(s.oob[:oobn]), from: sender(from)}, nil
	}
}

// wait blocks until a packet is there, or another descriptor is readable, or the time is over.
func (s *socket) wait(d time.Duration, other int) {
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}, {Fd: int32(other), Events: unix.POLLIN}}
	timeout := unix.NsecToTimespec(int64(max(d, 0)))
	_, _ = unix.Ppoll(fds, &timeout, nil) // a wait that ends early does no harm
}

// arrival returns the time in a control message, as one that can be compared with others by the monotonic clock.
func arrival(oob []byte) time.Time {
	now := time.Now()
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return now
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			stamp := (*unix.Timespec)(unsafe.Pointer(&m.Data[0]))
			return now.Add(time.Unix(stamp.Unix()).Sub(now))
		}
	}
	return now
}

func sender(from unix.Sockaddr) netip.Addr {
	switch a := from.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(a.Addr)
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(a.Addr)
	}
	return netip.Addr{}
}

// A bell wakes a thread that waits for a socket.
type bell int

func newBell() (bell, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	return bell(fd), os.NewSyscallError("eventfd", err)
}

func (b bell) ring() {
	var one = [8]byte{7: 1, 0: 1} // not zero in either byte order
	_, _ = unix.Write(int(b), one[:])
}

func (b bell) close() { unix.Close(int(b)) }

// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// senderSys is what Linux needs of a sender: a socket of its own.
type senderSys struct{ fd, index int }

func (h *Host) sender(link int) (*Sender, error) {
	s := &Sender{}
	err := h.do(func() (err error) {
		s.sys.fd, s.sys.index, err = packetSocket(ifName(link))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("netlab: host %s: send on %s: %w", h.name, ifName(link), err)
	}
	return s, nil
}

// packetSocket returns a socket that sends frames and receives none, and the number of the interface.
func packetSocket(name string) (fd, index int, err error) {
	if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return -1, 0, os.NewSyscallError("socket", err)
	}
	ifreq, err := unix.NewIfreq(name)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifreq)
	}
	if err != nil {
		unix.Close(fd)
		return -1, 0, err
	}
	return fd, int(ifreq.Uint32()), nil
}

func (s *Sender) send(frames [][]byte) error {
	to := &unix.SockaddrLinklayer{Ifindex: s.sys.index}
	for _, f := range frames {
		if err := unix.Sendto(s.sys.fd, f, 0, to); err != nil {
			return fmt.Errorf("netlab: %w", os.NewSyscallError("sendto", err))
		}
	}
	return nil
}

func (s *Sender) close() error { return unix.Close(s.sys.fd) }

func (h *Host) deliver(link int, frame []byte) error {
	s := &Sender{}
	var err error
	if s.sys.fd, s.sys.index, err = packetSocket(h.port(link)); err != nil {
		return fmt.Errorf("netlab: switch: send on %s: %w", h.port(link), err)
	}
	defer s.Close()
	return s.Send(frame)
}

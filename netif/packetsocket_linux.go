// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net"

	"github.com/mdlayher/packet"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// openPacket returns a packet socket (packet(7)) on a link, with a filter if it is to receive, that does not block and that
// the runtime of Go does not poll. Of a socket that it polls the kernel tells it whenever something comes in, and whenever
// something that was sent has left: a thread wakes up for each announcement, on the processor that sends them.
func openPacket(l *link, protocol int, program []bpf.Instruction) (fd int, err error) {
	var cfg packet.Config
	if program != nil {
		if cfg.Filter, err = bpf.Assemble(program); err != nil {
			return -1, err
		}
	}
	conn, err := packet.Listen(&net.Interface{Index: l.index}, packet.Raw, protocol, &cfg)
	if err != nil {
		return -1, err
	}
	defer conn.Close() // which ends the polling, and leaves the socket to its other descriptor
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, err
	}
	dupErr := error(nil)
	err = raw.Control(func(of uintptr) { fd, dupErr = unix.FcntlInt(of, unix.F_DUPFD_CLOEXEC, 0) })
	if err == nil {
		err = dupErr
	}
	if err != nil {
		return -1, err
	}
	return fd, nil
}

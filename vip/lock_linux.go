// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// A lock is the claim to a mark on a device, as long as it is open and the process lives: an abstract socket, of which
// there can be one of a name in a network namespace. It has another socket in the same namespace to find out which
// marks are claimed. Both are -1 in a lock that came to nothing.
type lock struct {
	device       string
	claim, probe int
}

// newLock claims the first mark that is free. The error says why there is none; the lock is closed all the same.
func newLock(device string) (lock, uint8, error) {
	l := lock{device: device, claim: -1, probe: -1}
	for _, fd := range []*int{&l.claim, &l.probe} {
		var err error
		if *fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
			l.close()
			return l, unlocked, os.NewSyscallError("socket", err)
		}
	}
	_ = unix.Shutdown(l.claim, unix.SHUT_RD) // nobody is to fill its queue
	for mark := uint8(Protocol); mark < unlocked; mark++ {
		err := unix.Bind(l.claim, l.name(mark))
		if err == nil {
			return l, mark, nil
		}
		if err != unix.EADDRINUSE {
			l.close()
			return l, unlocked, os.NewSyscallError("bind", err)
		}
	}
	l.close()
	return l, unlocked, errors.New("every mark is in use")
}

// name returns the name of the socket that claims a mark.
func (l *lock) name(mark uint8) unix.Sockaddr {
	return &unix.SockaddrUnix{Name: "@github.com/go-fhrp/fhrp/vip/" + l.device + "/" + strconv.Itoa(int(mark))}
}

// free reports whether it is certain that nobody claims a mark.
func (l *lock) free(mark uint8) bool {
	return l.probe >= 0 && unix.Connect(l.probe, l.name(mark)) == unix.ECONNREFUSED
}

// close ends the claim.
func (l *lock) close() {
	for _, fd := range []*int{&l.claim, &l.probe} {
		if *fd >= 0 {
			unix.Close(*fd)
		}
		*fd = -1
	}
}

// SPDX-License-Identifier: Apache-2.0

package routes

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// claim tells other processes in the network namespace that this one has routes there, as long as it is open and the process
// lives: an abstract socket, of which there can be one of a name. It is 0 where there is none.
type claim int

// claims is how many processes can have one each.
const claims = 16

// newClaim makes a claim, and returns whether it is the only one.
func newClaim() (c claim, alone bool, err error) {
	probe, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, false, os.NewSyscallError("socket", err)
	}
	defer unix.Close(probe)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, false, os.NewSyscallError("socket", err)
	}
	_ = unix.Shutdown(fd, unix.SHUT_RD) // nobody is to fill its queue
	c = claim(fd)
	bound := false
	alone = true
	for n := range claims {
		err := error(unix.EADDRINUSE)
		if !bound {
			err = unix.Bind(fd, claimName(n))
			bound = err == nil
		}
		switch {
		case err == nil:
		case err != unix.EADDRINUSE:
			return 0, false, errors.Join(os.NewSyscallError("bind", err), c.close())
		case unix.Connect(probe, claimName(n)) != unix.ECONNREFUSED:
			alone = false
		}
	}
	if !bound {
		return 0, false, errors.Join(errors.New("too many processes have routes in this network namespace"), c.close())
	}
	return c, alone, nil
}

// claimName returns the name of the socket of a claim.
func claimName(n int) unix.Sockaddr {
	return &unix.SockaddrUnix{Name: "@github.com/go-fhrp/fhrp/routes/" + strconv.Itoa(n)}
}

// close ends the claim.
func (c claim) close() error {
	if c == 0 {
		return nil
	}
	return os.NewSyscallError("close", unix.Close(int(c)))
}

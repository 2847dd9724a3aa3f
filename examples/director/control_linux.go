// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// control returns what is done to a socket before it connects: the link and the mark that a check asks for.
func control(c keepalived.Check) func(network, address string, raw syscall.RawConn) error {
	if c.Link == "" && c.Mark == 0 {
		return nil
	}
	return func(_, _ string, raw syscall.RawConn) error {
		var errs []error
		err := raw.Control(func(fd uintptr) {
			if c.Link != "" {
				errs = append(errs, os.NewSyscallError("SO_BINDTODEVICE", unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, c.Link)))
			}
			if c.Mark != 0 {
				errs = append(errs, os.NewSyscallError("SO_MARK", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, int(c.Mark))))
			}
		})
		return errors.Join(append(errs, err)...)
	}
}

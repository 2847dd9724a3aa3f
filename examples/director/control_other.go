// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import (
	"errors"
	"syscall"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// control returns what is done to a socket before it connects.
func control(c keepalived.Check) func(network, address string, raw syscall.RawConn) error {
	if c.Link == "" && c.Mark == 0 {
		return nil
	}
	return func(string, string, syscall.RawConn) error { return errors.ErrUnsupported }
}

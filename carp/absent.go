// SPDX-License-Identifier: Apache-2.0

//go:build !plan9 && !wasip1

package carp

import (
	"errors"
	"syscall"
)

// peerAbsent reports whether a packet could not be sent for want of the host that
// it was for.
func peerAbsent(err error) bool {
	return errors.Is(err, syscall.EHOSTDOWN) || errors.Is(err, syscall.EHOSTUNREACH)
}

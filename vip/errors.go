// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// Errors to be tested for with [errors.Is].
var (
	// ErrNoDevice says that there is no network device of that name now. It is the errno ENODEV.
	ErrNoDevice error = syscall.ENODEV

	// ErrAddress says that no device can hold the address, see [Validate].
	ErrAddress = errors.New("not an address that a device can hold")

	// ErrLifetime says that a lease is shorter than a second.
	ErrLifetime = errors.New("lifetime of less than a second")

	// ErrLost says that somebody else removed an address that a [Keeper] holds, and that it has not been put back.
	ErrLost = errors.New("removed by somebody else")

	// ErrNoBackend says that a [ByPrefix] has no backend for the address.
	ErrNoBackend = errors.New("no backend for this address")
)

// What an [AddrError] was about.
const (
	OpAdd    = "add"
	OpRemove = "remove"
	OpLease  = "lease"
)

// An AddrError says why an address could not be added, removed or leased. Where several failed, an error joins one for each;
// [errors.As] finds the first.
type AddrError struct {
	Op     string       // OpAdd, OpRemove or OpLease
	Device string       // name of the device; empty where the backend is not one
	Prefix netip.Prefix // the address
	Err    error        // the cause: as a rule an errno, which may match [os.ErrPermission]; or the error of the context
}

// Error returns the operation, the address, the device and the cause.
func (e *AddrError) Error() string {
	if e.Device == "" {
		return fmt.Sprintf("vip: %s %v: %v", e.Op, e.Prefix, e.Err)
	}
	return fmt.Sprintf("vip: %s %v on %s: %v", e.Op, e.Prefix, e.Device, e.Err)
}

// Unwrap returns the cause.
func (e *AddrError) Unwrap() error { return e.Err }

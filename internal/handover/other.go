// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package handover

import (
	"context"
	"errors"
	"os/exec"

	"github.com/go-fhrp/fhrp/vip"
)

// Keepers are the keepers of a daemon, by the names of their devices.
type Keepers map[string]*vip.Keeper

// Transfer is that of a router of VRRP, or of a host of CARP.
type Transfer = func(ctx context.Context, legacy []byte) (receipt []byte, err error)

// Replace is for Unix: the error is errors.ErrUnsupported.
func Replace(context.Context, *exec.Cmd, Keepers, func(context.Context, Transfer) error) (Taken, error) {
	return Taken{}, errors.ErrUnsupported
}

// Predecessor is the process that this one was started to replace: there is none on this system.
type Predecessor struct{}

// Open returns that there is none.
func Open(args []string) (*Predecessor, []string, error) { return nil, args, nil }

// Interrupt ends the wait for what the predecessor leaves.
func (p *Predecessor) Interrupt() {}

// Inherit is for Unix: the error is errors.ErrUnsupported.
func (p *Predecessor) Inherit(Keepers, []string, Transfer) error {
	return errors.ErrUnsupported
}

// Close does nothing.
func (p *Predecessor) Close() error { return nil }

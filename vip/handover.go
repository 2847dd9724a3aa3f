// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/go-fhrp/fhrp/internal/legacy"
)

// legacyVersion is that of the form of keeperLegacy.
const legacyVersion = 1

// keeperLegacy is what a Keeper leaves to another one.
type keeperLegacy struct {
	Made   int64          `json:"made"` // by the wall clock, in nanoseconds since 1970
	Device string         `json:"device"`
	Mark   uint8          `json:"mark"`
	Own    []netip.Prefix `json:"own,omitempty"` // that bear the mark, where the kernel doesn't say so
	Wishes []wishLegacy   `json:"wishes"`
}

// wishLegacy is an address that is to be there.
type wishLegacy struct {
	Prefix netip.Prefix  `json:"prefix"`
	Until  legacy.Offset `json:"until,omitempty"` // end of its lease
	Single bool          `json:"single,omitempty"`
	Held   bool          `json:"held,omitempty"`
}

// check returns why a legacy can't be one.
func (l *keeperLegacy) check(device string) error {
	if l.Device != device {
		return fmt.Errorf("legacy of %q", l.Device)
	}
	if !isKeepers(l.Mark) && l.Mark != unlocked {
		return fmt.Errorf("legacy with mark %d", l.Mark)
	}
	for _, w := range l.Wishes {
		if err := Validate(w.Prefix); err != nil {
			return fmt.Errorf("legacy: %w", err)
		}
	}
	for _, p := range l.Own {
		if err := Validate(p); err != nil {
			return fmt.Errorf("legacy: %w", err)
		}
	}
	return nil
}

// ErrLegacy is what the error of [Keeper.Inherit] matches for a legacy in a form that this
// version of the package doesn't know.
var ErrLegacy = legacy.ErrVersion

// errTaken is the error of what a Keeper does no more after it was taken over.
var errTaken = errors.New("another process has taken over")

// Claim returns a file that stands for the Keeper's claim to its mark, nil if it has none: for
// another process, which inherits it by its execution (os/exec.Cmd.ExtraFiles) and gives it to
// [Keeper.Inherit]. The mark stays claimed as long as one of the two is open. The caller closes
// it.
func (k *Keeper) Claim() (*os.File, error) { return k.claim() }

// HandOver has the Keeper stand still, for that of another process to take its place by
// [Keeper.Inherit] of the legacy, until end is called: whether that has taken over. If so the
// addresses stay, this Keeper wishes for none any more, Add and Lease fail, and Close removes
// nothing; what is removed explicitly goes all the same. Else all goes on. end must be called
// once. No other method may be called before that by who calls end.
//
// Errors: that of ctx while the device is in use, and that of a closed Keeper.
func (k *Keeper) HandOver(ctx context.Context) (legacy []byte, end func(taken bool), err error) {
	legacy, end, err = k.handOver(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("vip: keep %s: hand over: %w", k.device.name, err)
	}
	return legacy, end, nil
}

// Inherit takes the place of a Keeper of another process, which stands still by
// [Keeper.HandOver]: its addresses are those of this one from now on, with the rest of their
// leases, and nothing is done to them. One that goes before this Keeper is asked for it, by Add or
// Lease, is not put back: its owner there may have removed it. What bears the mark without being
// wished for is swept.
// claim is what [Keeper.Claim] has returned there, nil for none; the caller closes it. The
// Keeper is not to have wished for anything yet. The error is about a legacy that can't be,
// and nothing is changed then; it matches [ErrLegacy] if only its form isn't known.
func (k *Keeper) Inherit(legacy []byte, claim *os.File) error {
	if err := k.inherit(legacy, claim); err != nil {
		return fmt.Errorf("vip: keep %s: inherit: %w", k.device.name, err)
	}
	return nil
}

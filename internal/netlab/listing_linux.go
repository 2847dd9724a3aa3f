// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"errors"

	"github.com/vishvananda/netlink"
)

// maxListings is how often [Whole] asks. Only a host whose configuration never rests comes near.
const maxListings = 1000

// Whole asks the kernel for a listing, again for as long as the kernel says that something changed while it was made:
// such a listing may lack entries, or have them twice.
func Whole[T any](list func() ([]T, error)) (all []T, err error) {
	for range maxListings {
		if all, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			return all, err
		}
	}
	return nil, err
}

// SPDX-License-Identifier: Apache-2.0

package netlab_test

import (
	"errors"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// TestWholeAsksAgain holds that an interrupted listing is made again, and that no other failure is.
func TestWholeAsksAgain(t *testing.T) {
	asked := 0
	all, err := netlab.Whole(func() ([]int, error) {
		if asked++; asked < 3 {
			return []int{1}, netlink.ErrDumpInterrupted
		}
		return []int{1, 2}, nil
	})
	if len(all) != 2 || err != nil || asked != 3 {
		t.Errorf("%v, %v after %d", all, err, asked)
	}
	broken := errors.New("broken")
	if _, err := netlab.Whole(func() ([]int, error) { asked++; return nil, broken }); err != broken || asked != 4 {
		t.Errorf("%v after %d", err, asked)
	}
	if _, err := netlab.Whole(func() ([]int, error) { return nil, netlink.ErrDumpInterrupted }); !errors.Is(err, netlink.ErrDumpInterrupted) {
		t.Errorf("a listing that is always interrupted: %v", err)
	}
}

// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !freebsd

package netif_test

import (
	"errors"
	"testing"

	"github.com/go-fhrp/fhrp/netif"
)

func TestUnsupported(t *testing.T) {
	if _, err := netif.Open(nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Open: error %v", err)
	}
	if _, err := netif.LinkByName("em0"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("LinkByName: error %v", err)
	}
}

// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package netif_test

import (
	"errors"
	"testing"

	"github.com/go-fhrp/fhrp/netif"
)

func TestLinksUnsupported(t *testing.T) {
	if _, err := netif.AddDummy(""); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("AddDummy: error %v", err)
	}
	if _, err := netif.AddMacvlan(netif.MacvlanConfig{Parent: "em0", VRID: 1}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("AddMacvlan: error %v", err)
	}
	var sysctls netif.Sysctls
	if _, err := sysctls.Apply(netif.NonlocalBind(false)...); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Sysctls: error %v", err)
	}
}

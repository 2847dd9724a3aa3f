// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/vmtest"
)

// TestGuest runs what needs drivers on a kernel that has them.
func TestGuest(t *testing.T) {
	vmtest.Run(t, vmtest.Config{
		Modules: []string{"dummy"},
		Tests:   []string{"TestDummy", "TestDummyOfOthers", "TestAddressesOnDummy"},
	})
}

// SPDX-License-Identifier: Apache-2.0

package drivers

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-fhrp/fhrp/internal/vmtest"
)

// TestGuest runs the tests of this package in a virtual machine.
func TestGuest(t *testing.T) {
	vmtest.Run(t, vmtest.Config{
		Modules:  []string{"dummy", "8021q", "bonding", "vrf", "sch_netem"},
		Tests:    []string{"TestDummy", "TestVLAN", "TestBond", "TestVRF", "TestNetem"},
		Parallel: 3, // nearly all of their time is the protocols'
		Programs: map[string]string{"vrrpd": build(t, "vrrpd"), "carpd": build(t, "carpd")},
	})
}

// build builds one of the examples.
func build(t *testing.T, name string) string {
	t.Helper()
	if vmtest.Inside() || testing.Short() {
		return ""
	}
	file := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", file, "../../examples/"+name).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return file
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"

	"github.com/go-fhrp/fhrp/internal/vmtest"
)

// TestMain makes of this executable the program itself, for tests of it as a whole.
func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// beProgram is the variable that says so.
const beProgram = "DIRECTOR_TEST_MAIN"

// TestGuest runs what needs IPVS on a kernel that has it.
func TestGuest(t *testing.T) {
	vmtest.Run(t, vmtest.Config{
		Modules:  []string{"dummy", "ip_vs", "ip_vs_wlc", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "ipip", "sch_ingress", "cls_flower", "act_skbedit"},
		Tests:    []string{"TestPair", "TestReload", "TestForwarding", "TestMarks", "TestAlerts", "TestKernelTable", "TestKernelSync"},
		Parallel: 4, // nearly all of their time is the protocols'
		Programs: []string{"github.com/go-fhrp/fhrp/examples/realserver"},
	})
}

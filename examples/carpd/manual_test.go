// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	stdflag "flag"
	"testing"

	"github.com/go-fhrp/fhrp/internal/manual"
)

//go:generate go test -run ^TestManual$ . -update

var update = stdflag.Bool("update", false, "write the manual page anew")

// TestManual holds that the manual page is what the comment of the package and the options of the program make it.
func TestManual(t *testing.T) {
	_, help, _ := outcome("--help")
	if err := manual.Hold(".", "carpd", help, *update); err != nil {
		t.Error(err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"testing"

	"github.com/go-fhrp/fhrp/internal/manual"
)

//go:generate go test -run ^TestManual$ . -update

var update = flag.Bool("update", false, "write the manual page anew")

// TestManual holds that the manual page is what the comment of the package and the options of the program make it.
func TestManual(t *testing.T) {
	var help bytes.Buffer
	command([]string{"-h"}, &help, wills{})
	if err := manual.Hold(".", "metrics", help.String(), *update); err != nil {
		t.Error(err)
	}
}

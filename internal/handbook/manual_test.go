// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestManualPagesAreSound has mandoc(1) look at the pages.
func TestManualPagesAreSound(t *testing.T) {
	program, err := exec.LookPath("mandoc")
	if err != nil {
		t.Skip(err)
	}
	pages, err := filepath.Glob(root + "/examples/*/*.8")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%v: no manual pages", err)
	}
	for _, page := range pages {
		if out, err := exec.Command(program, "-Tlint", "-Wwarning", page).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}

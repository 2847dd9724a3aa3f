// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// What was found once is not found again.
func TestKept(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			v, told := play(load(t, file), newProgram)
			for _, line := range told {
				t.Log(line)
			}
			if v != nil {
				t.Error(v)
			}
		})
	}
}

// load reads a scenario.
func load(t *testing.T, file string) *scenario {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &scenario{}
	if err := json.Unmarshal(b, s); err != nil {
		t.Fatal(err)
	}
	return s
}

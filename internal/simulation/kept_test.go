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
			s := &scenario{}
			load(t, file, s)
			v, told := play(s, newProgram)
			for _, line := range told {
				t.Log(line)
			}
			if v != nil {
				t.Error(v)
			}
		})
	}
}

// What was found once on a walk is not found again.
func TestKeptWalks(t *testing.T) {
	files, err := filepath.Glob("testdata/walks/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			w := &walk{}
			load(t, file, w)
			testWalk(t, w)
		})
	}
}

// load reads a scenario or a walk.
func load(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

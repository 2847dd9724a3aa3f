// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/transcript"
)

var update = flag.Bool("update", false, "write the output in testdata/transcripts anew")

// Each transcript is a row of a table, a rule or a story, with what it shows in its
// comments. With -update their output is written anew.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := transcript.Play(file, want, newActor)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case bytes.Equal(got, want):
			case *update:
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n"))
				t.Errorf("%s (-want +got; -update takes what it got):\n%s", file, diff)
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel_test

import (
	"testing"
	"testing/fstest"

	"github.com/go-fhrp/fhrp/internal/ifconfigmodel"
)

// FuzzReadTranscripts reads any recording: its steps come in the order of their lines.
func FuzzReadTranscripts(f *testing.F) {
	f.Add("# name\n~ carp\n; note\n$ ifconfig em0\n> em0: flags=8843\n= 0\n")
	f.Add("> an answer first\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ifconfigmodel.ReadTranscripts(fstest.MapFS{"x.txt": {Data: []byte(text)}})
		if err != nil {
			return
		}
		line := 0
		for _, s := range list[0].Steps {
			if s.Line <= line {
				t.Errorf("step at line %d after one at %d", s.Line, line)
			}
			line = s.Line
		}
	})
}

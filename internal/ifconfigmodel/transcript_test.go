// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/ifconfigmodel"
)

// outside returns why a recorded command is outside the scope of the model; empty if it is not.
func outside(argv []string) string {
	switch line := strings.Join(argv, " "); {
	case line == "netstat -rn -f inet6":
		return "the recording is broken up: half of each line is missing"
	case argv[0] == "arp":
		return "in the order of a hash table"
	case line == "ifconfig -z" || line == "ifconfig -a inet 192.0.2.1":
		return "the usage text is the port's own"
	}
	return ""
}

// TestTranscripts replays all that was recorded. Where the model differs it is wrong.
func TestTranscripts(t *testing.T) {
	list, err := ifconfigmodel.ReadTranscripts(os.DirFS("../../vip/testdata/freebsd-13"))
	if err != nil {
		t.Fatal(err)
	}
	recorded, exact, left := 0, 0, map[string]int{}
	for _, transcript := range list {
		t.Run(transcript.Name, func(t *testing.T) {
			m := ifconfigmodel.New(ifconfigmodel.Config{CARP: transcript.CARP})
			for _, s := range transcript.Steps {
				if s.Unrecorded != "" {
					if err := m.Happen(s.Unrecorded); err != nil {
						t.Errorf("line %d: %v", s.Line, err)
					}
					continue
				}
				recorded++
				if reason := outside(s.Argv); reason != "" {
					left[reason]++
					continue
				}
				if diff := cmp.Diff(s.Want, m.Run(s.Argv...)); diff != "" {
					t.Errorf("line %d: %s: %s (-recorded +model):\n%s", s.Line, strings.Join(s.Argv, " "), s.Note, diff)
					continue
				}
				exact++
			}
		})
	}
	t.Logf("%d of %d commands reproduced exactly; outside the scope: %v", exact, recorded, left)
	if recorded != 420 || exact != 415 {
		t.Errorf("%d commands, of which %d are reproduced; want 420 and 415", recorded, exact)
	}
}

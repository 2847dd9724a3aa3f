// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/testnames"
)

var update = flag.Bool("update", false, "write CONFORMANCE.md anew")

// preface is what CONFORMANCE.md begins with.
const preface = `<!-- Made by go test ./internal/conformance -update from internal/conformance/testdata. -->

# Conformance

What the specifications ask, clause by clause, and the tests that show it. A clause is *held*, or the module *deviates*
from it and says why, or it is a matter of the *host*: of its operating system, or of who runs it. A test holds that each
test named here exists, and that each test that is named after a clause is named here. A name with a stroke is a part of a
test: TestTranscripts/X plays the dialogue testdata/transcripts/X.txt in the folder of its package.
`

// TestConformance holds that CONFORMANCE.md is what testdata and the names of the tests make it.
func TestConformance(t *testing.T) {
	tests, err := testnames.List(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	tables := readTables(t, tests)
	for _, complaint := range check(tables, tests) {
		t.Error(complaint)
	}
	got := preface
	for _, table := range tables {
		got += table.markdown()
	}
	const file = "../../CONFORMANCE.md"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" || err != nil {
		t.Errorf("CONFORMANCE.md is stale: go test ./internal/conformance -update (-it has +it should have, %v):\n%s", err, diff)
	}
}

// readTables reads all tables, and gives them their transcripts.
func readTables(t *testing.T, tests map[string]bool) (tables []*table) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d tables, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		table, err := readTable(file, string(text))
		if err != nil {
			t.Fatal(err)
		}
		table.takeTranscripts(tests)
		tables = append(tables, table)
	}
	return tables
}

// check returns what is wrong with the tables: clauses that are there twice or that no test holds, tests that don't exist,
// and tests named after a clause that don't stand beside one of its section.
func check(tables []*table, tests map[string]bool) (complaints []string) {
	complain := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	beside := map[string][]string{} // what names begin with that are named after the sections of the test's rows
	for _, t := range tables {
		seen := map[string]bool{}
		for _, r := range t.rows {
			if seen[r.clause()] {
				complain("%s: clause %s is there twice", t.title, r.clause())
			}
			seen[r.clause()] = true
			if r.state == "held" && len(r.tests) == 0 {
				complain("%s: no test for clause %s", t.title, r.clause())
			}
			for _, test := range r.tests {
				if !tests[test] {
					complain("%s: clause %s names %s, which doesn't exist", t.title, r.clause(), test)
				}
				beside[test] = append(beside[test], t.test+r.section)
			}
		}
	}
	for _, test := range slices.Sorted(maps.Keys(tests)) {
		if want := namedAfter(test); want != "" && !slices.Contains(beside[test], want) {
			complain("no row of %s names %s", want, test)
		}
	}
	return complaints
}

// namedAfter returns the clause that a test is named after and how such names begin, as in TestSection6.4.2, the same for
// a transcript; nothing for tests that are named after something else.
func namedAfter(test string) string {
	if m := regexp.MustCompile(`\.TestTranscripts/(rfc3768-|erratum-|)(\d[\d.]*)`).FindStringSubmatch(test); m != nil {
		return map[string]string{"": "TestSection", "rfc3768-": "TestRFC3768Section", "erratum-": "TestErratum"}[m[1]] + m[2]
	}
	if m := regexp.MustCompile(`\.(TestSection|TestRFC3768Section|TestErratum)(\d+(?:_\d+)*)`).FindStringSubmatch(test); m != nil {
		return m[1] + strings.ReplaceAll(m[2], "_", ".")
	}
	return ""
}

// TestCheck holds what is complained about.
func TestCheck(t *testing.T) {
	tests := map[string]bool{"vrrp.TestSection6_4_2_Shutdown": true, "vrrp.TestTranscripts/rfc3768-7.1-x": true, "vip.TestOther": true}
	held := func(section string, names ...string) *row { return &row{section: section, state: "held", tests: names} }
	for name, c := range map[string]struct {
		rows       []*row
		complaints int
	}{
		"as it should be": {[]*row{held("6.4.2", "vrrp.TestSection6_4_2_Shutdown"), held("7.1", "vip.TestOther")}, 1}, // the transcript
		"other section":   {[]*row{held("6.4.3", "vrrp.TestSection6_4_2_Shutdown")}, 2},
		"no such test":    {[]*row{held("6.4.2", "vrrp.TestSection6_4_2_Shutdown", "vrrp.TestGone")}, 2},
		"no test":         {[]*row{held("6.4.2", "vrrp.TestSection6_4_2_Shutdown"), held("6.4.3")}, 2},
		"twice":           {[]*row{held("6.4.2", "vrrp.TestSection6_4_2_Shutdown"), held("6.4.2", "vip.TestOther")}, 2},
	} {
		if got := check([]*table{{test: "TestSection", rows: c.rows}}, tests); len(got) != c.complaints {
			t.Errorf("%s: %q", name, got)
		}
	}
}

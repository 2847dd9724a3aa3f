// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// table is what a file of testdata says.
type table struct {
	title       string
	text        []string
	dir         string // the package whose tests are named without their folder
	test        string // how the names of tests begin that are named after a clause
	transcripts string // the same of transcripts
	rows        []*row
}

// row is one clause.
type row struct {
	section string // 6.4.2
	line    string // 345, if the clause is one of several of its section
	asks    string
	state   string // held, deviates or host
	why     string
	tests   []string // each as its folder, a dot and its name
}

// clause is how the row begins.
func (r *row) clause() string {
	if r.line == "" {
		return r.section
	}
	return fmt.Sprintf("%s (%s)", r.section, r.line)
}

// readTable reads a file, as the documentation of the package describes it.
func readTable(name, text string) (*table, error) {
	t := &table{}
	head := regexp.MustCompile(`^(\S+(?: \S+)*?)(?: \(([^)]+)\))?  (\S.*)$`)
	n := 0
	for line := range strings.Lines(text) {
		line, n = strings.TrimRight(line, "\n"), n+1
		word, rest, _ := strings.Cut(line, " ")
		m := head.FindStringSubmatch(line)
		switch {
		case line == "":
		case word == "title":
			t.title = rest
		case word == "text":
			t.text = append(t.text, rest)
		case word == "package":
			t.dir = rest
		case word == "named":
			t.test, t.transcripts, _ = strings.Cut(rest, " ")
		case strings.HasPrefix(line, "\t") && len(t.rows) > 0:
			t.rows[len(t.rows)-1].add(t.dir, strings.TrimSpace(line))
		case m != nil:
			t.rows = append(t.rows, &row{section: m[1], line: m[2], asks: m[3], state: "held"})
		default:
			return nil, fmt.Errorf("%s:%d: %q is no line of a table", name, n, line)
		}
	}
	return t, nil
}

// add takes a line below the clause.
func (r *row) add(dir, line string) {
	for _, state := range []string{"deviates", "host"} {
		if why, ok := strings.CutPrefix(line, state+": "); ok {
			r.state, r.why = state, why
			return
		}
	}
	for name := range strings.SplitSeq(line, " ") {
		if name = strings.TrimSuffix(name, ","); strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") {
			name = dir + "." + name
		}
		r.tests = append(r.tests, name)
	}
}

// takeTranscripts gives to each row the transcripts that are named after it.
func (t *table) takeTranscripts(tests map[string]bool) {
	if t.transcripts == "" {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		for _, r := range t.rows {
			if r.line != "" && strings.HasPrefix(name, fmt.Sprintf("%s.%s%s-%s-", t.dir, t.transcripts, r.section, r.line)) {
				r.tests = append(r.tests, name)
			}
		}
	}
}

// markdown returns the table as a section of CONFORMANCE.md.
func (t *table) markdown() string {
	var b strings.Builder
	states := map[string]int{}
	for _, r := range t.rows {
		states[r.state]++
	}
	fmt.Fprintf(&b, "\n## %s\n\n", t.title)
	for _, line := range t.text {
		fmt.Fprintln(&b, line)
	}
	if len(t.text) > 0 {
		fmt.Fprintln(&b)
	}
	fmt.Fprintf(&b, "%d clauses: %d held, %d deviations, %d of the host.\n\n", len(t.rows), states["held"], states["deviates"], states["host"])
	fmt.Fprint(&b, "| Clause | What it asks | State | Tests |\n|---|---|---|---|\n")
	for _, r := range t.rows {
		state := r.state
		if r.why != "" {
			state += ": " + r.why
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.clause(), r.asks, state, strings.Join(r.tests, "<br>"))
	}
	return b.String()
}

// TestTableIsRead holds what reads and writes the tables.
func TestTableIsRead(t *testing.T) {
	table, err := readTable("x.txt", "title A\ntext about it\npackage vrrp\nnamed TestSection TestTranscripts/\n\n6.4.2 (345)  do\n\tTestB, vip.TestC\n6.5  be\n\tdeviates: no\n")
	if err != nil {
		t.Fatal(err)
	}
	table.takeTranscripts(map[string]bool{"vrrp.TestTranscripts/6.4.2-345-d": true, "vrrp.TestTranscripts/6.4.2-34-e": true, "carp.TestTranscripts/6.4.2-345-d": true})
	const want = "\n## A\n\nabout it\n\n2 clauses: 1 held, 1 deviations, 0 of the host.\n\n| Clause | What it asks | State | Tests |\n|---|---|---|---|\n" +
		"| 6.4.2 (345) | do | held | vrrp.TestB<br>vip.TestC<br>vrrp.TestTranscripts/6.4.2-345-d |\n| 6.5 | be | deviates: no |  |\n"
	if got := table.markdown(); got != want {
		t.Errorf("%q", got)
	}
	if _, err := readTable("x.txt", "what is this\n"); err == nil {
		t.Error("no error")
	}
}

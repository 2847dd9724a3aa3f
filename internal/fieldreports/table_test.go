// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/testnames"
)

// reports is how many there are.
const reports = 97

// row is one of the table in the documentation of the package.
type row struct {
	number int
	title  string
	tests  []string // as the table names them, those of this package with its folder
	text   string   // all but the title
}

// own is the folder of this package.
const own = "internal/fieldreports"

// readTable returns the rows of the table in a text of documentation.
func readTable(doc string) []row {
	begin := regexp.MustCompile(`^\t ?(\d+)  (\S.*)$`)
	name := regexp.MustCompile(`(?:([a-z0-9/]+)\.)?((?:Test|Fuzz)\w+)`)
	var rows []row
	for line := range strings.Lines(doc) {
		line = strings.TrimRight(line, "\n")
		if m := begin.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1])
			rows = append(rows, row{number: n, title: m[2]})
			continue
		}
		if len(rows) == 0 || !strings.HasPrefix(line, "\t    ") {
			continue
		}
		r := &rows[len(rows)-1]
		r.text += " " + strings.TrimSpace(line)
		for _, m := range name.FindAllStringSubmatch(line, -1) {
			folder := own
			if m[1] != "" {
				folder = m[1]
			}
			r.tests = append(r.tests, folder+"."+m[2])
		}
	}
	return rows
}

// packageDoc returns the documentation of a package, as go doc shows it before its formatting.
func packageDoc(t *testing.T, file string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	return f.Doc.Text()
}

// moduleTests returns the tests of the module, each as its folder, a dot and its name.
func moduleTests(t *testing.T) map[string]bool {
	t.Helper()
	tests, err := testnames.List(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// TestTable holds the table: it has each number once, in order; the tests that it names are there; and it names each test
// that is named after a number, beside that number.
func TestTable(t *testing.T) {
	rows, tests := readTable(packageDoc(t, "doc.go")), moduleTests(t)
	named := map[string][]int{}
	for i, r := range rows {
		if r.number != i+1 {
			t.Errorf("row %d has number %d", i+1, r.number)
		}
		if len(r.tests) == 0 && !strings.HasPrefix(r.text, " not held: ") {
			t.Errorf("row %d names no test, and doesn't say why the rule is not held", r.number)
		}
		for _, test := range r.tests {
			if !tests[test] {
				t.Errorf("row %d: there is no %s", r.number, test)
			}
			named[test] = append(named[test], r.number)
		}
	}
	if len(rows) != reports {
		t.Errorf("the table has %d rows, want %d", len(rows), reports)
	}
	number := regexp.MustCompile(`\.TestFieldReport(\d\d)`)
	for test := range tests {
		m := number.FindStringSubmatch(test)
		if m == nil {
			if strings.Contains(test, ".TestFieldReport") {
				t.Errorf("%s has no number of two digits", test)
			}
			continue
		}
		if n, _ := strconv.Atoi(m[1]); !slices.Contains(named[test], n) {
			t.Errorf("row %d of the table in doc.go doesn't name %s", n, strings.TrimPrefix(test, own+"."))
		}
	}
}

// TestTableIsRead holds what reads it.
func TestTableIsRead(t *testing.T) {
	rows := readTable("Text.\n\n\t 1  one: 2\n\t    TestA, vip.TestB\n\t    netif/doctor.FuzzC\n\nMore.\n\n\t12  twelve\n\t    not held: why\n")
	if len(rows) != 2 || rows[0].number != 1 || rows[0].title != "one: 2" || rows[1].number != 12 || rows[1].text != " not held: why" {
		t.Errorf("%+v", rows)
	}
	if want := []string{own + ".TestA", "vip.TestB", "netif/doctor.FuzzC"}; !slices.Equal(rows[0].tests, want) {
		t.Errorf("tests %q, want %q", rows[0].tests, want)
	}
}

// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// finding is a place where a rule is not kept.
type finding struct {
	file string // relative to the module's root, with slashes
	line int
	text string
}

// rule is a rule of the house.
type rule struct {
	name  string
	why   string
	check func(m *module) []finding
}

func rules() []rule {
	return []rule{
		{"Imports", "a program that imports a protocol gets no system calls, and a test LAN nothing at all", checkImports},
		{"PackageComment", "go doc and pkg.go.dev show the first sentence beside the import path", checkPackageComments},
		{"Documented", "an exported name without a comment is a promise that nobody wrote down", checkDocumented},
		{"NoInit", "importing a package must not do anything", checkNoInit},
		{"NoGlobals", "state of a package is shared by everybody who imports it", checkGlobals},
		{"NoProcess", "a library leaves the process, its flags, environment, signals and log to the program", checkProcess},
		{"NetipOnly", "net.IP is a slice that compares wrongly; netip.Addr is a value", checkNetip},
		{"InternalTypes", "go doc shows a user nothing of a type in an internal package", checkInternalTypes},
		{"Context", "a context belongs to one call: first parameter, and kept nowhere", checkContext},
		{"Licence", "files get copied; the licence goes along", checkLicence},
		{"BuildTags", "golang.org/x/sys/unix is empty on Windows: each file that imports it needs a build constraint", checkBuildTags},
		{"Sizes", "what doesn't fit on a few screens isn't read to its end", checkSizes},
		{"TopLevel", "the packages a user sees were chosen; a further one is a decision, not a by-product", checkTopLevel},
	}
}

// TestHouse holds the module to every rule.
func TestHouse(t *testing.T) {
	m := readModule(t, "../..")
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			for _, f := range sorted(r.check(m)) {
				t.Errorf("%s:%d: %s\n\tWhy: %s.", f.file, f.line, f.text, r.why)
			}
		})
	}
}

// TestExemptions wants no exemption that isn't needed any more.
func TestExemptions(t *testing.T) {
	m := readModule(t, "../..")
	for _, e := range exemptions() {
		uses := func(f *file) bool {
			found := false
			ast.Inspect(f.syntax, func(n ast.Node) bool {
				found = found || used(f.syntax, n) == e.name
				return !found
			})
			return f.dir() == e.dir && found
		}
		if !slices.ContainsFunc(m.library(), uses) {
			t.Errorf("%s does not use %s and needs no exemption", e.dir, e.name)
		}
	}
}

// TestRulesCatch checks that the rules find what is wrong with a module that breaks them all, and nothing else: it says
// so itself, in comments "want Rule text".
func TestRulesCatch(t *testing.T) {
	m := readModule(t, "testdata/bad")
	var got []string
	for _, r := range rules() {
		list := sorted(r.check(m))
		if len(list) == 0 && r.name != "Sizes" {
			t.Errorf("rule %s found nothing", r.name)
		}
		for _, f := range list {
			got = append(got, fmt.Sprintf("%s:%d: %s %s", f.file, f.line, r.name, f.text))
		}
	}
	slices.Sort(got)
	if diff := gocmp.Diff(wanted(m), got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// TestSizesCatch does the same for rule Sizes, with files that are made up: they are long.
func TestSizesCatch(t *testing.T) {
	m := &module{fset: token.NewFileSet()}
	text := "package p\n\nfunc short() {\n" + strings.Repeat("\tg()\n", 58) + "}\n" +
		"\nfunc long() {\n" + strings.Repeat("\tg()\n", 59) + "}\n"
	for name, lines := range map[string]int{"short.go": 350, "long.go": 351, "long_test.go": 351} {
		fill := strings.Repeat("//\n", lines-strings.Count(text, "\n"))
		if err := m.add(name, []byte(text+fill)); err != nil {
			t.Fatal(err)
		}
	}
	want := []finding{
		{"long.go", 64, "func long has 61 lines, more than 60"},
		{"long.go", 351, "the file has 351 lines, more than 350"},
		{"short.go", 64, "func long has 61 lines, more than 60"},
	}
	if diff := gocmp.Diff(want, sorted(checkSizes(m)), gocmp.AllowUnexported(finding{})); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// wanted returns the findings that the comments of a module ask for, one a line. The number after "want" moves it by
// lines, for places where no comment can stand.
func wanted(m *module) []string {
	comment := regexp.MustCompile(`// want([-+]\d+)? (.*)$`)
	var want []string
	for _, f := range m.files {
		for i, line := range strings.Split(string(f.text), "\n") {
			if match := comment.FindStringSubmatch(line); match != nil {
				move, _ := strconv.Atoi(match[1]) // 0 if there is none
				want = append(want, fmt.Sprintf("%s:%d: %s", f.name, i+1+move, match[2]))
			}
		}
	}
	slices.Sort(want)
	return want
}

// sorted returns findings by place, each once.
func sorted(list []finding) []finding {
	slices.SortFunc(list, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.text, b.text))
	})
	return slices.Compact(list)
}

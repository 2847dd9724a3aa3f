// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestArchitectureNamesWhatIsThere holds ARCHITECTURE.md to the source: each file in it exists, each function behind a
// file is in that, and the arrows are the imports between the packages of the diagram.
func TestArchitectureNamesWhatIsThere(t *testing.T) {
	m := readModule(t, "../..")
	text, err := os.ReadFile(filepath.Join(m.root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z0-9_/]+\\.go)`(?: `([A-Za-z]+)`)?").FindAllStringSubmatch(string(text), -1)
	if len(named) < 20 {
		t.Errorf("only %d files are named", len(named))
	}
	for _, n := range named {
		if f := m.file(n[1]); f == nil {
			t.Errorf("%s: no such file", n[1])
		} else if n[2] != "" && !declares(f, n[2]) {
			t.Errorf("%s: no func %s", n[1], n[2])
		}
	}
	_, diagram, _ := strings.Cut(string(text), "graph TD\n")
	diagram, _, _ = strings.Cut(diagram, "```")
	checkDiagram(t, m, diagram)
}

// checkDiagram compares the arrows of a diagram with the imports between its packages.
func checkDiagram(t *testing.T, m *module, diagram string) {
	t.Helper()
	drawn, nodes := map[string]bool{}, []string{}
	for line := range strings.Lines(diagram) {
		from, to, arrow := strings.Cut(strings.TrimSpace(line), " --> ")
		nodes = append(nodes, from)
		if arrow {
			nodes = append(nodes, to)
			drawn[from+" --> "+to] = true
		}
	}
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	for _, from := range nodes {
		p := m.systems["linux"][m.path+"/"+from]
		if p == nil {
			t.Errorf("%s: no such package", from)
			continue
		}
		for _, to := range nodes {
			arrow := from + " --> " + to
			if imports := slices.Contains(p.Imports, m.path+"/"+to); imports != drawn[arrow] {
				t.Errorf("%s: drawn %v, imports %v", arrow, drawn[arrow], imports)
			}
		}
	}
}

// file returns a file by its name, nil if there is none.
func (m *module) file(name string) *file {
	i := slices.IndexFunc(m.files, func(f *file) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return m.files[i]
}

// declares reports whether a file has a function or method of a name.
func declares(f *file, name string) bool {
	return slices.ContainsFunc(f.syntax.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Name.Name == name
	})
}

// SPDX-License-Identifier: Apache-2.0

package mutation

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// clauses returns what in a file decides or acts, each of which a mutant must break: conditions and cases; comparisons, among
// them the calls that compare times; what joins them; what is done, that is calls that stand alone and assignments to fields, timers for
// the most part. Several fields that are assigned in one statement are as many.
func (s *source) clauses() []span {
	var list []span
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			switch n.Op {
			case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
				list = append(list, s.within(n))
			case token.LAND, token.LOR:
				at := s.fset.Position(n.OpPos).Offset
				list = append(list, span{at, at + len(n.Op.String())})
			}
		case *ast.CallExpr:
			if slices.Contains([]string{"Due", "IsZero", "Before", "After", "Earlier", "Later", "Compare", "Less", "min", "max"}, called(n)) {
				list = append(list, s.within(n))
			}
		case *ast.IfStmt:
			list = append(list, s.within(n.Cond))
		case *ast.CaseClause:
			for _, e := range n.List {
				list = append(list, s.within(e))
			}
		case *ast.ExprStmt, *ast.IncDecStmt:
			list = append(list, s.within(n))
		case *ast.AssignStmt:
			list = append(list, s.assignments(n)...)
		}
		return true
	})
	return list
}

// called returns the name of the function or method that is called.
func called(n *ast.CallExpr) string {
	switch f := n.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// assignments returns where fields get what.
func (s *source) assignments(n *ast.AssignStmt) (list []span) {
	for i, left := range n.Lhs {
		if _, ok := left.(*ast.SelectorExpr); !ok {
			continue
		}
		value := n.Rhs[0]
		if len(n.Rhs) == len(n.Lhs) {
			value = n.Rhs[i]
		}
		list = append(list, s.within(value))
	}
	return list
}

// TestNothingIsMissing holds that the lists break each clause of the files that they name, or say that it makes no
// difference; and that they name each file with a part of a machine.
func TestNothingIsMissing(t *testing.T) {
	for _, l := range lists(t) {
		for _, file := range machineFiles(t, l.dir) {
			if !slices.Contains(l.files, file) {
				t.Errorf("%s doesn't name %s, which has methods of a machine", l.name, file)
			}
		}
		broken := map[string][]span{}
		sources := map[string]*source{}
		for _, file := range l.files {
			sources[file] = readSource(t, l.dir, file)
		}
		for _, e := range l.entries {
			s := sources[e.file]
			if s == nil {
				t.Errorf("%s:%d: %s is not one of the files of the list", l.name, e.line, e.file)
				continue
			}
			at, err := s.find(e)
			if err != nil {
				continue // TestListsFit tells
			}
			for _, m := range e.mutants {
				broken[e.file] = append(broken[e.file], s.gone(m, at))
			}
			if len(e.equivalents) > 0 {
				broken[e.file] = append(broken[e.file], at)
			}
		}
		clauses := 0
		for _, file := range l.files {
			for _, c := range sources[file].clauses() {
				clauses++
				if !slices.ContainsFunc(broken[file], c.meets) {
					t.Errorf("%s breaks nothing in %s", l.name, sources[file].place(c))
				}
			}
		}
		t.Logf("%s: %d clauses in %d files, %d mutants", l.dir, clauses, len(l.files), len(l.mutants()))
	}
}

// place tells where a span is, and what is there.
func (s *source) place(c span) string {
	return fmt.Sprintf("%s:%d: %s", s.name, 1+strings.Count(s.text[:c.begin], "\n"), s.text[c.begin:c.end])
}

// machineFiles returns the files of a package that have methods of type Machine.
func machineFiles(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		for _, decl := range readSource(t, dir, e.Name()).syntax.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok && fmt.Sprint(star.X) == "Machine" {
				files = append(files, e.Name())
				break
			}
		}
	}
	return files
}

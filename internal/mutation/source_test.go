// SPDX-License-Identifier: Apache-2.0

package mutation

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is that of the module.
const root = "../.."

// source is a file of the code.
type source struct {
	name   string // below the root
	text   string
	fset   *token.FileSet
	syntax *ast.File
}

// span is from one offset of the text to before another.
type span struct{ begin, end int }

// meets reports whether two spans have something in common; an empty one is where its neighbours are.
func (s span) meets(other span) bool { return s.begin <= other.end && other.begin <= s.end }

func readSource(t *testing.T, dir, file string) *source {
	t.Helper()
	s := &source{name: filepath.Join(dir, file), fset: token.NewFileSet()}
	text, err := os.ReadFile(filepath.Join(root, dir, file))
	if err == nil {
		s.text = string(text)
		s.syntax, err = parser.ParseFile(s.fset, s.name, text, parser.SkipObjectResolution)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// within returns where a node is.
func (s *source) within(n ast.Node) span {
	return span{s.fset.Position(n.Pos()).Offset, s.fset.Position(n.End()).Offset}
}

// of returns the text of a node.
func (s *source) of(n ast.Node) string { return s.text[s.within(n).begin:s.within(n).end] }

// function returns the one of this name. It is an error if there isn't exactly one.
func (s *source) function(name string) (*ast.FuncDecl, error) {
	var found []*ast.FuncDecl
	for _, decl := range s.syntax.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == name {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s has %d functions %s", s.name, len(found), name)
	}
	return found[0], nil
}

// find returns where the line of an entry is, without its indent. It is an error if it is not there, or more than once.
func (s *source) find(e *entry) (span, error) {
	f, err := s.function(e.fn)
	if err != nil {
		return span{}, err
	}
	var found []span
	anchors, begin := 0, s.within(f).begin
	for l := range strings.Lines(s.of(f)) {
		switch text := strings.TrimSpace(l); {
		case text == e.old && (e.after == "" || anchors == 1 && len(found) == 0):
			at := begin + strings.Index(l, text)
			found = append(found, span{at, at + len(text)})
		case text == e.after:
			anchors++
		}
		begin += len(l)
	}
	if len(found) != 1 || e.after != "" && anchors != 1 {
		return span{}, fmt.Errorf("%s: %d times in %s instead of once: %s", s.name, len(found), e.fn, e.old)
	}
	return found[0], nil
}

// gone returns which part of the line at a span a mutant doesn't leave as it is.
func (s *source) gone(m mutant, at span) span {
	old, changed := m.old, m.changed
	for old != "" && changed != "" && old[0] == changed[0] {
		at.begin++
		old, changed = old[1:], changed[1:]
	}
	for old != "" && changed != "" && old[len(old)-1] == changed[len(changed)-1] {
		at.end--
		old, changed = old[:len(old)-1], changed[:len(changed)-1]
	}
	return at
}

// TestListsFit holds that each line of the lists is in the code once, and that each mutant is another one. That they
// compile is for TestMutants to say.
func TestListsFit(t *testing.T) {
	for _, l := range lists(t) {
		sources := map[string]*source{}
		seen := map[string]bool{}
		for _, e := range l.entries {
			if sources[e.file] == nil {
				sources[e.file] = readSource(t, l.dir, e.file)
			}
			at, err := sources[e.file].find(e)
			if err != nil {
				t.Errorf("%s:%d: %v", l.name, e.line, err)
			}
			for _, m := range e.mutants {
				key := fmt.Sprint(e.file, at, m.changed)
				if seen[key] || m.changed == m.old {
					t.Errorf("%s:%d: %q is there already", l.name, m.line, m.changed)
				}
				seen[key] = true
			}
		}
	}
}

// TestFind holds what finds a line.
func TestFind(t *testing.T) {
	s := &source{name: "x.go", fset: token.NewFileSet(), text: "package x\n\nfunc f() {\n\ta()\n\tif b {\n\t\ta()\n\t}\n\tc()\n}\n"}
	var err error
	if s.syntax, err = parser.ParseFile(s.fset, s.name, s.text, 0); err != nil {
		t.Fatal(err)
	}
	for want, e := range map[int]entry{45: {fn: "f", old: "c()"}, 37: {fn: "f", after: "if b {", old: "a()"}} {
		if at, err := s.find(&e); err != nil || at.begin != want {
			t.Errorf("%+v: %v, %v, want %d", e, at, err, want)
		}
	}
	for _, e := range []entry{{fn: "f", old: "a()"}, {fn: "f", old: "d()"}, {fn: "g", old: "a()"}, {fn: "f", after: "a()", old: "c()"}, {fn: "f", after: "c()", old: "a()"}} {
		if at, err := s.find(&e); err == nil {
			t.Errorf("%+v: %v", e, at)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// exported returns a line for each thing that a package exports, sorted and each once.
func exported(dir string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	r := &recorder{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			r.declaration(d)
		}
	}
	slices.Sort(r.lines)
	return slices.Compact(r.lines), nil
}

// recorder collects lines.
type recorder struct{ lines []string }

func (r *recorder) add(words ...string) {
	r.lines = append(r.lines, strings.TrimSpace(strings.Join(words, " ")))
}

func (r *recorder) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		r.function(d)
	case *ast.GenDecl:
		kind := "" // of a constant that has none of its own, as after iota
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				r.typeSpec(s)
			case *ast.ValueSpec:
				if s.Type != nil || len(s.Values) > 0 {
					kind = source(s.Type)
				}
				for _, name := range s.Names {
					if name.IsExported() {
						r.add(d.Tok.String(), name.Name, kind)
					}
				}
			}
		}
	}
}

func (r *recorder) function(d *ast.FuncDecl) {
	if !d.Name.IsExported() {
		return
	}
	if d.Recv == nil {
		r.add("func", d.Name.Name+signature(d.Type))
		return
	}
	receiver := source(d.Recv.List[0].Type)
	if ast.IsExported(strings.TrimPrefix(receiver, "*")) {
		r.add("method", "("+receiver+")", d.Name.Name+signature(d.Type))
	}
}

func (r *recorder) typeSpec(s *ast.TypeSpec) {
	if !s.Name.IsExported() {
		return
	}
	name := s.Name.Name
	switch t := s.Type.(type) {
	case *ast.StructType:
		r.add("type", name, "struct")
		for _, f := range t.Fields.List {
			r.field(name, f)
		}
	case *ast.InterfaceType:
		r.add("type", name, "interface")
		for _, f := range t.Methods.List {
			r.method(name, f)
		}
	default:
		if s.Assign.IsValid() {
			name += " ="
		}
		r.add("type", name, source(t))
	}
}

func (r *recorder) field(owner string, f *ast.Field) {
	kind := source(f.Type)
	if len(f.Names) == 0 {
		r.add("field", owner, "embeds", kind)
	}
	for _, name := range f.Names {
		if name.IsExported() {
			r.add("field", owner+"."+name.Name, kind)
		}
	}
}

func (r *recorder) method(owner string, f *ast.Field) {
	function, ok := f.Type.(*ast.FuncType)
	if !ok {
		r.add("interface", owner, "embeds", source(f.Type))
		return
	}
	for _, name := range f.Names {
		if name.IsExported() {
			r.add("interface", owner+"."+name.Name+signature(function))
		} else {
			r.add("interface", owner, "is implemented here only")
		}
	}
}

// signature returns parameters and results without their names.
func signature(t *ast.FuncType) string {
	parameters := strings.Join(kinds(t.Params), ", ")
	results := kinds(t.Results)
	text := "(" + parameters + ")"
	if t.TypeParams != nil {
		text = "[" + strings.Join(kinds(t.TypeParams), ", ") + "]" + text
	}
	switch len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	}
	return text + " (" + strings.Join(results, ", ") + ")"
}

// kinds returns the types in a list of fields, one for each name.
func kinds(list *ast.FieldList) []string {
	var all []string
	if list == nil {
		return nil
	}
	for _, f := range list.List {
		for range max(len(f.Names), 1) {
			all = append(all, source(f.Type))
		}
	}
	return all
}

// source returns an expression in one line.
func source(e ast.Expr) string {
	if e == nil {
		return ""
	}
	if function, ok := e.(*ast.FuncType); ok {
		return "func" + signature(function)
	}
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), e); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// TestExported holds that each kind of thing has a line, and what isn't exported has none.
func TestExported(t *testing.T) {
	dir := t.TempDir()
	text := `package p
const (
	A Kind = iota
	B
	c
)
const D = 1
var ErrX = e()
type Kind uint8
type S struct { Name, other string; T; F func(n int) error }
type I interface { Do(ctx context.Context, a, b int) (n int, err error); hidden(); fmt.Stringer }
type N = []Kind
type u struct{ Field int }
func New[K any](a K) *S { return nil }
func (s *S) Run(ctx context.Context) error { return nil }
func (u) Run() {}
func helper() {}
`
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := exported(dir)
	want := []string{
		"const A Kind", "const B Kind", "const D",
		"field S embeds T", "field S.F func(int) error", "field S.Name string",
		"func New[any](K) *S",
		"interface I embeds fmt.Stringer", "interface I is implemented here only", "interface I.Do(context.Context, int, int) (int, error)",
		"method (*S) Run(context.Context) error",
		"type I interface", "type Kind uint8", "type N = []Kind", "type S struct",
		"var ErrX",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"regexp"
)

// checkNoInit wants no function init in the library.
func checkNoInit(m *module) []finding {
	var list []finding
	for _, f := range m.library() {
		for _, d := range f.syntax.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == "init" {
				list = append(list, m.at(d.Pos(), "func init"))
			}
		}
	}
	return list
}

// checkGlobals allows a package variable that is an error, an assertion that a type implements an interface, or a table:
// one that has its value from its declaration and is never written.
func checkGlobals(m *module) []finding {
	var list []finding
	for _, goos := range systems() {
		for _, p := range m.systems[goos] {
			if dir, own := m.relative(p.ImportPath); own && !below(dir, "examples") {
				list = append(list, m.globals(m.sources(dir, p.GoFiles))...)
			}
		}
	}
	return sorted(list)
}

// sources returns files of a folder by their names.
func (m *module) sources(dir string, names []string) []*ast.File {
	var list []*ast.File
	for _, name := range names {
		for _, f := range m.files {
			if f.name == path.Join(dir, filepath.Base(name)) {
				list = append(list, f.syntax)
			}
		}
	}
	return list
}

// globals looks through the files of one package.
func (m *module) globals(files []*ast.File) []finding {
	var list []finding
	info := m.resolve(files)
	for _, f := range files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
				list = append(list, m.variables(d)...)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for _, e := range written(n) {
				if v, ok := info.Uses[root(e)].(*types.Var); ok && v.Parent() == v.Pkg().Scope() {
					list = append(list, m.at(n.Pos(), "package variable "+v.Name()+" is written, or its address is taken"))
				}
			}
			return true
		})
	}
	return list
}

// variables returns the package variables of a declaration that can only be meant to be written.
func (m *module) variables(d *ast.GenDecl) []finding {
	var list []finding
	sentinel := regexp.MustCompile(`^(Err|err)[A-Z]`)
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		for i, name := range s.Names {
			table := i < len(s.Values) && !mutable(s.Values[i])
			if name.Name != "_" && !sentinel.MatchString(name.Name) && !table {
				list = append(list, m.at(name.Pos(), "package variable "+name.Name+" is neither an error nor a table"))
			}
		}
	}
	return list
}

// mutable reports whether a value is made to be changed: made empty, or a pointer to it is kept.
func mutable(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return e.Op == token.AND
	case *ast.CallExpr:
		f, ok := e.Fun.(*ast.Ident)
		return ok && (f.Name == "make" || f.Name == "new")
	}
	return false
}

// written returns what a statement or expression writes to, or may have written through a pointer.
func written(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return []ast.Expr{n.Key, n.Value}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "clear" || f.Name == "delete" || f.Name == "copy") {
			return n.Args[:1]
		}
	}
	return nil
}

// root returns the name that an expression goes out from: x of (*x.y[i]).z, nil if there is none.
func root(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.ParenExpr:
		return root(e.X)
	case *ast.StarExpr:
		return root(e.X)
	case *ast.SelectorExpr:
		return root(e.X)
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.SliceExpr:
		return root(e.X)
	}
	return nil
}

// resolve finds what the names in a package stand for. Imports are not followed: what comes from them has no type, and
// the errors about that are of no interest.
func (m *module) resolve(files []*ast.File) *types.Info {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	cfg := types.Config{Importer: noImporter{}, Error: func(error) {}}
	_, _ = cfg.Check("p", m.fset, files, info) // has errors, see above
	return info
}

type noImporter struct{}

func (noImporter) Import(string) (*types.Package, error) { return nil, errors.ErrUnsupported }

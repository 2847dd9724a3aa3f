// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// checkPackageComments wants one comment a package that begins as go doc has it.
func checkPackageComments(m *module) []finding {
	var list []finding
	first := map[string]*file{}
	commented := map[string]*file{}
	for _, f := range m.files {
		if f.test() {
			continue
		}
		if first[f.dir()] == nil {
			first[f.dir()] = f
		}
		if f.syntax.Doc == nil {
			continue
		}
		if other := commented[f.dir()]; other != nil {
			list = append(list, m.at(f.syntax.Doc.Pos(), "a second package comment, the first is in "+other.name))
		}
		commented[f.dir()] = f
		if want := opening(f.syntax); !strings.HasPrefix(f.syntax.Doc.Text(), want) {
			list = append(list, m.at(f.syntax.Doc.Pos(), fmt.Sprintf("the package comment does not begin with %q", want)))
		}
	}
	for dir, f := range first {
		if commented[dir] == nil {
			list = append(list, m.at(f.syntax.Name.Pos(), fmt.Sprintf("no file of the package has a comment %q", opening(f.syntax)+"…")))
		}
	}
	return list
}

// opening returns how the package comment begins.
func opening(f *ast.File) string {
	if f.Name.Name == "main" {
		return "Command "
	}
	return "Package " + f.Name.Name + " "
}

// checkDocumented wants a comment on every exported name of the library, internal packages included.
func checkDocumented(m *module) []finding {
	var list []finding
	for _, f := range m.library() {
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil {
					list = append(list, m.at(d.Pos(), d.Name.Name+" is exported and has no comment"))
				}
			case *ast.GenDecl:
				list = append(list, m.undocumented(d)...)
			}
		}
	}
	return list
}

// undocumented returns the exported names of a declaration without a comment of their own, of their line or, where
// several are declared together, of the group.
func (m *module) undocumented(d *ast.GenDecl) []finding {
	var list []finding
	complain := func(name *ast.Ident, docs ...*ast.CommentGroup) {
		for _, doc := range docs {
			if doc != nil {
				return
			}
		}
		if name.IsExported() {
			list = append(list, m.at(name.Pos(), name.Name+" is exported and has no comment"))
		}
	}
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if d.Lparen == token.NoPos {
				complain(s.Name, d.Doc)
			} else {
				complain(s.Name, s.Doc)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				complain(name, d.Doc, s.Doc, s.Comment)
			}
		}
	}
	return list
}

// exportedReceiver reports whether a function has no receiver, or one of exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	return d.Recv == nil || typeName(d.Recv.List[0].Type).IsExported()
}

// typeName returns the name of a receiver's type, without pointer and type parameters.
func typeName(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	}
	return ast.NewIdent("_")
}

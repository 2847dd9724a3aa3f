// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"go/ast"
	"slices"
)

// checkNetip wants no address type of package net in what other modules can see.
func checkNetip(m *module) []finding {
	old := []string{"net.IP", "net.IPMask", "net.IPNet", "net.IPAddr", "net.HardwareAddr"}
	var list []finding
	for _, f := range m.library() {
		if !public(f.dir()) {
			continue
		}
		for _, d := range f.syntax.Decls {
			for _, part := range api(d) {
				ast.Inspect(part, func(n ast.Node) bool {
					if name := used(f.syntax, n); slices.Contains(old, name) {
						list = append(list, m.at(n.Pos(), name+" in the API"))
					}
					return true
				})
			}
		}
	}
	return list
}

// api returns the parts of a declaration that other packages can see.
func api(d ast.Decl) []ast.Node {
	var parts []ast.Node
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && exportedReceiver(d) {
			parts = append(parts, d.Type)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					parts = append(parts, visible(s.Type)...)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && s.Type != nil {
					parts = append(parts, s.Type)
				}
			}
		}
	}
	return parts
}

// visible returns a type, without the fields of a struct that are not exported.
func visible(t ast.Expr) []ast.Node {
	s, ok := t.(*ast.StructType)
	if !ok {
		return []ast.Node{t}
	}
	var fields []ast.Node
	for _, f := range s.Fields.List {
		if len(f.Names) == 0 || f.Names[0].IsExported() {
			fields = append(fields, f.Type)
		}
	}
	return fields
}

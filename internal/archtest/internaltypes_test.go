// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"go/ast"
	"strings"
)

// checkInternalTypes wants nothing of an internal package in what other modules can see, neither by name nor by an alias.
func checkInternalTypes(m *module) []finding {
	var list []finding
	for _, f := range m.library() {
		if !public(f.dir()) {
			continue
		}
		hidden := f.hidden()
		for _, d := range f.syntax.Decls {
			for _, part := range api(d) {
				ast.Inspect(part, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok {
						if id, ok := s.X.(*ast.Ident); ok && hidden[id.Name] {
							list = append(list, m.at(n.Pos(), id.Name+"."+s.Sel.Name+" in the API"))
						}
					}
					return true
				})
			}
		}
	}
	return list
}

// hidden returns the names by which a file uses internal packages.
func (f *file) hidden() map[string]bool {
	names := map[string]bool{}
	for _, spec := range f.syntax.Imports {
		path := importPath(spec)
		if !strings.Contains(path, "/internal/") {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = true
	}
	return names
}

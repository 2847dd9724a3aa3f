// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Sizes of what is not a test. They are bounds for the exception: most files have 100 lines and most functions 10.
const (
	maxFile     = 350
	maxFunction = 60
)

// checkLicence wants every file to name its licence.
func checkLicence(m *module) []finding {
	const first = "// SPDX-License-Identifier: Apache-2.0\n\n"
	var list []finding
	for _, f := range m.files {
		if !strings.HasPrefix(string(f.text), first) {
			list = append(list, finding{f.name, 1, fmt.Sprintf("the file does not begin with %q", first)})
		}
	}
	return list
}

// checkBuildTags wants no file that Windows compiles to use x/sys/unix, tests included.
func checkBuildTags(m *module) []finding {
	windows := build.Default
	windows.GOOS = "windows"
	var list []finding
	for _, f := range m.files {
		for _, spec := range f.syntax.Imports {
			if importPath(spec) != xsys+"/unix" {
				continue
			}
			if match, err := windows.MatchFile(filepath.Join(m.root, f.dir()), filepath.Base(f.name)); err != nil || match {
				list = append(list, m.at(spec.Pos(), "golang.org/x/sys/unix in a file without a build constraint"))
			}
		}
	}
	return list
}

// checkSizes wants files and functions that can be read.
func checkSizes(m *module) []finding {
	var list []finding
	for _, f := range m.files {
		if f.test() {
			continue
		}
		if lines := bytes.Count(f.text, []byte("\n")); lines > maxFile {
			list = append(list, finding{f.name, maxFile + 1, fmt.Sprintf("the file has %d lines, more than %d", lines, maxFile)})
		}
		for _, d := range f.syntax.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := m.fset.Position(d.End()).Line - m.fset.Position(d.Pos()).Line + 1; lines > maxFunction {
				list = append(list, m.at(d.Pos(), fmt.Sprintf("func %s has %d lines, more than %d", d.Name.Name, lines, maxFunction)))
			}
		}
	}
	return list
}

// checkTopLevel wants nothing beside what the module is to have, and what its .gitignore names.
func checkTopLevel(m *module) []finding {
	allowed := []string{
		"vrrp", "carp", "vip", "netif", "examples", "internal", "go.mod", "go.sum", "doc.go", "README.md", "LICENSE",
		"ARCHITECTURE.md", "CHANGELOG.md", "CONFORMANCE.md", "CONTRIBUTING.md", "SECURITY.md", ".ci", ".git", ".gitignore",
	}
	if ignored, err := os.ReadFile(filepath.Join(m.root, ".gitignore")); err == nil {
		for _, line := range strings.Fields(string(ignored)) {
			allowed = append(allowed, strings.Trim(line, "/"))
		}
	}
	entries, err := os.ReadDir(m.root)
	if err != nil {
		return []finding{{".", 0, err.Error()}}
	}
	var list []finding
	for _, e := range entries {
		if !slices.Contains(allowed, e.Name()) {
			list = append(list, finding{e.Name(), 1, "not one of the module's top-level entries"})
		}
	}
	return list
}

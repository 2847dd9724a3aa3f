// SPDX-License-Identifier: Apache-2.0

// Package testnames knows which tests the module has, for the tables that name them.
package testnames

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// List returns the tests, fuzz targets and examples below a folder: each as its folder, a dot and its name. A transcript
// is a part of the test that plays it, as in vrrp.TestTranscripts/6.4.2-345-shutdown. Folders that begin with a dot are
// left out. The error is one of reading or of a file that isn't Go.
func List(root fs.FS) (map[string]bool, error) {
	tests := map[string]bool{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		case path.Base(path.Dir(name)) == "transcripts" && path.Ext(name) == ".txt":
			folder := path.Dir(path.Dir(path.Dir(name)))
			tests[folder+".TestTranscripts/"+strings.TrimSuffix(path.Base(name), ".txt")] = true
			return nil
		case strings.Contains(name, "testdata/") || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		return listFile(root, name, tests)
	})
	return tests, err
}

// listFile adds the tests of a file.
func listFile(root fs.FS, name string, tests map[string]bool) error {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, decl := range f.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && isTest(fn.Name.Name) {
			tests[path.Dir(name)+"."+fn.Name.Name] = true
		}
	}
	return nil
}

func isTest(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") || strings.HasPrefix(name, "Example")
}

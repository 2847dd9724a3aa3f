// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// systems are those that the rules on imports and state are checked for.
func systems() []string {
	return []string{"linux", "freebsd", "openbsd", "netbsd", "darwin", "windows"}
}

// module is the source of a module.
type module struct {
	root    string
	path    string // its import path
	fset    *token.FileSet
	files   []*file             // every Go file that is not test data, nested modules' too
	systems map[string]packages // as go list sees them, with what they depend on
}

// file is a Go file.
type file struct {
	name   string // relative to the root, with slashes
	text   []byte
	syntax *ast.File
}

// packages are packages by import path.
type packages map[string]*listed

// listed is a package as go list describes it.
type listed struct {
	ImportPath, Name, Dir string
	Standard              bool
	Imports, GoFiles      []string
}

// readModule reads the module whose root is dir.
func readModule(t *testing.T, dir string) *module {
	t.Helper()
	root, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := &module{root: root, fset: token.NewFileSet(), systems: map[string]packages{}}
	out, err := m.command("linux", "list", "-m").Output()
	if err != nil {
		t.Fatalf("go list -m: %v\n%s", err, stderr(err))
	}
	m.path = strings.TrimSpace(string(out))
	if err := m.readFiles(); err != nil {
		t.Fatal(err)
	}
	m.list(t)
	return m
}

// command is a call of the go command in the module, for a system.
func (m *module) command(goos string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = m.root
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0", "GOWORK=off")
	return cmd
}

// readFiles reads every Go file but those of test data.
func (m *module) readFiles() error {
	return fs.WalkDir(os.DirFS(m.root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := os.ReadFile(filepath.Join(m.root, name))
		if err != nil {
			return err
		}
		return m.add(name, text)
	})
}

// add adds a Go file.
func (m *module) add(name string, text []byte) error {
	syntax, err := parser.ParseFile(m.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	m.files = append(m.files, &file{name, text, syntax})
	return err
}

// list asks the go command for the packages on every system.
func (m *module) list(t *testing.T) {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, goos := range systems() {
		wg.Go(func() {
			out, err := m.command(goos, "list", "-deps", "-json=ImportPath,Name,Dir,Standard,Imports,GoFiles", "./...").Output()
			if err != nil {
				t.Errorf("go list for %s: %v\n%s", goos, err, stderr(err))
				return
			}
			list, err := decode(out)
			if err != nil {
				t.Errorf("go list for %s: %v", goos, err)
			}
			mu.Lock()
			defer mu.Unlock()
			m.systems[goos] = list
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// decode reads the output of go list.
func decode(out []byte) (packages, error) {
	list := packages{}
	d := json.NewDecoder(bytes.NewReader(out))
	for {
		p := &listed{}
		switch err := d.Decode(p); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		}
		list[p.ImportPath] = p
	}
}

// stderr returns what a command that failed said.
func stderr(err error) []byte {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.Stderr
	}
	return nil
}

// dir returns the folder of the file, relative to the root; "." for the root.
func (f *file) dir() string { return path.Dir(f.name) }

// test reports whether the file is compiled for tests only.
func (f *file) test() bool { return strings.HasSuffix(f.name, "_test.go") }

// below reports whether a name is one of the given folders or below one.
func below(name string, dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") })
}

// library returns the files that are compiled into the programs of users: no tests, no examples.
func (m *module) library() []*file {
	return slices.DeleteFunc(slices.Clone(m.files), func(f *file) bool { return f.test() || below(f.dir(), "examples") })
}

// public reports whether a package can be imported by other modules.
func public(dir string) bool {
	return !below(dir, "internal", "examples") && !strings.Contains(dir, "/internal/")
}

// at returns a finding at a place in a file.
func (m *module) at(pos token.Pos, text string) finding {
	p := m.fset.Position(pos)
	return finding{p.Filename, p.Line, text}
}

// imported returns the place where the files of a folder import a package, in a test or not.
func (m *module) imported(dir, importPath string) token.Pos {
	for _, f := range m.files {
		for _, spec := range f.syntax.Imports {
			if f.dir() == dir && !f.test() && spec.Path.Value == `"`+importPath+`"` {
				return spec.Pos()
			}
		}
	}
	return token.NoPos
}

// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// exemption lets a package do what the others must not.
type exemption struct{ dir, name, reason string }

func exemptions() []exemption {
	return []exemption{
		{"internal/explore/exploretest", "os.Getenv", "the environment says how far tests go"},
		{"internal/netlab", "os.Getenv", "a process in namespaces learns from its environment that it is inside"},
		{"internal/netlab", "os.Environ", "which its parent adds to its own"},
		{"internal/netlab", "os.Args", "the process is started under the same name"},
		{"internal/netlab/netlabtest", "os.Getenv", "the environment says what tests must not skip"},
		{"internal/vmtest", "os.Getenv", "a test in a virtual machine learns from its environment that it is inside"},
		{"netif/guard", "os.Getenv", "a guard process learns from its environment that it is one"},
		{"netif/guard", "os.Environ", "which the program adds to its own"},
		{"netif/guard", "os.Args", "the process is started with the same arguments"},
		{"netif/guard", "os.Exit", "in a guard process Main does not return"},
		{"netif/guard", "os.Chdir", "a guard process belongs to the guard, and holds no file system"},
		{"netif/guard", "os/signal", "a guard process outlives what ends others"},
		{"internal/bench", "os.Args", "it is a program"},
		{"internal/bench", "os.Exit", "it is a program"},
		{"internal/bench", "flag", "it is a program"},
		{"internal/holder", "context.Context", "a job is taken under the lock and carries the context that Silence ends; it doesn't outlive the call of work"},
	}
}

// exempt reports whether a package may use a name.
func exempt(dir, name string) bool {
	return slices.ContainsFunc(exemptions(), func(e exemption) bool { return e.dir == dir && e.name == name })
}

// checkProcess wants no library package to do what is for the program to do.
func checkProcess(m *module) []finding {
	const (
		process     = "the process belongs to the program"
		environment = "a library is configured by its arguments"
		logger      = "logs go to the *slog.Logger that was given"
	)
	forbidden := map[string]string{
		"log": logger, "flag": environment, "os/signal": process, "expvar": process,
		"os.Exit": process, "os.Chdir": process,
		"os.Getenv": environment, "os.LookupEnv": environment, "os.Environ": environment, "os.Setenv": environment, "os.Args": environment,
		"slog.Default": logger, "slog.SetDefault": logger,
		"slog.Debug": logger, "slog.Info": logger, "slog.Warn": logger, "slog.Error": logger, "slog.Log": logger,
		"slog.DebugContext": logger, "slog.InfoContext": logger, "slog.WarnContext": logger, "slog.ErrorContext": logger,
	}
	var list []finding
	for _, f := range m.library() {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if name := used(f.syntax, n); forbidden[name] != "" && !exempt(f.dir(), name) {
				list = append(list, m.at(n.Pos(), name+": "+forbidden[name]))
			}
			return true
		})
	}
	return list
}

// used returns what a node uses of other packages: an import as its path, a selector as slog.Info, whatever the name the
// file gives to the package. It is empty for others.
func used(f *ast.File, n ast.Node) string {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return importPath(n)
	case *ast.SelectorExpr:
		id, ok := n.X.(*ast.Ident)
		if !ok {
			return ""
		}
		for _, spec := range f.Imports {
			base := importPath(spec)[strings.LastIndex(importPath(spec), "/")+1:]
			if spec.Name == nil && base == id.Name || spec.Name != nil && spec.Name.Name == id.Name {
				return base + "." + n.Sel.Name
			}
		}
	}
	return ""
}

// importPath returns the path of an import.
func importPath(s *ast.ImportSpec) string {
	p, err := strconv.Unquote(s.Path.Value)
	if err != nil {
		return s.Path.Value
	}
	return p
}

// checkContext wants contexts as first parameters and in no struct.
func checkContext(m *module) []finding {
	var list []finding
	for _, f := range m.library() {
		isContext := func(e ast.Expr) bool { return used(f.syntax, e) == "context.Context" }
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StructType:
				for _, field := range n.Fields.List {
					if isContext(field.Type) && !exempt(f.dir(), "context.Context") {
						list = append(list, m.at(field.Pos(), "context.Context in a struct"))
					}
				}
			case *ast.FuncDecl:
				list = append(list, m.lateContext(n.Type, isContext)...)
			case *ast.InterfaceType:
				for _, method := range n.Methods.List {
					if t, ok := method.Type.(*ast.FuncType); ok {
						list = append(list, m.lateContext(t, isContext)...)
					}
				}
			}
			return true
		})
	}
	return list
}

// lateContext returns the contexts among the parameters that are not the first.
func (m *module) lateContext(t *ast.FuncType, isContext func(ast.Expr) bool) []finding {
	var list []finding
	for i, field := range t.Params.List {
		if i > 0 && isContext(field.Type) {
			list = append(list, m.at(field.Pos(), "context.Context is not the first parameter"))
		}
	}
	return list
}

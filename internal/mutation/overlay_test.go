// SPDX-License-Identifier: Apache-2.0

package mutation

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// variable is the name in the environment of the number of the mutant that the tests are to be run on, and switchName that
// of the variable that has it.
const (
	variable   = "FHRP_MUTANT"
	switchName = "fhrpMutant"
)

// overlay makes a package that has all of these mutants, for the compiler to read in the place of the files as they are:
// one program is built, and not one for each. In it each function that mutants change only asks for the number, and calls
// the original or the mutant of that number, counted from 1. The result is the name of the file for go test -overlay.
func overlay(t *testing.T, l *list, mutants []mutant) string {
	t.Helper()
	dir, replace := t.TempDir(), map[string]string{}
	write := func(name, text string) {
		abs, err := filepath.Abs(filepath.Join(root, l.dir, name))
		replace[abs] = filepath.Join(dir, name)
		if err = errors.Join(err, os.WriteFile(replace[abs], []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	byFile, pkg := map[string][]int{}, ""
	for i, m := range mutants {
		byFile[m.file] = append(byFile[m.file], i)
	}
	for file, numbers := range byFile {
		s := readSource(t, l.dir, file)
		text, err := s.withMutants(mutants, numbers)
		if err != nil {
			t.Fatal(err)
		}
		write(file, text)
		pkg = s.syntax.Name.Name
	}
	write("fhrp_mutant.go", fmt.Sprintf("package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar %s, _ = strconv.Atoi(os.Getenv(%q))\n", pkg, switchName, variable))
	text, err := json.Marshal(map[string]any{"Replace": replace})
	file := filepath.Join(dir, "overlay.json")
	if err = errors.Join(err, os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	return file
}

// withMutants returns the text of a file with the mutants of these numbers, which count from 0 here.
func (s *source) withMutants(mutants []mutant, numbers []int) (string, error) {
	byFunction := map[string][]int{}
	for _, i := range numbers {
		byFunction[mutants[i].fn] = append(byFunction[mutants[i].fn], i)
	}
	var functions []*ast.FuncDecl
	for name := range byFunction {
		f, err := s.function(name)
		if err != nil {
			return "", err
		}
		functions = append(functions, f)
	}
	slices.SortFunc(functions, func(a, b *ast.FuncDecl) int { return int(a.Pos() - b.Pos()) })
	var b strings.Builder
	end := 0
	for _, f := range functions {
		b.WriteString(s.text[end:s.within(f).begin])
		end = s.within(f).end
		fmt.Fprintf(&b, "%s\n\n%s\n", s.dispatcher(f, byFunction[f.Name.Name]), s.cloned(f, 0, span{end, end}, ""))
		for _, i := range byFunction[f.Name.Name] {
			text, err := s.mutated(f, mutants[i], i+1)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "\n%s\n", text)
		}
	}
	return b.String() + s.text[end:], nil
}

// clone is the name of a function with the mutant of a number, of the original with 0.
func clone(f *ast.FuncDecl, number int) string { return fmt.Sprintf("%s__%d", f.Name.Name, number) }

// cloned returns the text of a function under the name of a clone, with what is at a span changed. That may be all of it,
// if it is short.
func (s *source) cloned(f *ast.FuncDecl, number int, at span, changed string) string {
	all, name := s.within(f), s.within(f.Name)
	if at == all {
		after := s.text[name.end : name.end+1] // "(", or "[" of a generic function
		return strings.Replace(changed, f.Name.Name+after, clone(f, number)+after, 1)
	}
	return s.text[all.begin:name.begin] + clone(f, number) + s.text[name.end:at.begin] + changed + s.text[at.end:all.end]
}

// mutated returns the text of a function with a mutant. To the compiler all of it stands in the line of the list.
func (s *source) mutated(f *ast.FuncDecl, m mutant, number int) (string, error) {
	at, err := s.find(m.entry)
	if err != nil {
		return "", err
	}
	line := fmt.Sprintf("/*line %s:%d:1*/", m.list.name, m.line)
	return line + strings.ReplaceAll(s.cloned(f, number, at, m.changed), "\n", "\n"+line), nil
}

// dispatcher returns a function that calls the one that is asked for.
func (s *source) dispatcher(f *ast.FuncDecl, numbers []int) string {
	var params, args []string
	for _, field := range f.Type.Params.List {
		for range max(1, len(field.Names)) {
			p := fmt.Sprintf("p%d", len(params))
			params, args = append(params, p+" "+s.of(field.Type)), append(args, p)
		}
	}
	receiver, of, generic, results, give := "", "", "", "", ""
	if f.Type.TypeParams != nil {
		generic = s.of(f.Type.TypeParams)
	}
	if f.Recv != nil {
		receiver, of = s.of(f.Recv)+" ", f.Recv.List[0].Names[0].Name+"."
	}
	if f.Type.Results != nil {
		results, give = s.of(f.Type.Results)+" ", "return "
	}
	call := func(number int) string {
		return fmt.Sprintf("%s%s%s(%s)", give, of, clone(f, number), strings.Join(args, ", "))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "func %s%s%s(%s) %s{\n\tswitch %s {\n", receiver, f.Name.Name, generic, strings.Join(params, ", "), results, switchName)
	for _, i := range numbers {
		fmt.Fprintf(&b, "\tcase %d:\n\t\t%s\n", i+1, call(i+1))
	}
	fmt.Fprintf(&b, "\tdefault:\n\t\t%s\n\t}\n}", call(0))
	return b.String()
}

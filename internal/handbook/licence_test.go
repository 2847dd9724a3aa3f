// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestLicences holds that the README lists the modules that this one and the examples with a module of their own are compiled
// with, where each of them is, and its licence.
func TestLicences(t *testing.T) {
	where, source := map[string][]string{}, map[string]string{}
	note := func(dir, place string, args ...string) {
		for _, module := range modules(t, dir, args...) {
			if !slices.Contains(where[module], everywhere) {
				where[module], source[module] = append(where[module], place), dir
			}
		}
	}
	note(".", everywhere, "./...")
	for _, file := range files(t, "*/go.mod") {
		dir := path.Dir(file)
		needModule(t, dir)
		note(dir, path.Base(dir), "./...")
	}
	for _, module := range modules(t, ".", "-test", "./...") {
		if where[module] == nil {
			where[module], source[module] = []string{"tests"}, "."
		}
	}
	var want, got [][]string
	for _, module := range slices.Sorted(maps.Keys(where)) {
		want = append(want, []string{module, licence(t, source[module], module), strings.Join(where[module], ", ")})
	}
	for _, row := range rows(section(t, read(t, "README.md"), "Licence")) {
		got = append(got, []string{strings.Trim(row[0], "`"), row[1], row[2]})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("section Licence of the README (-it should have +it has):\n%s", diff)
	}
}

// everywhere is the place of a module that the library is compiled with.
const everywhere = "library and programs"

// modules returns the modules that packages below a folder are compiled with, but for our own, sorted.
func modules(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(goList(t, dir, append([]string{"-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}, args...)...)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "github.com/go-fhrp/fhrp") {
			list = append(list, line)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// goList asks the go command in a folder of the module.
func goList(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := listCommand(dir, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// listCommand is a call of go list in a folder of the module.
func listCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = filepath.Join(root, dir)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOOS=linux", "CGO_ENABLED=0")
	return cmd
}

// needModule skips a test where what an example with a module of its own needs can't be had.
func needModule(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, dir, "go.mod")); err != nil {
		return
	}
	if out, err := listCommand(dir, "-deps", "./...").CombinedOutput(); err != nil {
		netlabtest.Missing(t, fmt.Sprintf("the modules of %s: %v\n%s", dir, err, out))
	}
}

// licence returns the licence of a module that another one uses, by the text that comes with it.
func licence(t *testing.T, from, module string) string {
	t.Helper()
	dir := strings.TrimSpace(goList(t, from, "-m", "-f", "{{.Dir}}", module))
	names, err := filepath.Glob(filepath.Join(dir, "LICENSE*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no licence in %q: %v", module, dir, err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(string(text)), " ")
	for _, l := range []struct{ words, name string }{
		{"Apache License Version 2.0", "Apache-2.0"},
		{"Permission is hereby granted, free of charge", "MIT"},
		{"Neither the name of", "BSD-3-Clause"},
	} {
		if strings.Contains(words, l.words) {
			return l.name
		}
	}
	return "unknown"
}

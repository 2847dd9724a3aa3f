// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestLicences holds that the README lists the modules that this one and director are compiled with, where each of them is, and
// its licence.
func TestLicences(t *testing.T) {
	needDirector(t)
	library, director := modules(t, ".", "./..."), modules(t, "examples/director", ".")
	var want, got [][]string
	for _, module := range slices.Sorted(slices.Values(append(modules(t, ".", "-test", "./..."), director...))) {
		where := "tests"
		if slices.Contains(library, module) {
			where = "library and programs"
		} else if slices.Contains(director, module) {
			where = "director"
		}
		row := []string{module, licence(t, module), where}
		if !slices.ContainsFunc(want, func(other []string) bool { return other[0] == module }) {
			want = append(want, row)
		}
	}
	for _, row := range rows(section(t, read(t, "README.md"), "Licence")) {
		got = append(got, []string{strings.Trim(row[0], "`"), row[1], row[2]})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("section Licence of the README (-it should have +it has):\n%s", diff)
	}
}

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

// needDirector skips a test where the modules that director alone needs can't be had.
func needDirector(t *testing.T) {
	t.Helper()
	if out, err := listCommand("examples/director", "-deps", ".").CombinedOutput(); err != nil {
		netlabtest.Missing(t, fmt.Sprintf("the modules of examples/director: %v\n%s", err, out))
	}
}

// licence returns the licence of a module, by the text that comes with it.
func licence(t *testing.T, module string) string {
	t.Helper()
	dir := strings.TrimSpace(goList(t, "examples/director", "-m", "-f", "{{.Dir}}", module))
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

// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// status is what a line of the README ends with where that isn't 0.
func status() map[string]int {
	return map[string]int{"realserver": 1} // no host is ready to be one by itself
}

// TestExamplesRun has each example in the README, with a line that runs as it stands there.
func TestExamplesRun(t *testing.T) {
	var listed []string
	for _, row := range rows(section(t, read(t, "README.md"), "Try each")) {
		name, command := row[0], strings.Fields(strings.Trim(row[1], "`"))
		listed = append(listed, name)
		if name == "failover" {
			continue // it has tests of its own, and takes a quarter of a minute
		}
		t.Run(name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("it compiles and runs a program")
			}
			needModule(t, "examples/"+name)
			cmd := exec.Command(command[0], command[1:]...)
			cmd.Dir = root
			out, _ := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); got != status()[name] || len(out) == 0 {
				t.Errorf("%v: status %d, %s", command, got, out)
			}
		})
	}
	entries, err := os.ReadDir(filepath.Join(root, "examples"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(listed, e.Name()) {
			t.Errorf("the README has no line for example %s", e.Name())
		}
	}
}

// TestPrivileges holds that the README asks for the privileges that the program itself names when it lacks them.
func TestPrivileges(t *testing.T) {
	hint := regexp.MustCompile(`setcap ([a-z_,]+)\+ep ([a-z]+)`)
	for _, row := range rows(section(t, read(t, "README.md"), "Try each")) {
		var wanted []string
		for _, word := range strings.Split(row[2], ", ") {
			if strings.HasPrefix(word, "cap_") {
				wanted = append(wanted, word)
			}
		}
		said := ""
		for _, file := range sources(t, row[0]) {
			for _, m := range hint.FindAllStringSubmatch(file, -1) {
				if m[2] != row[0] {
					t.Errorf("%s tells how to give privileges to %s", row[0], m[2])
				}
				said = m[1]
			}
		}
		if said != strings.Join(wanted, ",") {
			t.Errorf("%s: the README asks for %q, the program for %q", row[0], wanted, said)
		}
	}
}

// sources returns the files of an example that are not tests.
func sources(t *testing.T, example string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "examples", example, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%v: no source of %s", err, example)
	}
	var list []string
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			list = append(list, read(t, strings.TrimPrefix(filepath.ToSlash(name), root+"/")))
		}
	}
	return list
}

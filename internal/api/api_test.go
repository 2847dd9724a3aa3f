// SPDX-License-Identifier: Apache-2.0

package api

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "take the record anew")

// root is the root of the module.
const root = "../.."

// publicPackages returns the folders of the packages that other modules can import.
func publicPackages(t *testing.T) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir() || name == ".":
			return err
		case strings.HasPrefix(d.Name(), "."), name == "examples", d.Name() == "internal", d.Name() == "testdata":
			return fs.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(root, name, "*.go"))
		if len(files) > 0 {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestRecord holds that what is exported is what is recorded.
func TestRecord(t *testing.T) {
	var known []string
	for _, dir := range publicPackages(t) {
		name := strings.ReplaceAll(dir, "/", "_") + ".txt"
		known = append(known, name)
		now, err := exported(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%s is not recorded: %v", dir, err)
			continue
		}
		before := strings.Split(strings.TrimSpace(string(text)), "\n")
		gone, come := without(before, now), without(now, before)
		if len(gone)+len(come) > 0 {
			t.Errorf("%s exports something else than what is recorded; if it is meant, go test ./internal/api -update\n%s%s",
				dir, listed("gone: ", gone), listed("come: ", come))
		}
	}
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(known, e.Name()) {
			t.Errorf("testdata/%s is about a package that is not there", e.Name())
		}
	}
}

// without returns what is in a list and not in another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(line string) bool { return slices.Contains(other, line) })
}

// listed returns lines, each after a word.
func listed(word string, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "\t" + word + strings.Join(lines, "\n\t"+word) + "\n"
}

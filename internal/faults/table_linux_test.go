// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTable holds the table in the documentation: it has each fault, and the tests that it names are there.
func TestTable(t *testing.T) {
	folders := map[string]string{"fieldreports": "../fieldreports", "netif": "../../netif", "guard": "../../netif/guard",
		"vip": "../../vip", "carpd": "../../examples/carpd"}
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range regexp.MustCompile(`(?m)^//\t(\w+) +(.*)$`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, row[1])
		for _, test := range regexp.MustCompile(`(\w+)\.(Test\w+)`).FindAllStringSubmatch(row[2], -1) {
			if folder := folders[test[1]]; folder == "" || !hasTest(t, folder, test[2]) {
				t.Errorf("%s: there is no %s", row[1], test[0])
			}
		}
	}
	var want []string
	for _, f := range faults() {
		want = append(want, f.name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("the table has %q, want %q", names, want)
	}
}

// hasTest reports whether a folder has a test.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "\nfunc "+name+"(")
	})
}

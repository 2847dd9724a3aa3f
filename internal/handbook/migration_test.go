// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"regexp"
	"strings"
	"testing"
)

// TestMigrationTables holds that the pages for who comes from elsewhere name directives that are read, options that carpd has, and
// fields and methods that the packages have.
func TestMigrationTables(t *testing.T) {
	text := read(t, "examples/vrrpd/MIGRATION.md")
	for _, row := range rows(section(t, text, "In the file, and in a program")) {
		for _, directive := range code(row[0]) {
			checkDirective(t, directive)
		}
		checkNames(t, "vrrp", row[1])
	}
	for _, row := range rows(section(t, text, "On the command line")) {
		for _, line := range code(row[1]) {
			if strings.HasPrefix(line, "vrrpd") {
				checkCommand(t, "MIGRATION.md", line)
			}
		}
	}
	text = read(t, "examples/carpd/MIGRATION.md")
	for _, row := range append(rows(section(t, text, "ucarp")), rows(section(t, text, "FreeBSD's carp(4)"))...) {
		same := strings.HasPrefix(row[1], "the same")
		for _, option := range code(row[0]) {
			if same {
				checkCommand(t, "MIGRATION.md", "carpd "+option)
			}
		}
		for _, option := range code(row[1]) {
			checkCommand(t, "MIGRATION.md", "carpd "+option)
		}
		checkNames(t, "carp", row[2])
	}
}

// checkDirective holds that a line of a keepalived.conf is one that is acted on.
func checkDirective(t *testing.T, line string) {
	t.Helper()
	name := strings.Fields(line)[0]
	known := regexp.MustCompile(`(?m)^//\t` + name + ` +supported$`)
	if !known.MatchString(read(t, "internal/keepalived/doc.go")) {
		t.Errorf("%s is not a directive that is supported", name)
	}
}

// checkNames holds that what is in backticks is a field, a method or a function, of a package unless it names another.
func checkNames(t *testing.T, dir, text string) {
	t.Helper()
	for _, name := range code(text) {
		owner, own, found := strings.Cut(name, ".")
		record := dir
		patterns := []string{"field " + name + " ", "method (*" + owner + ") " + own + "("}
		if owner == strings.ToLower(owner) {
			record, patterns = owner, []string{"func " + own + "("}
		}
		if !found {
			continue
		}
		lines := "\n" + read(t, "internal/api/testdata/"+record+".txt")
		exists := false
		for _, p := range patterns {
			exists = exists || strings.Contains(lines, "\n"+p)
		}
		if !exists {
			t.Errorf("package %s has no %s", record, name)
		}
	}
}

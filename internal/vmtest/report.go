// SPDX-License-Identifier: Apache-2.0

package vmtest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// report gives each test a subtest that has its result and its output.
func report(t *testing.T, tests []string, output string) {
	parts := split(output)
	for _, name := range tests {
		t.Run(name, func(t *testing.T) {
			part := parts[name]
			switch result(name, part) {
			case "PASS":
				if testing.Verbose() {
					t.Logf("in the guest:\n%s", part)
				}
			case "SKIP":
				netlabtest.Missing(t, "in the guest:\n"+part)
			default:
				t.Errorf("in the guest:\n%s", part)
			}
		})
	}
}

// split returns what each test printed, its subtests included. A line of package testing says whose the lines after it
// are.
func split(output string) map[string]string {
	parts := map[string]string{}
	heading := regexp.MustCompile(`^(?:=== [A-Z]+ +|--- [A-Z]+: )([^/\s]+)`)
	name := ""
	for line := range strings.Lines(output) {
		if match := heading.FindStringSubmatch(line); match != nil {
			name = match[1]
		}
		parts[name] += line
	}
	return parts
}

// result returns what the output says about a test: PASS, SKIP or FAIL, or nothing if it did not end.
func result(name, output string) string {
	match := regexp.MustCompile(`(?m)^--- ([A-Z]+): ` + regexp.QuoteMeta(name) + ` \(`).FindStringSubmatch(output)
	if match == nil {
		return ""
	}
	return match[1]
}

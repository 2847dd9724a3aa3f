// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// programOptions returns the options of a program, by its manual page, of which a test of the program holds that it has them all.
func programOptions(t *testing.T, program string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(read(t, "examples/"+program+"/"+program+".8")) {
		if !strings.HasPrefix(line, ".It Fl ") {
			continue
		}
		for _, m := range regexp.MustCompile(`Fl (\S+)`).FindAllStringSubmatch(line, -1) {
			list = append(list, "-"+m[1])
		}
	}
	if len(list) == 0 {
		t.Fatalf("no options of %s", program)
	}
	return list
}

// checkCommand holds that a command line is one of a program of the module, with options that it has.
func checkCommand(t *testing.T, where, line string) (program string) {
	t.Helper()
	words := strings.Fields(line)
	program = path.Base(words[0])
	known := programOptions(t, program)
	for _, word := range words[1:] {
		if option, _, _ := strings.Cut(word, "="); strings.HasPrefix(word, "-") && !slices.Contains(known, option) {
			t.Errorf("%s: %s has no option %s", where, program, option)
		}
	}
	return program
}

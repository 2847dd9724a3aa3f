// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the root of the module.
const root = "../.."

// read returns the text of a file of the module.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section returns what stands in a document of Markdown below a heading, up to the next one.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, below, found := strings.Cut(text, "\n## "+heading+"\n")
	if !found {
		t.Fatalf("there is no section %q", heading)
	}
	own, _, _ := strings.Cut(below, "\n## ")
	return own
}

// blocks returns the blocks of code in Markdown of a language, which is "" for those without.
func blocks(text, language string) []string {
	var list []string
	for {
		_, rest, found := strings.Cut(text, "```")
		if !found {
			return list
		}
		first, rest, _ := strings.Cut(rest, "\n")
		block, rest, _ := strings.Cut(rest, "```")
		if first == language {
			list = append(list, block)
		}
		text = rest
	}
}

// rows returns the rows of the tables in Markdown, without their heads, each as its cells.
func rows(text string) [][]string {
	var list [][]string
	inside := false // past the line below the head
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			inside = false
		case strings.HasPrefix(line, "|--"):
			inside = true
		case inside:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			list = append(list, cells)
		}
	}
	return list
}

// code returns what stands between single backticks.
func code(text string) []string {
	var list []string
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			list = append(list, part)
		}
	}
	return list
}

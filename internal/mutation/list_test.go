// SPDX-License-Identifier: Apache-2.0

package mutation

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// list is a file of testdata.
type list struct {
	name    string   // of the file
	dir     string   // of the package, below the root of the module
	files   []string // of it that the list breaks each clause of
	without string   // the tests that are left out, a regular expression
	entries []*entry
}

// entry is a line of the code, and what is to become of it.
type entry struct {
	line        int // in the list
	clause      string
	file, fn    string
	after       string // a line above, where old is there more than once
	old         string
	mutants     []mutant
	equivalents []string // why no other change matters
}

// mutant is the code with one line changed.
type mutant struct {
	*entry
	list    *list
	line    int // in the list
	changed string
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d: %s/%s %s: %s\n\t- %s\n\t+ %s", m.list.name, m.line, m.list.dir, m.file, m.fn, m.clause, m.old, m.changed)
}

// readList reads the text of a list, as the documentation of the package describes it.
func readList(name, text string) (*list, error) {
	l := &list{name: name}
	var place entry // of what follows
	var last *entry
	for line := range strings.Lines(text) {
		place.line++
		line = strings.TrimSpace(line)
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "":
		case mark == "package":
			l.dir = rest
		case mark == "files":
			l.files = append(l.files, strings.Fields(rest)...)
		case mark == "without":
			l.without = rest
		case mark == "#":
			place.clause = rest
		case mark == "@":
			place.after = rest
		case mark == "-":
			e := place
			e.old, place.after, last = rest, "", &e
			l.entries = append(l.entries, last)
		case mark == "+" && last != nil:
			last.mutants = append(last.mutants, mutant{last, l, place.line, rest})
		case mark == "~" && last != nil && rest != "":
			last.equivalents = append(last.equivalents, rest)
		case strings.HasSuffix(mark, ".go") && rest != "":
			place.file, place.fn = mark, rest
		default:
			return nil, fmt.Errorf("%s:%d: %q is no line of a list", name, place.line, line)
		}
	}
	for _, e := range l.entries {
		if e.clause == "" || e.file == "" || len(e.mutants)+len(e.equivalents) == 0 {
			return nil, fmt.Errorf("%s:%d: an entry without a clause, a place or a change", name, e.line)
		}
	}
	return l, nil
}

// lists reads all lists.
func lists(t *testing.T) []*list {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d lists, %v", len(files), err)
	}
	var all []*list
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		l, err := readList(file, string(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// mutants returns those of a list.
func (l *list) mutants() []mutant {
	var all []mutant
	for _, e := range l.entries {
		all = append(all, e.mutants...)
	}
	return all
}

// TestListIsRead holds what reads the lists.
func TestListIsRead(t *testing.T) {
	l, err := readList("x.txt", "package vrrp\nwithout TestSlow$\n\n# the clause\nbackup.go follow\n- a = b\n+ a = c\n+\n- d()\n~ nobody sees it\n")
	if err != nil {
		t.Fatal(err)
	}
	if l.dir != "vrrp" || l.without != "TestSlow$" || len(l.entries) != 2 || len(l.mutants()) != 2 {
		t.Errorf("%+v", l)
	}
	m := l.mutants()[1]
	if m.clause != "the clause" || m.file != "backup.go" || m.fn != "follow" || m.old != "a = b" || m.changed != "" || m.line != 8 || m.entry.line != 6 {
		t.Errorf("%+v", m)
	}
	for _, text := range []string{"- a\n+ b\n", "# c\nx.go f\n- a\n", "# c\nx.go f\n+ a\n", "# c\nx.go f\n- a\n~\n", "# c\nx.go\n- a\n+ b\n"} {
		if _, err := readList("x.txt", text); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
}

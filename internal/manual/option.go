// SPDX-License-Identifier: Apache-2.0

package manual

import (
	"regexp"
	"strings"
)

// option is one of a program.
type option struct {
	name  string // with its hyphens
	short string // a second name, of one letter, with its hyphen
	value string // what its value is called, empty if it has none
	text  string
}

// heads are what lines about an option begin with, in the help of package flag and in that of programs by getopt_long(3).
func heads() (flag, long *regexp.Regexp) {
	return regexp.MustCompile(`^  (-[\w-]+)(?: (\S+))?(?:\t(.*))?$`),
		regexp.MustCompile(`^  (--[\w-]+)(?:=(\S+))?(?: \((-\w)\))? +(\S.*)$`)
}

// parseHelp returns the options of a help.
func parseHelp(help string) []option {
	flag, long := heads()
	var list []option
	for line := range strings.Lines(help) {
		line = strings.TrimRight(line, "\n")
		if m := long.FindStringSubmatch(line); m != nil {
			list = append(list, option{name: m[1], value: m[2], short: m[3], text: m[4]})
		} else if m := flag.FindStringSubmatch(line); m != nil {
			list = append(list, option{name: m[1], value: m[2], text: m[3]})
		} else if text, ok := strings.CutPrefix(line, "    \t"); ok && len(list) > 0 {
			last := &list[len(list)-1]
			last.text = strings.TrimSpace(last.text + " " + text)
		}
	}
	return list
}

// options writes the list of them.
func (w *writer) options(list []option) {
	w.line(".Bl -tag -width Ds")
	for _, o := range list {
		words := []string{o.name}
		if o.value != "" {
			words = append(words, o.value)
		}
		head := arguments(words)
		if o.short != "" {
			head = arguments([]string{o.short}) + " , " + head
		}
		w.line(".It %s", head)
		w.text(strings.ToUpper(o.text[:1]) + o.text[1:] + ".")
	}
	w.line(".El")
}

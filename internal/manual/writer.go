// SPDX-License-Identifier: Apache-2.0

package manual

import (
	"fmt"
	"go/doc/comment"
	"regexp"
	"strings"
)

// writer writes mdoc.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// escape takes from a text what roff would take for its own.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "…", "...", "–", `\(en`, "×", `\(mu`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// sentence is where a new one begins, which mdoc wants on a line of its own.
func sentence() *regexp.Regexp { return regexp.MustCompile(`([.?]) ([A-Z])`) }

// text writes flowing text.
func (w *writer) text(text string) {
	text = strings.Join(strings.Fields(text), " ")
	for line := range strings.Lines(sentence().ReplaceAllString(text, "$1\n$2")) {
		w.wrapped(strings.Fields(line))
	}
}

// wrapped writes words in lines that a terminal shows whole.
func (w *writer) wrapped(words []string) {
	const width = 78
	line := ""
	for _, word := range words {
		if line != "" && len(line)+1+len(word) > width {
			w.line("%s", escape(line))
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	w.line("%s", escape(line))
}

// plain returns a text without its links and emphasis.
func plain(list []comment.Text) string {
	var b strings.Builder
	for _, t := range list {
		switch t := t.(type) {
		case comment.Plain:
			b.WriteString(string(t))
		case comment.Italic:
			b.WriteString(string(t))
		case *comment.Link:
			b.WriteString(plain(t.Text))
		case *comment.DocLink:
			b.WriteString(plain(t.Text))
		}
	}
	return b.String()
}

// blocks writes the blocks of a comment.
func (w *writer) blocks(list []comment.Block) {
	for i, block := range list {
		switch b := block.(type) {
		case *comment.Heading:
			w.line(".Ss %s", escape(plain(b.Text)))
		case *comment.Paragraph:
			if !follows(list, i) {
				w.line(".Pp")
			}
			w.text(plain(b.Text))
		case *comment.Code:
			w.line(".Bd -literal -offset indent")
			for line := range strings.Lines(b.Text) {
				w.line("%s", escape(strings.TrimRight(line, "\n")))
			}
			w.line(".Ed")
		case *comment.List:
			w.line(".Bl -bullet")
			for _, item := range b.Items {
				w.line(".It")
				w.blocks(item.Content)
			}
			w.line(".El")
		}
	}
}

// follows reports whether no space is wanted before a block: it is the first of an item, or follows a heading.
func follows(list []comment.Block, i int) bool {
	if i == 0 {
		return len(list) == 1
	}
	_, heading := list[i-1].(*comment.Heading)
	return heading
}

// synopsis writes the forms of the command line, one a line.
func (w *writer) synopsis(name, text string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "  #")
		rest, ok := strings.CutPrefix(line, name)
		if !ok {
			continue
		}
		w.line(".Nm %s", name)
		for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
			var group string
			if group, rest, ok = strings.Cut(rest, "]"); ok && strings.HasPrefix(group, "[") {
				w.line(".Op %s", arguments(strings.Fields(group[1:])))
				continue
			}
			if ok {
				rest = group + "]" + rest
			} else {
				rest = group
			}
			word, after, _ := strings.Cut(rest, " ")
			w.line(".%s", arguments([]string{word}))
			rest = after
		}
	}
}

// arguments returns the macros for words of a command line.
func arguments(words []string) string {
	var list []string
	for _, word := range words {
		word, more := strings.CutSuffix(word, "...")
		if flag, ok := strings.CutPrefix(word, "-"); ok {
			list = append(list, "Fl", flag)
		} else {
			list = append(list, "Ar", escape(word))
		}
		if more {
			list = append(list, "...")
		}
	}
	return strings.Join(list, " ")
}

// seeAlso names the other pages.
func (w *writer) seeAlso(name string, others []string) {
	w.line(".Sh SEE ALSO")
	var list []string
	for _, other := range others {
		if other != name {
			list = append(list, ".Xr "+other+" 8")
		}
	}
	w.line("%s", strings.Join(list, " ,\n"))
}

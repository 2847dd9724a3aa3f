// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"slices"
	"strings"
)

const (
	maxLine  = 1023    // octets of a line; keepalived ignores longer ones
	maxTexts = 1 << 20 // lines, and parts of lines after a brace or a definition

	blanks = " \t"
	spaces = " \t\f\n\r\v"
)

// text is a line, or the part of a line after a brace, that waits to be read.
type text struct {
	s      string
	file   string
	line   int
	whole  bool // as it stands in the file
	empty  bool // an empty line of the file
	secret bool // in a line that might hold a password
}

type tokenKind uint8

const (
	tokenWords tokenKind = iota // a directive without its block
	tokenOpen                   // {
	tokenClose                  // }
)

type token struct {
	text
	kind  tokenKind
	words []string
}

// lexer reads files and returns tokens. Braces outside double quotes are tokens of their own wherever they stand; what is between
// them, and between line ends, are the words of one directive.
type lexer struct {
	source Source
	report *report
	files  []*file // those that are open or about to be opened; the last one is read
	queue  []text  // what goes before the next line of the file; the last one is read
	defs   map[string][]string

	included int  // files, and lines that include some
	size     int  // octets of files
	texts    int  // lines, and parts of lines
	stopped  bool // a limit was hit: there are no more tokens
}

func newLexer(source Source, r *report) *lexer {
	main := &file{name: source.File, check: 'a'}
	return &lexer{source: source, report: r, files: []*file{main}, defs: map[string][]string{}}
}

// next returns the next token, and false at the end.
func (l *lexer) next() (token, bool) {
	for {
		t, ok := l.pop()
		if !ok {
			return token{}, false
		}
		if t, ok = l.resolve(t); !ok {
			continue
		}
		if tok, ok := l.cut(t); ok {
			return tok, true
		}
	}
}

// pop returns the next piece of text, cleaned of comments.
func (l *lexer) pop() (text, bool) {
	if l.texts++; l.texts > maxTexts {
		l.stop(text{file: l.source.File}, "too many lines")
	}
	if l.stopped {
		return text{}, false
	}
	if last := len(l.queue) - 1; last >= 0 {
		t := l.queue[last]
		l.queue = l.queue[:last]
		return t, true
	}
	for {
		f := l.current()
		if f == nil {
			return text{}, false
		}
		if s, ok := f.next(); ok {
			t := text{s: s, file: f.name, line: f.line, whole: true, empty: s == "", secret: mentionsSecret(s)}
			t.s = l.clean(t)
			return t, true
		}
		l.files = l.files[:len(l.files)-1]
	}
}

// current returns the file that is being read, nil after the last one.
func (l *lexer) current() *file {
	for len(l.files) > 0 && !l.stopped {
		f := l.files[len(l.files)-1]
		if f.opened || l.open(f) {
			return f
		}
		l.files = l.files[:len(l.files)-1]
	}
	return nil
}

// depth returns how deep in files that include each other the lexer is.
func (l *lexer) depth() int {
	if len(l.files) == 0 {
		return 0
	}
	return l.files[len(l.files)-1].depth
}

func (l *lexer) open(f *file) bool {
	rest, err := l.source.read(f.name)
	if l.size += len(rest); l.size > maxSize {
		l.stop(text{file: f.name}, "too much text")
		return false
	}
	switch {
	case err == nil:
		f.opened, f.rest = true, rest
	case f.required(err):
		l.report.add(f.failure(err))
	default:
		e := f.failure(err)
		l.report.warn(Warning{
			Kind: Adjusted, File: e.File, Line: e.Line, Directive: e.Directive,
			Text: quote(f.name) + " is not included: " + e.Reason,
		})
	}
	return err == nil
}

// cut takes the first token off t and puts the rest back.
func (l *lexer) cut(t text) (token, bool) {
	head, rest := cutBrace(t.s)
	if rest != "" {
		l.queue = append(l.queue, text{s: rest, file: t.file, line: t.line, secret: t.secret})
	}
	tok := token{text: t}
	switch head {
	case "":
		return token{}, false
	case "{":
		tok.kind = tokenOpen
		return tok, true
	case "}":
		tok.kind = tokenClose
		return tok, true
	}
	words, ok := splitWords(head)
	if !ok {
		l.fail(t, firstWord(head), ErrSyntax, "a quote is not closed")
		return token{}, false
	}
	tok.words = words
	return tok, len(words) > 0
}

// stop reports that a limit was exceeded, and ends the reading.
func (l *lexer) stop(t text, reason string) {
	if !l.stopped {
		l.fail(t, "", ErrLimit, reason)
	}
	l.stopped = true
}

// fail reports an error of the line that t is part of. directive is left out unless keepalived knows a directive of that name: it
// might be part of a password otherwise.
func (l *lexer) fail(t text, directive string, cause error, reason string) {
	if !strings.HasPrefix(directive, "$") && !knownAnywhere(directive) {
		directive = ""
	}
	l.report.add(&Error{File: t.file, Line: t.line, Directive: directive, Reason: reason, Err: cause})
}

// mentionsSecret reports whether a directive that takes a password is named in the line, even if the password is stuck to it.
func mentionsSecret(line string) bool {
	mentioned := func(name string) bool { return strings.Contains(line, name) }
	if !slices.ContainsFunc(secretNames, mentioned) {
		return false
	}
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(spaces+`"{}`, r) })
	return slices.ContainsFunc(words, isSecretName)
}

// isSecretName reports whether word is the name of a directive that takes a password, or starts with one.
func isSecretName(word string) bool {
	return slices.ContainsFunc(secretNames, func(name string) bool { return strings.HasPrefix(word, name) })
}

// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// maxReplaced bounds how often definitions are replaced in one line: a definition may name itself.
const maxReplaced = 64

// resolve takes care of everything that keepalived does to a line before it looks at its words: conditions, definitions, includes.
// It returns false if nothing is left.
func (l *lexer) resolve(t text) (text, bool) {
	t, ok := l.condition(t)
	if !ok || t.s == "" || l.define(t) {
		return text{}, false
	}
	if strings.HasPrefix(t.s, "~SEQ") || strings.HasPrefix(t.s, "~LST") {
		l.fail(t, "", errors.ErrUnsupported, t.s[:4]+" is not supported")
		return text{}, false
	}
	if t, ok = l.replace(t); !ok {
		return text{}, false
	}
	if pattern, check, ok := includeLine(t.s); ok {
		if t.whole {
			l.include(t, pattern, check)
		} else {
			l.fail(t, "include", ErrSyntax, "must be a line of its own, without condition, definition or brace before it")
		}
		return text{}, false
	}
	if body := strings.TrimRight(t.s, `\`); (len(t.s)-len(body))%2 == 1 {
		l.fail(t, firstWord(body), ErrSyntax, `a line goes on after \ in a definition only`)
		return text{}, false
	}
	return t, t.s != ""
}

// condition returns t without the condition it starts with, and false if that is not met.
func (l *lexer) condition(t text) (text, bool) {
	s, ok := strings.CutPrefix(t.s, "@")
	if !ok {
		return t, true
	}
	s, not := strings.CutPrefix(s, "^")
	end := strings.IndexAny(s, blanks)
	if end < 0 {
		return text{}, false
	}
	met := l.source.ID != "" && s[:end] == l.source.ID
	t.s, t.whole = strings.TrimLeft(s[end:], blanks), false
	return t, met != not
}

// define keeps t if it is a definition, $NAME=VALUE. It goes on in the next line where a line ends with a backslash.
func (l *lexer) define(t text) bool {
	name, value, ok := strings.Cut(t.s, "=")
	if !ok || len(name) < 2 || name[0] != '$' || nameLength(name[1:]) != len(name)-1 {
		return false
	}
	var lines []string
	for value, ok = strings.TrimLeft(value, blanks), true; ok; value, ok = l.more() {
		line, more := strings.CutSuffix(value, `\`)
		if line = strings.TrimRight(line, blanks); line != "" {
			lines = append(lines, line)
		}
		if !more {
			break
		}
	}
	if lines == nil {
		lines = []string{""}
	}
	l.defs[name[1:]] = lines
	return true
}

// more returns the next line of a definition. Lines that hold blanks or a comment only don't count, an empty one ends the
// definition.
func (l *lexer) more() (string, bool) {
	for {
		t, ok := l.pop()
		if !ok || t.empty {
			return "", false
		}
		if t.s != "" {
			return t.s, true
		}
	}
}

// replace puts the values of definitions in the place of $NAME and ${NAME}; what is not defined stays as it is. A definition of
// several lines counts at the end of a line only; its other lines come next. It returns false if the line can't be read.
func (l *lexer) replace(t text) (text, bool) {
	s, i, count := t.s, 0, 0
	var rest []string
	for next := strings.IndexByte(s, '$'); next >= 0; next = strings.IndexByte(s[i:], '$') {
		i += next
		name, width := reference(s[i:])
		lines, ok := l.lookup(t, name)
		if variable, wide := variable(s[i:]); wide > 0 && l.source.Env != nil {
			width, lines, ok = wide, []string{l.source.Env(variable)}, true
		}
		switch {
		case !ok && unsupportedDefinition(s[i:]):
			l.fail(t, "", errors.ErrUnsupported, "$_RANDOM and $_ENV are not supported")
			return text{}, false
		case !ok || len(lines) > 1 && i+width < len(s):
			i++
			continue
		}
		if l.texts += len(lines) - 1; l.texts > maxTexts {
			l.stop(t, "definitions have too many lines")
			return text{}, false
		}
		s, rest, count = s[:i]+lines[0]+s[i+width:], slices.Concat(lines[1:], rest), count+1
		if len(s) > maxLine || count > maxReplaced {
			l.fail(t, "$"+name, ErrLimit, "the line becomes too long")
			return text{}, false
		}
	}
	if count == 0 {
		return t, true
	}
	for _, line := range slices.Backward(rest) {
		l.queue = append(l.queue, text{s: line, file: t.file, line: t.line, secret: t.secret || mentionsSecret(line)})
	}
	t.s, t.whole, t.secret = s, false, t.secret || mentionsSecret(s)
	t.s = l.clean(t)
	return t, true
}

// lookup returns the lines of the definition of that name.
func (l *lexer) lookup(t text, name string) ([]string, bool) {
	if lines, ok := l.defs[name]; ok {
		return lines, true
	}
	switch name {
	case "_PWD":
		return []string{path.Dir(t.file)}, true
	case "_INSTANCE":
		return []string{l.source.ID}, l.source.ID != ""
	case "_HASH":
		return []string{"#"}, true
	case "_BANG":
		return []string{"!"}, true
	}
	return nil, false
}

// unsupportedDefinition reports whether s starts with a standard definition whose value the file alone does not tell.
func unsupportedDefinition(s string) bool {
	name := strings.TrimPrefix(s[1:], "{")
	name = name[:nameLength(name)]
	return name == "_RANDOM" || name == "_ENV"
}

// reference returns the name in $NAME or ${NAME}, which s starts with, and its width with the signs around it; "" and 0 if there is
// none.
func reference(s string) (name string, width int) {
	if inner, ok := strings.CutPrefix(s, "${"); ok {
		n := nameLength(inner)
		if n == 0 || !strings.HasPrefix(inner[n:], "}") {
			return "", 0
		}
		return inner[:n], n + len("${}")
	}
	n := nameLength(s[1:])
	if end := s[1+n:]; n == 0 || end != "" && strings.IndexByte(" \t,)", end[0]) < 0 {
		return "", 0
	}
	return s[1 : 1+n], 1 + n
}

// variable returns the name in ${_ENV NAME}, which s starts with, and its width with all around it; "" and 0 if there is none.
func variable(s string) (name string, width int) {
	inner, ok := strings.CutPrefix(s, "${_ENV ")
	n := nameLength(inner)
	if !ok || n == 0 || !strings.HasPrefix(inner[n:], "}") {
		return "", 0
	}
	return inner[:n], len("${_ENV ") + n + len("}")
}

// nameLength returns the length of the name that s starts with: letters, digits and _, not a digit first.
func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}

// SPDX-License-Identifier: Apache-2.0

package keepalived

import "strings"

// clean returns the line t without comment, leading and trailing blanks. A backslash that ends the line stays, without the blanks
// before it. A line that can't be read is reported and empty.
func (l *lexer) clean(t text) string {
	if len(t.s) > maxLine {
		l.fail(t, "", ErrSyntax, "the line is too long")
		return ""
	}
	if strings.IndexByte(t.s, 0) >= 0 {
		l.fail(t, "", ErrSyntax, "the line holds a NUL octet")
		return ""
	}
	s := strings.TrimLeft(t.s, blanks)
	end, escaped, quoted := comment(s)
	if quoted {
		l.fail(t, firstWord(s), ErrSyntax, "a quote is not closed")
		return ""
	}
	if escaped {
		l.warnEscape(t, firstWord(s), s[end])
		end--
	}
	s = strings.TrimRight(s[:end], blanks)
	if body, ok := strings.CutSuffix(s, `\`); ok {
		return strings.TrimRight(body, blanks) + `\`
	}
	return s
}

// comment returns where the comment starts, the length of s if there is none; whether the sign that starts it has a backslash
// before it; and whether s ends inside double quotes. A backslash keeps the next character from opening or closing quotes.
func comment(s string) (start int, escaped, quoted bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(s):
			i++
			if !quoted && (s[i] == '#' || s[i] == '!') {
				return i, true, false
			}
		case !quoted && (c == '#' || c == '!'):
			return i, false, false
		}
	}
	return len(s), false, quoted
}

// warnEscape says that \# starts a comment. Keepalived's first process takes the backslash away and keeps the rest of the line,
// but the processes that run VRRP and the checkers read what the first one has written, and see a comment.
func (l *lexer) warnEscape(t text, directive string, mark byte) {
	if !knownAnywhere(directive) {
		directive = ""
	}
	l.report.warn(Warning{
		Kind: Advice, File: t.file, Line: t.line, Directive: directive,
		Text: `\` + string(rune(mark)) + " starts a comment, as in keepalived's VRRP process; " +
			"a word that holds the character needs double quotes",
	})
}

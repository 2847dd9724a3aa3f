// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"slices"
	"strings"
)

// cutBrace cuts s after a leading brace, or before the first brace that is not in double quotes.
func cutBrace(s string) (head, rest string) {
	if s != "" && (s[0] == '{' || s[0] == '}') {
		return s[:1], strings.Trim(s[1:], blanks)
	}
	quoted := false
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case '{', '}':
			if !quoted {
				return strings.TrimRight(s[:i], blanks), s[i:]
			}
		}
	}
	return s, ""
}

// firstWord returns what comes before the first space or quote.
func firstWord(s string) string {
	if i := strings.IndexAny(s, spaces+`"`); i >= 0 {
		return s[:i]
	}
	return s
}

// splitWords splits s into words. Most directives know double quotes only, without escapes, and a quoted string is a word of its
// own; those that name a command are split as a shell does it. It returns false if a quote is not closed.
func splitWords(s string) ([]string, bool) {
	if slices.Contains(commandNames, firstWord(s)) {
		return splitCommand(s)
	}
	var words []string
	for s = strings.TrimLeft(s, spaces); s != ""; s = strings.TrimLeft(s, spaces) {
		if s[0] == '"' {
			word, rest, closed := strings.Cut(s[1:], `"`)
			if !closed {
				return nil, false
			}
			words, s = append(words, word), rest
			continue
		}
		word := firstWord(s)
		words, s = append(words, word), s[len(word):]
	}
	return words, true
}

// splitCommand splits s as keepalived.conf(5) describes under Quoted strings: words are separated by spaces outside single and
// double quotes, and a backslash takes the meaning from the next character or gives it one.
func splitCommand(s string) ([]string, bool) {
	var words []string
	for s = strings.TrimLeft(s, spaces); s != ""; s = strings.TrimLeft(s, spaces) {
		word, rest, ok := commandWord(s)
		if !ok {
			return nil, false
		}
		words, s = append(words, word), rest
	}
	return words, true
}

// commandWord returns the first word of s, which starts with no space, and what follows.
func commandWord(s string) (word, rest string, ok bool) {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\' && i+1 == len(s):
			return "", "", false
		case c == '\\':
			octet, width := escape(s[i+1:])
			b.WriteByte(octet)
			i += 1 + width
			continue
		case quote == 0 && strings.IndexByte(spaces, c) >= 0:
			return b.String(), s[i:], true
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		default:
			b.WriteByte(c)
		}
		i++
	}
	return b.String(), "", quote == 0
}

// escape returns the octet that the non-empty s, which follows a backslash, stands for, and how much of s says so.
func escape(s string) (octet byte, width int) {
	const letters, meaning = "abEfnrtv", "\a\b\x1b\f\n\r\t\v"
	switch c := s[0]; {
	case c == 'x' && len(s) > 1 && hexValue(s[1]) < 16:
		octet, width = digits(s[1:], 16, 2)
		return octet, width + 1
	case c == 'c' && len(s) > 1:
		return s[1] & 0x1f, 2
	case c >= '0' && c <= '7':
		return digits(s, 8, 3)
	case strings.IndexByte(letters, c) >= 0:
		return meaning[strings.IndexByte(letters, c)], 1
	default:
		return c, 1
	}
}

// digits reads at most max digits of the base; what does not fit an octet is cut off.
func digits(s string, base byte, max int) (octet byte, width int) {
	for width < min(max, len(s)) && hexValue(s[width]) < base {
		octet = octet*base + hexValue(s[width])
		width++
	}
	return octet, width
}

// hexValue returns the value of a hexadecimal digit, 255 if c is none.
func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

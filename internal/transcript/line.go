// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"errors"
	"strings"
)

// line is an input: who, what, and the words behind it.
type line struct {
	node string // empty if none is named
	verb string
	args Args
}

// parse reads an input. The verb is empty if there is but a comment.
func parse(text string) (line, error) {
	words, err := split(text)
	if err != nil || len(words) == 0 {
		return line{}, err
	}
	var l line
	if name, ok := strings.CutSuffix(words[0], ":"); ok {
		l.node, words = name, words[1:]
		if name == "" || len(words) == 0 {
			return l, errors.New("no input behind the name of the node")
		}
	}
	l.verb, l.args.words = words[0], words[1:]
	return l, nil
}

// split returns the words of a line, without the comment. Within quotation marks
// a space doesn't separate.
func split(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	quoted, begun := false, false
	end := func() {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, r := range text {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case quoted:
			word.WriteRune(r)
		case r == '#' && !begun:
			return words, nil
		case r == ' ' || r == '\t':
			end()
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quoted {
		return nil, errors.New("a quotation mark is missing")
	}
	end()
	return words, nil
}

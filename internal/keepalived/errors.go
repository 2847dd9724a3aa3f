// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Causes of an [Error], for errors.Is. A file that can't be opened is told by the errors of [io/fs], a construct of keepalived.conf
// that this package does not read by [errors.ErrUnsupported].
var (
	// ErrSyntax: braces, quotes, blocks or lines are not as keepalived.conf(5) wants them.
	ErrSyntax = errors.New("keepalived: syntax error")
	// ErrUnknown: keepalived knows no such directive at this place.
	ErrUnknown = errors.New("keepalived: unknown directive")
	// ErrMissing: a directive, or the value of one, is missing.
	ErrMissing = errors.New("keepalived: missing")
	// ErrValue: a value is malformed or out of range.
	ErrValue = errors.New("keepalived: value not allowed")
	// ErrConflict: two directives contradict each other.
	ErrConflict = errors.New("keepalived: conflict")
	// ErrLimit: the configuration is larger or deeper than this package reads.
	ErrLimit = errors.New("keepalived: limit exceeded")
)

// maxErrors bounds how many errors Parse and Decode report each.
const maxErrors = 100

// maxShown is the length in octets up to which a word of the file is shown in a message.
const maxShown = 64

// Error says what is wrong with one directive. It never holds a password. Safe for concurrent use once made.
type Error struct {
	File      string // name of the file, as it was opened
	Line      int    // line in File, counted from 1; 0 if the whole file is meant
	Directive string // the directive; "(withheld)" if it might be part of a password, "" if there is none
	Value     string // the value that was given; "" if it might be part of a password, or if there is none
	Reason    string // what is wrong
	Allowed   string // what is allowed here; empty if that goes without saying
	Err       error  // the cause: one of the errors of this package, errors.ErrUnsupported, or an error of the file system
}

// Error returns one line that names file, line, directive and value.
func (e *Error) Error() string {
	place := place(e.File, e.Line, e.Directive)
	if e.Value != "" {
		place += " " + quote(e.Value)
	}
	if place != "" {
		place += ": "
	}
	if e.Allowed == "" {
		return "keepalived: " + place + e.Reason
	}
	return "keepalived: " + place + e.Reason + "; allowed: " + e.Allowed
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// place returns "file:line: directive", without what is not known.
func place(file string, line int, directive string) string {
	if line > 0 {
		file = fmt.Sprintf("%s:%d", file, line)
	}
	if directive == "" {
		return file
	}
	return file + ": " + clip(directive)
}

// quote makes a word of the file fit for a message: quoted, on one line, not too long.
func quote(s string) string {
	if len(s) > maxShown {
		return strconv.Quote(s[:maxShown]) + "..."
	}
	return strconv.Quote(s)
}

// clip makes the name of a directive fit for a message: as it is if it is an ordinary word, else quoted.
func clip(s string) string {
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }
	if s == "" || len(s) > maxShown || strings.ContainsFunc(s, odd) {
		return quote(s)
	}
	return s
}

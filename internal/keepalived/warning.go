// SPDX-License-Identifier: Apache-2.0

package keepalived

import "fmt"

// WarningKind sorts warnings by what they mean for the one who wrote the file.
type WarningKind uint8

const (
	// Unsupported: the directive asks for something that will not happen here. A program that must not differ from keepalived
	// refuses to start on one of these.
	Unsupported WarningKind = iota + 1
	// Unused: the directive is accepted and has nothing to act on here; VRRP works the same without it.
	Unused
	// Adjusted: a setting was changed or dropped, as keepalived does it.
	Adjusted
	// Advice: the file was read as it stands, and that may not be what was meant.
	Advice
)

// String returns the kind in lower case.
func (k WarningKind) String() string {
	switch k {
	case Unsupported:
		return "unsupported"
	case Unused:
		return "unused"
	case Adjusted:
		return "adjusted"
	case Advice:
		return "advice"
	}
	return fmt.Sprintf("WarningKind(%d)", uint8(k))
}

// Warning tells something about a directive that was accepted. It never holds a password. Safe for concurrent use once made.
type Warning struct {
	Kind      WarningKind
	File      string // name of the file, as it was opened
	Line      int    // line in File, counted from 1; 0 if the whole file is meant
	Directive string // the directive; "(withheld)" if it might be part of a password, "" if there is none
	Text      string
}

// String returns one line that names file, line and directive.
func (w Warning) String() string { return place(w.File, w.Line, w.Directive) + ": " + w.Text }

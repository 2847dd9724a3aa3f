// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Tree is what a configuration file says, whatever it means. Safe for concurrent reading.
type Tree struct {
	Directives []Directive
	Warnings   []Warning // from reading the files; those about the meaning of directives are Decode's
}

// Directive is a line of the file, and the block that follows it. Lines of a block that holds values instead of directives, such as
// virtual_ipaddress, are directives too: the first word is the name. Safe for concurrent reading.
//
// Name, Args and Block are the words of the file, passwords included. The methods of Directive leave out the words that might be,
// or be part of, a password.
type Directive struct {
	Name  string
	Args  []string
	Block []Directive // nil: no block follows; empty: an empty one does
	File  string      // name of the file, as it was opened
	Line  int         // line in File, counted from 1

	secret bool // Name and Args might be, or be part of, a password
}

// String returns the directive as a configuration file would say it, without passwords.
func (d Directive) String() string {
	var b strings.Builder
	d.write(&b, 0)
	return b.String()
}

// Format writes what String returns, whatever the verb.
func (d Directive) Format(f fmt.State, _ rune) { io.WriteString(f, d.String()) }

// MarshalText returns what String returns, for JSON and logs. It does not fail.
func (d Directive) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d *Directive) write(b *strings.Builder, depth int) {
	indent := strings.Repeat("\t", depth)
	b.WriteString(indent + asWord(d.title()))
	for _, arg := range d.Args {
		if d.hidesArgs() {
			arg = withheld
		}
		b.WriteString(" " + asWord(arg))
	}
	if d.Block == nil {
		return
	}
	b.WriteString(" {\n")
	for i := range d.Block {
		d.Block[i].write(b, depth+1)
		b.WriteString("\n")
	}
	b.WriteString(indent + "}")
}

// asWord returns s as it must stand in a file to be read as one word.
func asWord(s string) string {
	if s == "" || strings.ContainsAny(s, " \t\f\n\r\v!#{}\\'") {
		return `"` + s + `"`
	}
	return s
}

// title returns the name for messages; a name that might be part of a password is withheld. A line that was meant to be a
// definition, and is none, shows the name it would have defined.
func (d *Directive) title() string {
	if d.secret && !slices.Contains(plainNames, d.Name) {
		return withheld
	}
	if name, _, ok := strings.Cut(d.Name, "="); ok && strings.HasPrefix(d.Name, "$") {
		return name
	}
	return d.Name
}

// value returns an argument for messages, "" if it might be part of a password.
func (d *Directive) value(arg string) string {
	if d.hidesArgs() {
		return ""
	}
	return arg
}

// as returns d under another name, for messages about a line of a block that holds values.
func (d *Directive) as(name string) *Directive {
	named := *d
	named.Name = name
	return &named
}

// hidesArgs reports whether the arguments might be, or be part of, a password.
func (d *Directive) hidesArgs() bool { return d.holdsSecrets() || strings.HasPrefix(d.Name, "$") }

// holdsSecrets reports whether arguments and block might be, or be part of, a password. A nil directive, which the file is, holds
// none.
func (d *Directive) holdsSecrets() bool {
	return d != nil && (d.secret || slices.Contains(secretNames, d.Name) || slices.Contains(secretBlocks, d.Name))
}

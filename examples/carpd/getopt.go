// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"fmt"
	"strings"
)

// option is one that the command line and the configuration file know.
type option struct {
	long  string
	short byte   // 0 for none
	value string // what its argument is called; empty if it has none
	help  string
	place place
	ucarp bool // ucarp has it
	set   func(value string) error
}

// place is where an option may stand.
type place uint8

const (
	anywhere    place = iota // it is about a virtual host
	program                  // it is about the program: not in a section of the configuration file
	commandLine              // not in a configuration file at all
)

// parseArgs reads a command line as getopt_long(3) does: options may be grouped
// (-zP), have their values with or without a space (-b 1, -b1, --advbase=1,
// --advbase 1), and long ones may be abbreviated. It returns the options that were
// given, each set. The error names the option.
func parseArgs(args []string, table []option) ([]string, error) {
	var given []string
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		var used []string
		var err error
		switch {
		case arg == "--" && len(args) == 0:
			continue
		case strings.HasPrefix(arg, "--") && arg != "--":
			used, args, err = parseLong(arg[2:], args, table)
		case strings.HasPrefix(arg, "-") && arg != "-" && arg != "--":
			used, args, err = parseShort(arg[1:], args, table)
		default:
			err = fmt.Errorf("%q: only options are allowed", arg)
		}
		if err != nil {
			return given, err
		}
		given = append(given, used...)
	}
	return given, nil
}

// parseLong reads name or name=value, and the argument after it if the value is
// there. It returns what is left of the arguments.
func parseLong(text string, args []string, table []option) (used, rest []string, err error) {
	name, value, inline := strings.Cut(text, "=")
	o, err := lookUp(name, table)
	switch {
	case err != nil:
		return nil, args, err
	case o.value == "" && inline:
		return nil, args, fmt.Errorf("--%s has no value, not %q", o.long, value)
	case o.value != "" && !inline && len(args) == 0:
		return nil, args, fmt.Errorf("--%s needs a value, %s", o.long, o.value)
	case o.value != "" && !inline:
		value, args = args[0], args[1:]
	}
	return []string{o.long}, args, o.apply("--"+o.long, value)
}

// parseShort reads a group of letters, of which the last one may have a value.
func parseShort(group string, args []string, table []option) (used, rest []string, err error) {
	for i := range len(group) {
		o := byLetter(group[i], table)
		if o == nil {
			return used, args, fmt.Errorf("-%c: no such option", group[i])
		}
		used = append(used, o.long)
		name := "-" + string(group[i])
		if o.value == "" {
			if err := o.apply(name, ""); err != nil {
				return used, args, err
			}
			continue
		}
		value := group[i+1:]
		if value == "" {
			if len(args) == 0 {
				return used, args, fmt.Errorf("%s needs a value, %s", name, o.value)
			}
			value, args = args[0], args[1:]
		}
		return used, args, o.apply(name, value)
	}
	return used, args, nil
}

// apply sets the option, which is called name where it was given.
func (o *option) apply(name, value string) error {
	if err := o.set(value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// byLetter returns the option of a letter, nil if there is none.
func byLetter(letter byte, table []option) *option {
	for i := range table {
		if table[i].short == letter && letter != 0 {
			return &table[i]
		}
	}
	return nil
}

// lookUp returns the option of a long name or of an abbreviation that only one has.
// What abbreviates an option of ucarp to ucarp does so here, whatever else begins
// with the same letters.
func lookUp(name string, table []option) (*option, error) {
	var theirs, ours []*option
	for i := range table {
		switch o := &table[i]; {
		case o.long == name:
			return o, nil
		case !strings.HasPrefix(o.long, name) || name == "":
		case o.ucarp:
			theirs = append(theirs, o)
		default:
			ours = append(ours, o)
		}
	}
	found := theirs
	if len(found) == 0 {
		found = ours
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("--%s: no such option", name)
	}
	var names []string
	for _, o := range append(theirs, ours...) {
		names = append(names, "--"+o.long)
	}
	return nil, fmt.Errorf("--%s: one of %s", name, strings.Join(names, ", "))
}

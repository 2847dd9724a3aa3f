// SPDX-License-Identifier: Apache-2.0

package keepalived

// Command is a program to run, and as whom. Safe for concurrent reading.
type Command struct {
	Argv        []string // the program and its arguments; nil: none is to be run
	User, Group string   // by name or number; "": that of the program that reads the file, and the primary group of User
}

// IsZero reports whether there is nothing to run.
func (c Command) IsZero() bool { return len(c.Argv) == 0 }

// readCommand sets *to to the command of a directive: a path, or path and arguments in quotes, and a user and a group behind it.
func (r *report) readCommand(d *Directive, to *Command) {
	const allowed = "a command with its arguments in quotes, then a user and a group"
	if len(d.Args) == 0 || d.Args[0] == "" {
		r.fail(d, ErrMissing, "", "has no command", allowed)
		return
	}
	words, ok := splitCommand(d.Args[0])
	if !ok || len(words) == 0 {
		r.fail(d, ErrSyntax, d.Args[0], "not a command", allowed)
		return
	}
	to.Argv = words
	to.readUser(r, d, d.Args[1:])
}

// readUser reads the words that say as whom a program is run.
func (c *Command) readUser(r *report, d *Directive, words []string) {
	if len(words) == 0 {
		return
	}
	if len(words) > 2 {
		r.note(d, Advice, "further words in the line are ignored, as in keepalived")
		words = words[:2]
	}
	c.User, c.Group = words[0], ""
	if len(words) == 2 {
		c.Group = words[1]
	}
}

// complete gives a command that doesn't say as whom it runs the user of script_user.
func (c *Command) complete(user Command) {
	if !c.IsZero() && c.User == "" {
		c.User, c.Group = user.User, user.Group
	}
}

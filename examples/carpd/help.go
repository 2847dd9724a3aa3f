// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"fmt"
	"io"
	"strings"
)

// printHelp writes the options.
func printHelp(w io.Writer) error {
	var b strings.Builder
	b.WriteString("usage: carpd OPTION...\n       carpd --config FILE OPTION...\n\nAs ucarp has them:\n")
	theirs := true
	for _, o := range options(newSettings(), newInstance()) {
		if theirs && !o.ucarp {
			b.WriteString("\nBesides:\n")
		}
		theirs = o.ucarp
		name := "--" + o.long
		if o.value != "" {
			name += "=" + o.value
		}
		if o.short != 0 {
			name += " (-" + string(o.short) + ")"
		}
		fmt.Fprintf(&b, "  %-28s %s\n", name, o.help)
	}
	b.WriteString(`
Signals: TERM, INT, QUIT and HUP hand over and end it, USR1 logs the state, USR2
gives up the role, and PWR has the program go on in a new process, as it is on the
disk then, without giving up the role. Exit status: 0, 1 for a wrong configuration, 2 for a failure.

carpd -i eth0 -v 1 -o /etc/carpd/passphrase -a 10.0.0.100/24 -k 100 -P
`)
	_, err := io.WriteString(w, b.String())
	return err
}

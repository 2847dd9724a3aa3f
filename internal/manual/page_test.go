// SPDX-License-Identifier: Apache-2.0

package manual

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const programComment = `Command demo shows a page. It has more
to say than that.

	demo [-f FILE] [-v] LINK...
	demo -t

An option .begins here. And a second sentence with a \ in it.

# Signals

On SIGHUP:

	.code \n

Or:

  - one
  - two
`

const programPage = `.\" SPDX-License-Identifier: Apache-2.0
.\" Made by go generate of the comment of the package and the options of the program.
.Dd November 21, 2026
.Dt DEMO 8
.Os
.Sh NAME
.Nm demo
.Nd shows a page
.Sh SYNOPSIS
.Nm demo
.Op Fl f Ar FILE
.Op Fl v
.Ar LINK ...
.Nm demo
.Fl t
.Sh DESCRIPTION
The program shows a page.
It has more to say than that.
.Pp
An option .begins here.
And a second sentence with a \e in it.
.Ss Signals
On SIGHUP:
.Bd -literal -offset indent
\&.code \en
.Ed
.Pp
Or:
.Bl -bullet
.It
one
.It
two
.El
.Sh OPTIONS
.Bl -tag -width Ds
.It Fl f Ar file
Configuration file (default "x").
.It Fl v
Log more.
.El
.Sh SEE ALSO
.Xr other 8
`

// help returns what package flag prints.
func help() string {
	var b bytes.Buffer
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(&b)
	flags.String("f", "x", "configuration `file`")
	flags.Bool("v", false, "log more")
	flags.Usage()
	return b.String()
}

func TestFormat(t *testing.T) {
	page := Page{Name: "demo", Comment: programComment, Help: help(), SeeAlso: []string{"demo", "other"}}
	got, err := page.Format()
	if diff := cmp.Diff(strings.Split(programPage, "\n"), strings.Split(got, "\n")); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestFormatRefuses(t *testing.T) {
	for name, page := range map[string]Page{
		"comment":  {Comment: "Command demo shows a page."},
		"synopsis": {Comment: "Command demo shows a page.\n\nIt is short.\n", Help: help()},
		"options":  {Comment: programComment},
	} {
		if _, err := page.Format(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestHelpByGetoptLong reads the help of a program that has ucarp's options.
func TestHelpByGetoptLong(t *testing.T) {
	got := parseHelp("usage: carpd OPTION...\n  --advbase=SECONDS (-b)       time between advertisements\n  --guard                      start a process\n")
	want := []option{{"--advbase", "-b", "SECONDS", "time between advertisements"}, {"--guard", "", "", "start a process"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(option{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHold writes a page, and tells when it is stale.
func TestHold(t *testing.T) {
	dir := t.TempDir()
	source := "// " + strings.ReplaceAll(strings.TrimSpace(programComment), "\n", "\n// ") + "\npackage main\n"
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Hold(dir, "demo", help(), false); err == nil {
		t.Error("no error where there is no page")
	}
	if err := Hold(dir, "demo", help(), true); err != nil {
		t.Fatal(err)
	}
	if err := Hold(dir, "demo", help(), false); err != nil {
		t.Error(err)
	}
	if err := Hold(dir, "demo", help()+"  -x\tmore\n", false); err == nil {
		t.Error("no error where the page lacks an option")
	}
	if err := Hold(t.TempDir(), "demo", help(), true); err == nil {
		t.Error("no error where there is no package")
	}
}

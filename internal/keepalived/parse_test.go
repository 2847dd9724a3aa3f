// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// outline writes directives with every word between bars, and blocks in braces.
func outline(directives []keepalived.Directive) string {
	var b strings.Builder
	for _, d := range directives {
		b.WriteString(strings.Join(append([]string{d.Name}, d.Args...), "|"))
		if d.Block != nil {
			b.WriteString("{" + outline(d.Block) + "}")
		}
		b.WriteString(";")
	}
	return b.String()
}

// The lexical rules of keepalived.conf, one by one.
func TestParse(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"blank lines", "\n \n\t\n\r\n", ""},
		{"no line end", "a 1", "a|1;"},
		{"carriage returns", "a 1\r\nb 2\r\n", "a|1;b|2;"},
		{"blanks", " \ta \t 1\t\v2 \f", "a|1|2;"},

		{"comment", "# a\n! b\na 1 # c\nb 2!c", "a|1;b|2;"},
		{"comment in a word", "a b#c", "a|b;"},
		{"no comment in quotes", `a "#b !c"`, "a|#b !c;"},
		{"comment after a backslash", `a b\#c d`, "a|b;"},
		{"comment after two backslashes", `a b\\#c`, `a|b\\;`},
		{"brace in a comment", "a { # }\n}", "a{};"},

		{"quoted word", `a "b c" d`, "a|b c|d;"},
		{"empty word", `a ""`, "a|;"},
		{"quotes end a word", `a b"c"d`, "a|b|c|d;"},
		{"quoted name", `"a b" c`, "a b|c;"},
		{"single quotes are nothing", `a 'b c'`, "a|'b|c';"},
		{"backslash is nothing", `a \b "\n"`, `a|\b|\n;`},
		{"backslash before a space", `a b\ c`, `a|b\|c;`},
		{"two backslashes at the end", `a b\\`, `a|b\\;`},

		{"command", `notify "/bin/x -a" 'b c' d`, "notify|/bin/x -a|b c|d;"},
		{"command with quotes in words", `notify abcd" efg h jkl "mnop`, "notify|abcd efg h jkl mnop;"},
		{"command with escapes", `script "\a\b\E\f\n\r\t\v\\\"" \q\ z`, "script|\a\b\x1b\f\n\r\t\v\\\"|q z;"},
		{"command with octets", `script "\x41\x4g\101\7z\cC\x"`, "script|A\x04gA\az\x03x;"},
		{"command with braces in quotes", `notify "{x}"`, "notify|{x};"},

		{"block", "a {\nb\n}", "a{b;};"},
		{"block on the next line", "a\n\n{\nb\n}", "a{b;};"},
		{"block in one line", "a { b 1 }", "a{b|1;};"},
		{"empty block", "a {}\nb { }", "a{};b{};"},
		{"braces need no blanks", "a{b{c}}d", "a{b{c;};};d;"},
		{"text after a brace", "a { b\nc } d\n", "a{b;c;};d;"},
		{"one directive a line", "a { b 1 c 2 }", "a{b|1|c|2;};"},
		{"braces in quotes", `a "{" "}"`, "a|{|};"},

		{"definition", "$A=1\na $A", "a|1;"},
		{"definition with blanks", "$A= 1  2 \na $A", "a|1|2;"},
		{"definition in braces", "$A=1\na ${A}2 x${A}", "a|12|x1;"},
		{"definition without braces needs an end", "$A=1\na $A2 $A/3 $A,4 $A)", "a|$A2|$A/3|1,4|1);"},
		{"definition of a definition", "$B=2\n$A=$B$B ${B}\na $A", "a|$B2|2;"},
		{"definition again", "$A=1\n$A=2\na $A", "a|2;"},
		{"definition too late", "a $A\n$A=1", "a|$A;"},
		{"definition with a comment", "$A=1 # x\na $A", "a|1;"},
		{"definition of nothing", "$A=\na x${A}y", "a|xy;"},
		{"definition of a block", "$A=b {\na $A\nc\n}", "a|b{c;};"},
		{"definition in quotes", "$A=1\na \"${A} 2\"", "a|1 2;"},
		{"definition after a brace", "a { $A=1\nb $A\n}", "a{b|1;};"},
		{"no definition", "$A =1\n$1=2\n$=3", "$A|=1;$1=2;$=3;"},
		{"lone dollar", "a $ $$ b$", "a|$|$$|b$;"},

		{"lines", "$A= \\\n b 1 \\\n c {\\\n d \\\n }\na {\n$A\n}", "a{b|1;c{d;};};"},
		{"lines end with an empty one", "$A=b \\\n c \\\n\nd\na {\n$A\n}", "d;a{b;c;};"},
		{"lines with comments", "$A=b \\ # x\n# y\n c\na {\n$A\n}", "a{b;c;};"},
		{"lines at the end of a line", "$A=1 \\\nb 2\na $A\nx $A 3", "a|1;b|2;x|$A|3;"},
		{"lines in lines", "$A=a \\\n b\n$B=$A \\\n c\n$B", "a;b;c;"},
		{"lines of nothing", "$A= \\\n\na x${A}", "a|x;"},

		{"signs", "a ${_HASH}b ${_BANG}c", "a;"},
		{"signs in quotes", `a "${_HASH}b" "${_BANG}"`, "a|#b|!;"},
		{"directory", "a ${_PWD}", "a|.;"},
		{"standard definition again", "$_ENV=1\n$_HASH=2\na $_ENV $_HASH", "a|1|2;"},
		{"not a standard definition", "a $_RANDOMLY $_ENVY", "a|$_RANDOMLY|$_ENVY;"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree, err := keepalived.Parse(source(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(tree.Directives); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// What can't be read is told, and the rest is read.
func TestParseErrors(t *testing.T) {
	const deep = "a {\n"
	for _, test := range []struct {
		name, text, want string
		err              error
		errs             []string
	}{
		{"open quote", "state \"x\nb", "b;", keepalived.ErrSyntax, []string{":1: state: a quote is not closed"}},
		{"open quote of an unknown directive", "x \"y\nb", "b;", keepalived.ErrSyntax, []string{":1: a quote is not closed"}},
		{"escaped quote", `state "a\"b"`, "", keepalived.ErrSyntax, []string{":1: state: a quote is not closed"}},
		{"open single quote", `notify 'x`, "", keepalived.ErrSyntax, []string{":1: notify: a quote is not closed"}},
		{"single quote in double quotes", `notify '"`, "", keepalived.ErrSyntax, []string{":1: notify: a quote is not closed"}},
		{"stray close", "a\n}\nb", "a;b;", keepalived.ErrSyntax, []string{":2: a } closes no block"}},
		{"stray open", "{\na\n}\nb", "b;", keepalived.ErrSyntax, []string{":1: the block belongs to no directive"}},
		{"second block", "a {\n} {\nb\n}\nc", "a{};c;", keepalived.ErrSyntax, []string{":2: the block belongs to no directive"}},
		{"open block", "a {\nb {\nc", "a{b{c;};};", keepalived.ErrSyntax, []string{":2: b: the block is not closed"}},
		{"continued line", "state \\\nb", "b;", keepalived.ErrSyntax, []string{`:1: state: a line goes on after \ in a definition only`}},
		{"long line", "a " + strings.Repeat("x", 1022) + "\nb", "b;", keepalived.ErrSyntax, []string{":1: the line is too long"}},
		{"NUL", "a \x00\nb", "b;", keepalived.ErrSyntax, []string{":1: the line holds a NUL octet"}},
		{"sequence", "~SEQ(x,1,3) a $x\nb", "b;", errors.ErrUnsupported, []string{":1: ~SEQ is not supported"}},
		{"list", "~LST(x,1,3) a $x\nb", "b;", errors.ErrUnsupported, []string{":1: ~LST is not supported"}},
		{"random", "a ${_RANDOM 1 2}\nb $_RANDOM", "", errors.ErrUnsupported,
			[]string{":1: $_RANDOM and $_ENV are not supported", ":2: $_RANDOM and $_ENV are not supported"}},
		{"environment", "$_ENV=1\na ${_ENV HOME}", "", errors.ErrUnsupported, []string{":2: $_RANDOM and $_ENV are not supported"}},
		{"definition of itself", "$A=$A\na $A\nb", "b;", keepalived.ErrLimit, []string{":2: $A: the line becomes too long"}},
		{"definition that grows", "$A=x${A}\na $A\nb", "b;", keepalived.ErrLimit, []string{":2: $A: the line becomes too long"}},
		{"deep", strings.Repeat(deep, 17), strings.Repeat("a{", 16) + "a;" + strings.Repeat("};", 16), keepalived.ErrLimit,
			[]string{":17: too many blocks in each other"}},
		{"include nothing", "include \ninclude ${_PWD}", "include;", keepalived.ErrSyntax,
			[]string{":2: include: must be a line of its own, without condition, definition or brace before it"}},
		{"include after a brace", "a { include b\n}", "a{};", keepalived.ErrSyntax,
			[]string{":1: include: must be a line of its own, without condition, definition or brace before it"}},
		{"include by definition", "$A=b\ninclude $A", "", keepalived.ErrSyntax,
			[]string{":2: include: must be a line of its own, without condition, definition or brace before it"}},
		{"include a brace pattern", "include {a,b}.conf", "", errors.ErrUnsupported,
			[]string{":1: include: brace patterns are not supported"}},
		{"include outside", "include ../x", "", fs.ErrInvalid, []string{`:1: include "../x": invalid argument`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree, err := keepalived.Parse(source(test.text))
			if !errors.Is(err, test.err) {
				t.Errorf("error %v is not %v", err, test.err)
			}
			if got := outline(tree.Directives); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			for i, want := range test.errs {
				test.errs[i] = "keepalived: keepalived.conf" + want
			}
			if diff := cmp.Diff(test.errs, errorLines(err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Lines that start with @ count for some machines only.
func TestParseConditions(t *testing.T) {
	const text = "@a x 1\n@b x 2\n@^a y 1\n@^b y 2\n@a $V=1\n@b $V=2\nz $V\n@a\n@a w {\n@b v {\n}\n"
	for id, want := range map[string]string{
		"a": "x|1;y|2;z|1;w{};",
		"b": "x|2;y|1;z|2;v{};",
		"":  "y|1;y|2;z|$V;",
	} {
		src := source(text)
		src.ID = id
		tree, err := keepalived.Parse(src)
		if id == "" {
			if !errors.Is(err, keepalived.ErrSyntax) {
				t.Errorf("without a block to close: %v", err)
			}
		} else if err != nil {
			t.Errorf("ID %q: %v", id, err)
		}
		if got := outline(tree.Directives); got != want {
			t.Errorf("ID %q: got %q, want %q", id, got, want)
		}
	}
}

// $_INSTANCE is the ID, and undefined without one.
func TestParseInstanceDefinition(t *testing.T) {
	for id, want := range map[string]string{"a": "x|a;", "": "x|$_INSTANCE;"} {
		src := source("x $_INSTANCE")
		src.ID = id
		tree, err := keepalived.Parse(src)
		if got := outline(tree.Directives); err != nil || got != want {
			t.Errorf("ID %q: got %q, want %q, error %v", id, got, want, err)
		}
	}
}

// A backslash before a comment sign is noted: keepalived's processes don't agree about it.
func TestParseEscapedComment(t *testing.T) {
	tree, err := keepalived.Parse(source(`router_id a\!b`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`advice keepalived.conf:1: router_id: \! starts a comment, as in keepalived's VRRP process; ` +
		`a word that holds the character needs double quotes`}
	if diff := cmp.Diff(want, warningLines(tree.Warnings)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Directives know the file and the line they come from.
func TestParsePlaces(t *testing.T) {
	tree, err := keepalived.Parse(keepalived.Source{File: "/etc/k.conf", FS: fstest.MapFS{
		"etc/k.conf": {Data: []byte("a\n\ninclude d/*\n$D=x \\\n y\nb {\n$D\n}\n")},
		"etc/d/1":    {Data: []byte("\nc {\n")},
		"etc/d/2":    {Data: []byte("\n\n}\n")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		Name, File string
		Line       int
	}
	var got []place
	for _, d := range tree.Directives {
		got = append(got, place{d.Name, d.File, d.Line})
		for _, inner := range d.Block {
			got = append(got, place{inner.Name, inner.File, inner.Line})
		}
	}
	want := []place{{"a", "/etc/k.conf", 1}, {"c", "/etc/d/1", 2}, {"b", "/etc/k.conf", 6}, {"x", "/etc/k.conf", 7}, {"y", "/etc/k.conf", 7}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// files is a file system that is made of the text of its files.
func files(texts map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// An included file takes the place of the line that includes it.
func TestInclude(t *testing.T) {
	fsys := files(map[string]string{
		"etc/k/conf.d/1.conf":   "one\n",
		"etc/k/conf.d/2.conf":   "two {\n",
		"etc/k/conf.d/.3.conf":  "hidden\n",
		"etc/k/conf.d/4":        "four\n",
		"etc/k/conf.d/nest":     "include ../up\ninclude 4\n",
		"etc/k/up":              "up\n",
		"etc/other":             "other\n",
		"etc/k/.hid/x":          "in hid\n",
		"etc/k/closing":         "}",
		"etc/k/definitions":     "$A=1",
		"etc/k/conditions":      "@me mine\n@you yours\n",
		"etc/k/without newline": "last",
	})
	for _, test := range []struct{ text, want string }{
		{"a\ninclude conf.d/1.conf\nb", "a;one;b;"},
		{"include /etc/k/conf.d/1.conf", "one;"},
		{"include\t \t/etc/other", "other;"},
		{"include ../other", "other;"},
		{"include conf.d/*.conf\n}", "one;two{};"},
		{"include conf.d/[^1].conf\ninclude closing", "two{};"},
		{"include */[1]*", "one;"},
		{"include .*/*", "in|hid;"},
		{"include conf.d/.*", "hidden;"},
		{"include nothing/*", ""},
		{"include conf.d/nest", "up;four;"},
		{"includer up\nincludem up\nincludew up\nincludeb up\nincludea up", "up;up;up;up;up;"},
		{"include definitions\nx $A", "x|1;"},
		{"include conditions", "mine;"},
		{"include without newline\nb", "last;b;"},
		{"included 1\nincludes\ninclude", "included|1;includes;include;"},
	} {
		fsys["etc/k/main.conf"] = &fstest.MapFile{Data: []byte(test.text)}
		tree, err := keepalived.Parse(keepalived.Source{FS: fsys, File: "/etc/k/main.conf", ID: "me"})
		if got := outline(tree.Directives); err != nil || got != test.want {
			t.Errorf("%q: got %q, want %q, error %v", test.text, got, test.want, err)
		}
	}
}

// A file that can't be included is a warning or an error, depending on the letter after include.
func TestIncludeMissing(t *testing.T) {
	fsys := files(map[string]string{"d/x": ""})
	fsys["program"] = &fstest.MapFile{Mode: 0o755}
	for _, test := range []struct {
		text, err, warning string
		is                 error
	}{
		{"include none", "", `"none" is not included: file does not exist`, nil},
		{"includer none", "", `"none" is not included: file does not exist`, nil},
		{"includeb none", "", `"none" is not included: file does not exist`, nil},
		{"includem none", `include "none": file does not exist`, "", fs.ErrNotExist},
		{"includew none", `include "none": file does not exist`, "", fs.ErrNotExist},
		{"includea none", `include "none": file does not exist`, "", fs.ErrNotExist},
		{"include none*", "", "", nil},
		{"includem none*", "", "", nil},
		{"includew none*", `include "none*": file does not exist`, "", fs.ErrNotExist},
		{"includea none*", `include "none*": file does not exist`, "", fs.ErrNotExist},
		{"include d", "", `"d" is not included: not a regular non-executable file`, nil},
		{"includer d", `include "d": not a regular non-executable file`, "", nil},
		{"include program", "", `"program" is not included: not a regular non-executable file`, nil},
		{"includea program", `include "program": not a regular non-executable file`, "", nil},
		{"include [", `include "[": syntax error in pattern`, "", nil},
	} {
		fsys["k.conf"] = &fstest.MapFile{Data: []byte("\n" + test.text + "\nb")}
		tree, err := keepalived.Parse(keepalived.Source{FS: fsys, File: "k.conf"})
		var errs, warnings []string
		if test.err != "" {
			errs = []string{"keepalived: k.conf:2: " + test.err}
		}
		if test.warning != "" {
			warnings = []string{"adjusted k.conf:2: include: " + test.warning}
		}
		if diff := cmp.Diff(errs, errorLines(err)); diff != "" {
			t.Errorf("%q: errors: -want +got:\n%s", test.text, diff)
		}
		if diff := cmp.Diff(warnings, warningLines(tree.Warnings)); diff != "" {
			t.Errorf("%q: warnings: -want +got:\n%s", test.text, diff)
		}
		if !errors.Is(err, test.is) && test.is != nil {
			t.Errorf("%q: error %v is not %v", test.text, err, test.is)
		}
		if got := outline(tree.Directives); got != "b;" {
			t.Errorf("%q: the rest is %q", test.text, got)
		}
	}
}

// The configuration file itself has to be there.
func TestMainFileMissing(t *testing.T) {
	for _, test := range []struct {
		name string
		src  keepalived.Source
		want string
		is   error
	}{
		{"no file", keepalived.Source{FS: fstest.MapFS{}, File: "/k.conf"}, "keepalived: /k.conf: file does not exist", fs.ErrNotExist},
		{"directory", keepalived.Source{FS: fstest.MapFS{"k/x": {}}, File: "k"}, "keepalived: k: not a regular non-executable file", nil},
		{"root", keepalived.Source{FS: fstest.MapFS{"k/x": {}}, File: "/"}, "keepalived: /: not a regular non-executable file", nil},
		{"outside", keepalived.Source{FS: fstest.MapFS{}, File: "../k"}, "keepalived: ../k: invalid argument", fs.ErrInvalid},
		{"no name", keepalived.Source{FS: fstest.MapFS{}}, "keepalived: the Source has no FS or no File", nil},
		{"no FS", keepalived.Source{File: "k"}, "keepalived: k: the Source has no FS or no File", nil},
	} {
		_, err := keepalived.Read(test.src)
		if diff := cmp.Diff([]string{test.want}, errorLines(err)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", test.name, diff)
		}
		if test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: error %v is not %v", test.name, err, test.is)
		}
	}
}

// No text makes the reader grow without bound.
func TestLimits(t *testing.T) {
	bomb := "$A=" + strings.Repeat("x \\\n", 100) + "\n\n"
	for c := 'A'; c < 'H'; c++ {
		bomb += fmt.Sprintf("$%c=$%c \\\n", c+1, c) + strings.Repeat(fmt.Sprintf("$%c \\\n", c), 20) + "\n"
	}
	for _, test := range []struct {
		name string
		fsys fstest.MapFS
		want string
	}{
		{"file that includes itself", files(map[string]string{"k": "a\ninclude k\nb"}),
			"keepalived: k:2: include: files include each other too deeply"},
		{"files that multiply", files(map[string]string{"k": strings.Repeat("include k\n", 1000)}), ""},
		{"large file", files(map[string]string{"k": strings.Repeat("# x\n", 1<<21+1)}),
			"keepalived: k: larger than 8388608 octets"},
		{"much text", files(map[string]string{"k": strings.Repeat("include x\n", 20), "x": strings.Repeat("#"+strings.Repeat("x", 1000)+"\n", 8000)}),
			"keepalived: x: too much text"},
		{"many lines", files(map[string]string{"k": strings.Repeat("\n", 1<<21)}), "keepalived: k: too many lines"},
		{"many directives", files(map[string]string{"k": strings.Repeat("a\n", 1<<19+1)}), "keepalived: k:524289: too many directives"},
		{"definitions that multiply", files(map[string]string{"k": bomb + "$H"}), "keepalived: k:257: definitions have too many lines"},
		{"include that multiplies", files(map[string]string{"k": strings.Repeat("include *\n", 10000), "x": "#"}), ""},
		{"definition of many lines", files(map[string]string{"k": "$A=" + strings.Repeat("$A \\\n", 100_000) + "\n\n$A"}), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := keepalived.Parse(keepalived.Source{FS: test.fsys, File: "k"})
			if !errors.Is(err, keepalived.ErrLimit) {
				t.Fatalf("error is %v", err)
			}
			if lines := errorLines(err); test.want != "" && lines[len(lines)-1] != test.want {
				t.Errorf("got %q, want %q", lines[len(lines)-1], test.want)
			}
		})
	}
}

// A hundred errors are reported, and that there are more.
func TestManyErrors(t *testing.T) {
	_, err := keepalived.Read(source(strings.Repeat("foo\n", 1000)))
	lines := errorLines(err)
	if len(lines) != 101 || lines[100] != "keepalived: keepalived.conf:101: too many errors, the others are not shown" {
		t.Errorf("%d errors, the last one is %s", len(lines), lines[len(lines)-1])
	}
}

// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

var update = flag.Bool("update", false, "write the golden files")

// source returns a Source of one file.
func source(text string) keepalived.Source {
	return keepalived.Source{FS: fstest.MapFS{"keepalived.conf": {Data: []byte(text)}}, File: "keepalived.conf"}
}

// errorLines returns the messages of joined errors, one each.
func errorLines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

// warningLines returns warnings as text, with their kinds.
func warningLines(warnings []keepalived.Warning) []string {
	var lines []string
	for _, w := range warnings {
		lines = append(lines, w.Kind.String()+" "+w.String())
	}
	return lines
}

// dump writes a Config with one field a line.
func dump(c *keepalived.Config) string {
	var b strings.Builder
	fields := func(title string, v any) {
		fmt.Fprintf(&b, "%s:\n", title)
		for i, s := 0, reflect.ValueOf(v); i < s.NumField(); i++ {
			fmt.Fprintf(&b, "\t%s: %+v\n", s.Type().Field(i).Name, s.Field(i).Interface())
		}
	}
	fields("Global", c.Global)
	for _, in := range c.Instances {
		fields("Instance", in)
	}
	b.WriteString("Warnings:\n")
	for _, line := range warningLines(c.Warnings) {
		b.WriteString("\t" + line + "\n")
	}
	return b.String()
}

// The configurations of testdata are read to what their golden files say.
func TestReadGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := keepalived.Read(keepalived.Source{FS: os.DirFS("testdata"), File: filepath.Base(file)})
			if err != nil {
				t.Fatal(err)
			}
			got, golden := dump(c), strings.TrimSuffix(file, ".conf")+".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// The golden files don't hold the passwords; they are read all the same.
func TestReadPasswords(t *testing.T) {
	for file, want := range map[string]string{
		"pair-first.conf": "1066", "pair-second.conf": "1066", "director-first.conf": "MY_PASS", "director-second.conf": "MY_PASS",
	} {
		c, err := keepalived.Read(keepalived.Source{FS: os.DirFS("testdata"), File: file})
		if err != nil {
			t.Fatal(err)
		}
		if auth := c.Instances[0].Auth; auth.Type != keepalived.AuthPass || auth.Pass.Reveal() != want {
			t.Errorf("%s: type %v, password as wanted: %t", file, auth.Type, auth.Pass.Reveal() == want)
		}
	}
}

// Errors of the files and of their meaning are reported together, each once, and none hides another.
func TestReadAllErrors(t *testing.T) {
	_, err := keepalived.Read(source(`
vrrp_instance A {
	interface "eth0
	virtual_router_id 256
	priority 0
	colour red
	virtual_ipaddress {
		10.0.0.300
	}
}
}
`))
	want := []string{
		`keepalived: keepalived.conf:3: interface: a quote is not closed`,
		`keepalived: keepalived.conf:11: a } closes no block`,
		`keepalived: keepalived.conf:4: virtual_router_id "256": not a number in range; allowed: 1 to 255`,
		`keepalived: keepalived.conf:5: priority "0": not a number in range; allowed: 1 to 255`,
		`keepalived: keepalived.conf:6: colour: unknown directive in vrrp_instance`,
		`keepalived: keepalived.conf:8: virtual_ipaddress "10.0.0.300": not an address; allowed: an IPv4 or IPv6 unicast address, with or without /prefix length`,
		`keepalived: keepalived.conf:2: vrrp_instance "A": has no interface; allowed: the name of an interface, 1 to 15 octets`,
	}
	if diff := cmp.Diff(want, errorLines(err)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The fields of an error say what its message says, and the cause is found.
func TestErrorFields(t *testing.T) {
	_, err := keepalived.Read(source("vrrp_instance A {\n\tinterface eth0\n\tvirtual_router_id 1\n\tpriority 256\n" +
		"\tvirtual_ipaddress {\n\t\t10.0.0.1\n\t}\n}\n"))
	var e *keepalived.Error
	if !errors.As(err, &e) || !errors.Is(err, keepalived.ErrValue) || errors.Is(err, keepalived.ErrSyntax) {
		t.Fatalf("error is %v", err)
	}
	want := keepalived.Error{
		File: "keepalived.conf", Line: 4, Directive: "priority", Value: "256", Reason: "not a number in range", Allowed: "1 to 255",
	}
	if got := *e; got.File != want.File || got.Line != want.Line || got.Directive != want.Directive || got.Value != want.Value ||
		got.Reason != want.Reason || got.Allowed != want.Allowed {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// If there are errors, a Config holds warnings only.
func TestReadErrorConfig(t *testing.T) {
	c, err := keepalived.Read(source("virtual_server x {\n}\nfoo\n"))
	if err == nil || c == nil || c.Instances != nil || c.Global.Version != 0 || len(c.Warnings) != 1 {
		t.Errorf("config %+v, error %v", c, err)
	}
}

// A configuration without instances is none of VRRP, and no error.
func TestReadEmpty(t *testing.T) {
	c, err := keepalived.Read(source(""))
	if err != nil || len(c.Instances) != 0 || c.Global.Version != 2 {
		t.Errorf("config %+v, error %v", c, err)
	}
}

// Decode of a Tree says what Read says.
func TestDecode(t *testing.T) {
	src := keepalived.Source{FS: os.DirFS("testdata"), File: "director-first.conf"}
	tree, err := keepalived.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := keepalived.Decode(tree)
	if err != nil {
		t.Fatal(err)
	}
	read, err := keepalived.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dump(read), dump(decoded)); diff != "" {
		t.Errorf("-Read +Decode:\n%s", diff)
	}
}

// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// FuzzRead reads any text, which may include another one. Nothing panics, every error is an *Error that shows no password, a
// Config comes without errors only, and keeps the promises of its fields.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.conf")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "")
	}
	for _, seed := range [][2]string{
		{"include x\n}", "vrrp_instance A {\n"},
		{"include *\n", "a \"b c\" {\n}\ninclude x"},
		{"$A=b \\\n c ${B} \\\n\n$A\n@me $A\n@^me a", "~SEQ(x,1,3) y"},
		{"vrrp_instance A { interface eth0\nversion 3\nadvert_int 0.25\npreempt_delay 1.5\nvirtual_ipaddress{fe80::1/64 dev x}}", "#"},
		{"vrrp_instance A {\nauthentication {\nauth_type PASS\nauth_pass \"a b\"x }\n}", "\x00"},
		{"global_defs {\nvrrp_strict\nvrrp_min_garp\nvrrp_mcast_group6 ff05::1\n}\nvrrp_sync_group G { group { A } }", ""},
		{"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\nvirtual_routes {\n" +
			"src 10.0.0.1 default via 10.0.0.9 dev eth1 metric 5 table 0x64 scope link onlink no_track\n" +
			"blackhole 2001:db8::/32 mtu 1400\n10.1.0.0/16 tos 16 nexthop via 10.0.0.8 weight 2 nexthop dev eth1\n}\nvirtual_rules {\n" +
			"not from 10.0.0.0/8 to 10.1.0.0/16 fwmark 7/0xff iif eth0 oif eth1 tos 4 lookup main\ninet6 from any prohibit preference 5\n}\n}", ""},
		{"notify \"\\x41\\c\" 'b' \\101\n", "script \\"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		src := fuzzSource(text, other)
		tree, err := keepalived.Parse(src)
		checkErrors(t, err)
		c, err := keepalived.Read(src)
		checkErrors(t, err)
		if err != nil && c.Instances != nil {
			t.Error("instances in spite of errors")
		}
		for i := range c.Instances {
			checkInstance(t, &c.Instances[i])
		}
		for _, pass := range passwords(tree.Directives) {
			checkSecret(t, text, other, pass)
		}
	})
}

func fuzzSource(text, other string) keepalived.Source {
	return keepalived.Source{File: "k", ID: "me", FS: fstest.MapFS{"k": {Data: []byte(text)}, "x": {Data: []byte(other)}}}
}

// checkSecret checks that pass, if it stands in the files once, is not in anything that is said about them; unless that is so with
// another password too.
func checkSecret(t *testing.T, text, other, pass string) {
	said := func(text, other string) string {
		src := fuzzSource(text, other)
		tree, parseErr := keepalived.Parse(src)
		c, err := keepalived.Read(src)
		return fmt.Sprintf("%v %v %v %v", tree, parseErr, c, err)
	}
	if strings.Count(text+other, pass) != 1 || !strings.Contains(said(text, other), pass) {
		return
	}
	another := strings.NewReplacer(pass, strings.Repeat("~", len(pass)))
	if !strings.Contains(said(another.Replace(text), another.Replace(other)), pass) {
		t.Errorf("password %q is shown: %s", pass, said(text, other))
	}
}

// checkErrors checks that err joins errors of the package.
func checkErrors(t *testing.T, err error) {
	if err == nil {
		return
	}
	for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
		var e *keepalived.Error
		if !errors.As(err, &e) || e.Err == nil || e.Reason == "" || strings.ContainsAny(e.Error(), "\n\x1b") {
			t.Errorf("error %#v", err)
		}
	}
}

// checkInstance checks what the fields of an instance promise.
func checkInstance(t *testing.T, in *keepalived.Instance) {
	checkRouting(t, in)
	if in.Name == "" || in.Interface == "" || len(in.Interface) > 15 || in.VRID == 0 || in.Priority == 0 || in.Interval <= 0 ||
		len(in.Addresses) == 0 || len(in.Addresses) > 255 || !in.Group.IsMulticast() || in.Group.Is6() != in.IPv6 ||
		in.Version < 2 || in.Version > 3 || in.IPv6 && in.Version != 3 ||
		in.GARP.Repeat < 1 || in.GARP.LowerPrioDelay < 0 || in.GARP.LowerPrioRepeat < 0 || in.DownTimerAdverts < 1 ||
		(in.Auth.Type == keepalived.AuthNone) != in.Auth.Pass.IsZero() || len(in.Auth.Pass.Reveal()) > 8 ||
		in.Source.IsValid() && in.Source.Is6() != in.IPv6 {
		t.Errorf("instance %+v", in)
	}
	for _, a := range in.Addresses {
		if !a.Prefix.IsValid() || a.Prefix.Addr().Is6() != in.IPv6 || len(a.Label) > 15 || len(a.Device) > 15 {
			t.Errorf("address %+v", a)
		}
	}
}

// passwords returns the words after auth_pass that are long enough not to be part of something else by chance.
func passwords(directives []keepalived.Directive) []string {
	var words []string
	for _, d := range directives {
		if d.Name == "auth_pass" {
			for _, arg := range d.Args {
				if len(arg) > 5 {
					words = append(words, arg)
				}
			}
		}
		words = append(words, passwords(d.Block)...)
	}
	return words
}

// FuzzParse writes what was read as a file again, and reads the same.
func FuzzParse(f *testing.F) {
	f.Add("a \"b c\" {\n d 1 2 {}\n}\n e \"\" \"#\"")
	f.Add("virtual_server 10.0.0.1 80 {\nreal_server 10.0.0.2 80 { weight 1\nTCP_CHECK{connect_timeout 3}}}")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "$@~\\'") {
			return // what these make of a line is not written as it was
		}
		tree, err := keepalived.Parse(source(text))
		if err != nil {
			return
		}
		var b strings.Builder
		for _, d := range tree.Directives {
			b.WriteString(d.String() + "\n")
		}
		again, err := keepalived.Parse(source(b.String()))
		if err != nil {
			if strings.Contains(b.String(), "(withheld)") || strings.Contains(err.Error(), "too long") {
				return
			}
			t.Fatalf("%v\n%s", err, b.String())
		}
		if got, want := fmt.Sprint(again.Directives), fmt.Sprint(tree.Directives); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

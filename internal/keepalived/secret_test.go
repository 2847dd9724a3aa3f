// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// authenticated is an instance with a block authentication, from line 7 on.
func authenticated(lines string) string { return instance("authentication {\n" + lines + "\n}") }

// What authentication says.
func TestAuthenticationAccepted(t *testing.T) {
	for _, test := range []struct {
		lines    string
		kind     keepalived.AuthType
		pass     string
		warnings []string
	}{
		{"", keepalived.AuthNone, "", nil},
		{"auth_type PASS\nauth_pass 1066", keepalived.AuthPass, "1066", nil},
		{"auth_pass 1066\nauth_type AH", keepalived.AuthAH, "1066", nil},
		{"auth_type PASS\nauth_pass \"a#b !{}\"", keepalived.AuthPass, "a#b !{}", nil},
		{"auth_type PASS\nauth_pass 12345678", keepalived.AuthPass, "12345678", nil},
		{"auth_type PASS\nauth_pass 123456789", keepalived.AuthPass, "12345678", []string{
			"adjusted keepalived.conf:9: auth_pass: longer than 8 octets: the rest is not used, as in keepalived"}},
		{"auth_type PASS\nauth_pass 1066 1067", keepalived.AuthPass, "1066", []string{
			"advice keepalived.conf:9: auth_pass: further words in the line are ignored, as in keepalived"}},
		{"auth_type PASS\nauth_pass 10\\#66", keepalived.AuthPass, "10", []string{
			`advice keepalived.conf:9: auth_pass: \# starts a comment, as in keepalived's VRRP process; ` +
				"a word that holds the character needs double quotes"}},
		{"auth_pass 1066", keepalived.AuthNone, "", []string{
			"advice keepalived.conf:7: authentication: auth_pass without auth_type: no authentication, as in keepalived"}},
		{"auth_type PASS\nauth_pass 1066\n}\nversion 3\ntrack_bfd {", keepalived.AuthNone, "", []string{
			"unsupported keepalived.conf:12: track_bfd: there is no BFD: a short advert_int notices a dead router, and track_script can ask a BFD daemon about a path",
			"adjusted keepalived.conf:7: authentication: version 3 has no authentication: ignored, as in keepalived"}},
		{"auth_type AH\nauth_pass 1066\n}\nstate MASTER\npriority 100\ntrack_bfd {", keepalived.AuthAH, "1066", []string{
			"unsupported keepalived.conf:13: track_bfd: there is no BFD: a short advert_int notices a dead router, and track_script can ask a BFD daemon about a path",
			"adjusted keepalived.conf:7: authentication: AH learns its sequence number as BACKUP: state BACKUP, as in keepalived"}},
	} {
		t.Run(test.lines, func(t *testing.T) {
			c, err := keepalived.Read(source(authenticated(test.lines)))
			if err != nil {
				t.Fatal(err)
			}
			if auth := c.Instances[0].Auth; auth.Type != test.kind || auth.Pass.Reveal() != test.pass || auth.Pass.IsZero() != (test.pass == "") {
				t.Errorf("type %v, password %q", auth.Type, auth.Pass.Reveal())
			}
			if got := warningLines(c.Warnings); strings.Join(got, "\n") != strings.Join(test.warnings, "\n") {
				t.Errorf("warnings\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

// What authentication can't say, without saying the password.
func TestAuthenticationRefused(t *testing.T) {
	for _, test := range []struct {
		lines string
		want  []string
	}{
		{"auth_type PASS", []string{"7: authentication: auth_type without auth_pass; allowed: an auth_pass of 1 to 8 octets"}},
		{"auth_type\nauth_pass 1066", []string{"8: auth_type: has no value; allowed: PASS or AH"}},
		{"auth_type 1066\nauth_pass 1066", []string{"8: auth_type: not a type of authentication; allowed: PASS or AH"}},
		{"auth_pass", []string{"8: auth_pass: has no value; allowed: 1 to 8 octets; words with spaces, !, #, { or } in double quotes"}},
		{"auth_pass\n1066", []string{
			"8: auth_pass: has no value; allowed: 1 to 8 octets; words with spaces, !, #, { or } in double quotes",
			"9: (withheld): unknown directive in authentication"}},
		{"1066", []string{"8: (withheld): unknown directive in authentication"}},
		{"auth_pass1066", []string{"8: (withheld): unknown directive in authentication"}},
		{"auth_pass \"1066", []string{"8: auth_pass: a quote is not closed"}},
		{"\"1066", []string{"8: a quote is not closed"}},
	} {
		t.Run(test.lines, func(t *testing.T) { refused(t, authenticated(test.lines), test.want...) })
	}
}

// Wherever a password may stand by mistake, nothing that is printed shows it.
func TestSecretNeverShown(t *testing.T) {
	const secret = "hUnTeR2"
	for _, text := range []string{
		authenticated("auth_type PASS\nauth_pass " + secret),
		authenticated("auth_type PASS\nauth_pass " + secret + secret),
		authenticated("auth_type PASS\nauth_pass \"" + secret + " x\" " + secret),
		authenticated("auth_type " + secret + "\nauth_pass x"),
		authenticated("auth_type PASS\nauth_pass" + secret),
		authenticated("auth_type PASS\nauth_pass=" + secret),
		authenticated("auth_type PASS\nauth_pass\n" + secret),
		authenticated("auth_type PASS auth_pass " + secret),
		authenticated("auth_type PASS\nauth_pass { " + secret + "\n}"),
		authenticated("auth_type PASS\nauth_pass x}" + secret),
		authenticated("auth_type PASS\nauth_pass x{" + secret + "}"),
		authenticated("auth_type PASS\nauth_pass \"" + secret),
		authenticated("auth_type PASS\nauth_pass " + secret + "\\"),
		authenticated("auth_type PASS\nauth_pass " + secret + "\x00"),
		authenticated("auth_type PASS\nauth_pass " + strings.Repeat(secret, 200)),
		authenticated("auth_type PASS\nauth_pass x\n" + secret + " " + secret),
		authenticated("auth_type PASS\n{\n" + secret + " " + secret + "\n}"),
		authenticated("auth_type PASS\nx {\n" + secret + " " + secret + "\n}"),
		authenticated("auth_type PASS\nauth_pass {\n" + secret + " " + secret + " {\n"),
		authenticated("auth_type PASS\n{\n" + secret + " {\n"),
		instance("authentication PASS " + secret),
		instance("authentication " + secret + " {\n}"),
		instance("auth_pass " + secret),
		instance("auth_pass" + secret),
		instance("auth_pass\n" + secret),
		instance("auth_pass }" + secret),
		instance("\"auth_pass " + secret),
		instance("auth_hmac {\nkey 1 " + secret + "\nactive_key " + secret + "\n" + secret + "\n}"),
		"auth_pass " + secret,
		"SSL {\npassword " + secret + "\n" + secret + "\n}",
		"$PW=" + secret + "\n" + authenticated("auth_type PASS\nauth_pass $PW"),
		"$PW=" + secret + " \\\n" + secret + "\n" + authenticated("auth_type PASS\nauth_pass $PW"),
		"$PW=$PW" + secret + "\n" + authenticated("auth_type PASS\nauth_pass $PW"),
		"$1=" + secret + "\n$PW-X=" + secret + "\n",
		"$PW=\"" + secret + "\n",
	} {
		src := source(text)
		tree, parseErr := keepalived.Parse(src)
		config, readErr := keepalived.Read(src)
		for what, printed := range map[string]string{
			"error of Parse": fmt.Sprint(parseErr),
			"error of Read":  fmt.Sprintf("%v %+v", readErr, readErr),
			"tree":           printed(t, tree),
			"config":         printed(t, config),
		} {
			if strings.Contains(printed, secret) {
				t.Errorf("%q\nthe %s shows the password:\n%s", text, what, printed)
			}
		}
	}
}

// printed returns all that packages fmt, json and slog say about v.
func printed(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	fmt.Fprintf(&b, "%+v %d\n", struct{ v any }{v}, struct{ v any }{v})
	text, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	b.Write(text)
	slog.New(slog.NewTextHandler(&b, nil)).Info("", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("", "v", v)
	return b.String()
}

// A Secret tells its text to Reveal only, even as an unexported field.
func TestSecretFormats(t *testing.T) {
	c, err := keepalived.Read(source(authenticated("auth_type PASS\nauth_pass 1066")))
	if err != nil {
		t.Fatal(err)
	}
	pass := c.Instances[0].Auth.Pass
	hidden := struct{ pass keepalived.Secret }{pass}
	for _, got := range []string{printed(t, pass), printed(t, hidden), printed(t, []any{hidden, &hidden, &pass})} {
		if strings.Contains(got, "1066") {
			t.Errorf("shown:\n%s", got)
		}
	}
	if pass.String() != "(withheld)" || (keepalived.Secret{}).String() != "" || !pass.Equal(pass) || pass.Equal(keepalived.Secret{}) {
		t.Errorf("%v", pass)
	}
}

// A directive prints as a file says it, but for passwords.
func TestDirectiveString(t *testing.T) {
	tree, err := keepalived.Parse(source("a \"b c\" \"\" {\nauthentication {\nauth_type PASS\nauth_pass 1066\n}\nx \"#\"\n}\nb {}"))
	if err != nil {
		t.Fatal(err)
	}
	want := "a \"b c\" \"\" {\n\tauthentication {\n\t\tauth_type (withheld)\n\t\tauth_pass (withheld)\n\t}\n\tx \"#\"\n}"
	if got := tree.Directives[0].String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprintf("%d", tree.Directives[1]); got != "b {\n}" {
		t.Errorf("got %s", got)
	}
}

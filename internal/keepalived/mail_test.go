// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// mailFile has every directive about alerts, with further lines in global_defs.
func mailFile(lines string) string {
	return "global_defs {\nnotification_email {\nadmin@example.org root@localhost\n\"Night Watch <night@example.org>\"\n}\nsmtp_server mx.example.org\nrouter_id LVS_1\n" +
		lines + "\n}\nvrrp_instance A {\nsmtp_alert\n}\nvrrp_instance B {\n}\nvrrp_instance C {\nsmtp_alert off\n}\n" +
		"vrrp_sync_group G {\ngroup {\nA\nB\n}\nsmtp_alert\n}\n" + oneServer("", "") +
		"virtual_server 10.0.0.9 80 {\nprotocol TCP\nsmtp_alert\nreal_server 10.0.0.2 80 {\nsmtp_alert no\n}\n}\n"
}

func TestMail(t *testing.T) {
	b, err := decodeBalancing(t, mailFile("notification_email_from lb1@example.org\nsmtp_connect_timeout 10\nsmtp_helo_name lb1\nno_email_faults\nno_checker_emails"))
	want := &keepalived.Mail{
		To: []string{"admin@example.org", "root@localhost", "Night Watch <night@example.org>"}, From: "lb1@example.org", Server: "mx.example.org", Port: 25,
		Timeout: 10 * time.Second, Helo: "lb1", RouterID: "LVS_1", NoFaults: true, NoCheckers: true, Instances: []string{"A"}, Groups: []string{"G"},
	}
	if diff := cmp.Diff(want, b.Mail); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if !b.Mail.TellsInstance("A") || b.Mail.TellsInstance("B") || !b.Mail.TellsGroup("G") || (*keepalived.Mail)(nil).TellsGroup("G") {
		t.Error("tells the wrong ones")
	}
}

// TestMailDefaults wants keepalived's: alerts about real servers are on, all others off, unless the file says.
func TestMailDefaults(t *testing.T) {
	for _, c := range []struct {
		lines     string
		instances string
		pool      bool // of one that doesn't say
		server    bool
	}{
		{"", "A", false, true},
		{"smtp_alert", "A B", true, true},
		{"smtp_alert off", "A", false, false},
		{"smtp_alert\nsmtp_alert_vrrp off", "A", true, true},
		{"smtp_alert on\nsmtp_alert_checker off", "A B", false, false},
		{"smtp_alert_vrrp", "A B", false, true},
	} {
		b, err := decodeBalancing(t, mailFile(c.lines))
		if err != nil {
			t.Errorf("%q: %v", c.lines, err)
			continue
		}
		first, second := b.Servers[0], b.Servers[1]
		if got := strings.Join(b.Mail.Instances, " "); got != c.instances || first.Alert != c.pool || first.Servers[0].Alert != c.server || !second.Alert || second.Servers[0].Alert {
			t.Errorf("%q: instances %s, %v, %v, %v, %v", c.lines, got, first.Alert, first.Servers[0].Alert, second.Alert, second.Servers[0].Alert)
		}
	}
}

// TestMailNone wants no alerts without a server or somebody to tell, and that said.
func TestMailNone(t *testing.T) {
	for _, c := range []struct {
		old, new string
		warnings int
	}{
		{"smtp_server mx.example.org", "", 1},
		{"notification_email {\nadmin@example.org root@localhost\n\"Night Watch <night@example.org>\"\n}", "", 1},
		{"admin@example.org root@localhost\n\"Night Watch <night@example.org>\"", "nobody", 2},
		{"LVS_1", "LVS_1\nnotification_email_from nobody", 1},
	} {
		b, err := decodeBalancing(t, strings.Replace(mailFile(""), c.old, c.new, 1))
		if err != nil || len(b.Warnings) != c.warnings || (b.Mail == nil) == strings.HasPrefix(c.old, "LVS") || b.Mail == nil && b.Servers[0].Servers[0].Alert {
			t.Errorf("%q: %v, %+v, %v", c.new, err, b.Mail, b.Warnings)
		}
	}
}

func TestMailErrors(t *testing.T) {
	for _, c := range []struct {
		line  string
		cause error
		want  string
	}{
		{"smtp_server", keepalived.ErrMissing, "keepalived.conf:8: smtp_server"},
		{"smtp_server mx 0", keepalived.ErrValue, "1 to 65535"},
		{"smtp_connect_timeout 0", keepalived.ErrValue, "1 to 4294"},
		{"smtp_alert perhaps", keepalived.ErrValue, "on, true, yes"},
		{"smtp_alert_checker perhaps", keepalived.ErrValue, "keepalived.conf:8"},
		{"smtp_helo_name", keepalived.ErrMissing, "the name of a host"},
	} {
		if _, err := decodeBalancing(t, mailFile(c.line)); !errors.Is(err, c.cause) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %v with %q", c.line, err, c.cause, c.want)
		}
	}
}

// TestCheckUsers wants commands to run as whom the file says, nearest first.
func TestCheckUsers(t *testing.T) {
	text := "global_defs {\nscript_user nobody nogroup\n}\n" + oneServer("quorum_up /bin/true", "notify_up /bin/true www web\nMISC_CHECK {\nuser check\nmisc_path /bin/true\n}\nMISC_CHECK {\nmisc_path /bin/false\n}")
	b, err := decodeBalancing(t, text)
	if err != nil || len(b.Warnings) > 0 {
		t.Fatal(err, b.Warnings)
	}
	v := b.Servers[0]
	for _, c := range []struct {
		got  keepalived.Command
		want string
	}{
		{v.QuorumUp, "/bin/true as nobody nogroup"}, {v.Servers[0].NotifyUp, "/bin/true as www web"},
		{v.Servers[0].Checks[0].Command, "/bin/true as check "}, {v.Servers[0].Checks[1].Command, "/bin/false as nobody nogroup"},
	} {
		if got := strings.Join(c.got.Argv, " ") + " as " + c.got.User + " " + c.got.Group; got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestFileCheck reads FILE_CHECK, and the track_file that it names.
func TestFileCheck(t *testing.T) {
	const file = "track_file f {\nfile /run/f\nweight 1000 reverse\n}\n"
	for _, c := range []struct {
		inner string
		want  keepalived.Weight
	}{
		{"track_file f", keepalived.Weight{Value: 1000, Reverse: true}},
		{"weight -2147483647\ntrack_file f", keepalived.Weight{Value: -2147483647}},
		{"track_file f\nweight 0 reverse", keepalived.Weight{Reverse: true}},
	} {
		b, err := decodeBalancing(t, file+oneServer("", "FILE_CHECK {\n"+c.inner+"\n}"))
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Servers[0].Servers[0].Checks[0]; got.Path != "/run/f" || got.Weight != c.want || got.Retries != 0 {
			t.Errorf("%q: %+v", c.inner, got)
		}
	}
	for inner, cause := range map[string]error{
		"": keepalived.ErrMissing, "track_file g": keepalived.ErrValue, "track_file f\nweight x": keepalived.ErrValue, "delay_loop 1": keepalived.ErrUnknown,
	} {
		if _, err := decodeBalancing(t, file+oneServer("", "FILE_CHECK {\n"+inner+"\n}")); !errors.Is(err, cause) {
			t.Errorf("%q: %v, want %v", inner, err, cause)
		}
	}
}

// TestPatterns translates patterns of PCRE.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		lines string
		want  keepalived.Pattern
	}{
		{`regex "up"`, keepalived.Pattern{Expr: "up", Max: -1}},
		{`regex "^\\d+ up"`, keepalived.Pattern{Expr: `\A[0-9]+ up`, Max: -1}},
		{"regex up$", keepalived.Pattern{Expr: `up\n?\z`, Max: -1}},
		{"regex up$\nregex_options dollar_endonly", keepalived.Pattern{Expr: `(?-m:up$)`, Max: -1}},
		{"regex up\nregex_options caseless no_start_optimize\nregex_no_match", keepalived.Pattern{Expr: `(?i:UP)`, Without: true, Max: -1}},
		{"regex up\nregex_min_offset 3\nregex_max_offset 9\nregex_stack 1 2", keepalived.Pattern{Expr: "up", Min: 3, Max: 9}},
		{"regex_no_match", keepalived.Pattern{}},
	} {
		b, err := decodeBalancing(t, httpGet(c.lines))
		if err != nil || len(b.Warnings) > 0 {
			t.Errorf("%q: %v, %v", c.lines, err, b.Warnings)
			continue
		}
		if got := b.Servers[0].Servers[0].Checks[0].URLs[0].Regex; got != c.want {
			t.Errorf("%q: %+v, want %+v", c.lines, got, c.want)
		}
	}
	for _, lines := range []string{`regex "(a)\\1"`, "regex up\nregex_options extended", "regex (up"} {
		b, err := decodeBalancing(t, httpGet(lines))
		if unsupported := func(w keepalived.Warning) bool { return w.Kind == keepalived.Unsupported && w.Directive == "regex" }; err != nil || !slices.ContainsFunc(b.Warnings, unsupported) || b.Servers[0].Servers[0].Checks[0].URLs[0].Regex.Expr != "" {
			t.Errorf("%q: %v, %v", lines, err, b.Warnings)
		}
	}
}

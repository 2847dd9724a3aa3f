// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain makes of this executable carpd itself, for tests of the whole program.
func TestMain(m *testing.M) {
	if os.Getenv(beCarpd) != "" {
		main()
	}
	os.Exit(m.Run())
}

// beCarpd is the variable that says so.
const beCarpd = "CARPD_TEST_MAIN"

// write makes a file.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// outcome runs the program.
func outcome(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	p := &process{stdout: &out, stderr: &err, conceal: func(string) {}}
	status = p.command(args)
	return status, out.String(), err.String()
}

// least is a command line with what there must be, apart from what is tested.
func least(args ...string) []string {
	return append([]string{"-i", "eth0", "-v", "1", "-p", "secret", "-a", "10.0.0.100"}, args...)
}

// parsed returns what a command line asks for.
func parsed(t *testing.T, args ...string) (*settings, *instance) {
	t.Helper()
	p, err := readPlan(newSettings(), args)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return p.settings, p.instances[0]
}

// Every form of an option that getopt_long(3) knows has the same meaning.
func TestFormsOfAnOption(t *testing.T) {
	for _, args := range [][]string{
		{"-b", "7"}, {"-b7"}, {"--advbase", "7"}, {"--advbase=7"}, {"--advb", "7"}, {"--advb=7"},
		{"-zPb7"}, {"-zPb", "7"}, {"-b", "3", "-b", "7"}, {"-b7", "--"},
	} {
		if _, v := parsed(t, least(args...)...); v.advbase != 7 {
			t.Errorf("%q: advbase %d", args, v.advbase)
		}
	}
	s, v := parsed(t, least("-zPnDBSM", "-fnone", "-xa=b", "-r", "5", "-k200")...)
	if !v.preempt || !v.neutral || !s.debug || !s.daemonize || !v.ignoreState || !v.nomcast || s.facility != "none" ||
		v.xparam != "a=b" || v.deadratio != 5 || v.advskew != 200 {
		t.Errorf("%+v, %+v", s, v)
	}
}

// What abbreviates an option of ucarp to ucarp does so here.
func TestAbbreviations(t *testing.T) {
	var table []option
	for _, c := range []struct{ short, want string }{
		{"do", "downscript"}, {"v", "vhid"}, {"sr", "srcip"}, {"sh", "shutdown"}, {"mcast", "mcastip"}, {"m", "mcastip"}, {"u", "upscript"},
		{"pre", "preempt"}, {"pass", "pass"}, {"passf", "passfile"}, {"f", "facility"}, {"x", "xparam"}, {"n", ""}, {"ne", "neutral"}, {"no", "nomcast"},
		{"add", "addr"}, {"adv", ""}, {"ad", ""}, {"p", ""}, {"pas", ""}, {"de", ""}, {"deb", "debug"}, {"dea", "deadratio"}, {"da", "daemonize"},
		{"i", ""}, {"ig", "ignoreifstate"}, {"s", ""}, {"h", "help"},
		{"doc", "doctor"}, {"vi", "virtual-mac"}, {"st", "status"}, {"sc", "script-timeout"}, {"pe", ""}, {"pee", "peer"}, {"c", "config"}, {"t", "test"}, {"nothing", ""},
	} {
		table = options(newSettings(), newInstance())
		o, err := lookUp(c.short, table)
		switch {
		case c.want == "" && err == nil:
			t.Errorf("--%s is --%s", c.short, o.long)
		case c.want != "" && (err != nil || o.long != c.want):
			t.Errorf("--%s: %v, %v", c.short, o, err)
		}
	}
}

// The letters are those of ucarp's getopt string, with the -m that is missing there.
func TestLettersOfUcarp(t *testing.T) {
	const getopt = "i:s:v:p:Pa:hb:k:x:nu:d:Dr:zf:Bo:SM" + "m:"
	table := options(newSettings(), newInstance())
	n := 0
	for i := range getopt {
		if getopt[i] == ':' {
			continue
		}
		n++
		o := byLetter(getopt[i], table)
		valued := i+1 < len(getopt) && getopt[i+1] == ':'
		if o == nil || !o.ucarp || (o.value != "") != valued {
			t.Errorf("-%c: %+v", getopt[i], o)
		}
	}
	if theirs := len(ucarpOptions(newSettings(), newInstance())); theirs != n {
		t.Errorf("%d options, ucarp has %d", theirs, n)
	}
}

// Every error names the option, the value and what is allowed.
func TestErrorsOfTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"-v", "0"}, []string{"-v", `"0"`, "1 to 255"}},
		{[]string{"--vhid=256"}, []string{"--vhid", `"256"`, "1 to 255"}},
		{[]string{"-b", "256"}, []string{"-b", `"256"`, "0 to 255"}},
		{[]string{"-b-1"}, []string{"-b", `"-1"`, "0 to 255"}},
		{[]string{"-b", "1s"}, []string{"-b", `"1s"`, "0 to 255"}},
		{[]string{"-b", "0"}, []string{"advskew", "1 to 254"}},
		{[]string{"-k", "255"}, []string{"-k", `"255"`, "0 to 254"}},
		{[]string{"-r", "0"}, []string{"-r", `"0"`, "1 to 255"}},
		{[]string{"-s", "eth0"}, []string{"-s", `"eth0"`, "address"}},
		{[]string{"-m", "10.0.0.1"}, []string{"-m", `"10.0.0.1"`, "multicast"}},
		{[]string{"-a", "10.0.0.300"}, []string{"-a", `"10.0.0.300"`, "IPv4 or IPv6"}},
		{[]string{"-a", "fe80::1%eth0"}, []string{"-a", `"fe80::1%eth0"`}},
		{[]string{"-a", "10.0.0.100/24"}, []string{"10.0.0.100", "each once"}},
		{[]string{"-a", "224.0.0.1"}, []string{"224.0.0.1", "unicast"}},
		{[]string{"-f", "nowhere"}, []string{"-f", `"nowhere"`, "none", "local7"}},
		{[]string{"-o", "/nowhere/pass"}, []string{"-o", "/nowhere/pass"}},
		{[]string{"-u", "/nowhere/up"}, []string{"/nowhere/up"}},
		{[]string{"-d", "/etc/passwd"}, []string{"/etc/passwd", "executed"}},
		{[]string{"-i", ""}, []string{"-i", `""`}},
		{[]string{"-X"}, []string{"-X", "no such option"}},
		{[]string{"-zX"}, []string{"-X", "no such option"}},
		{[]string{"--no_arp"}, []string{"--no_arp", "no such option"}},
		{[]string{"--adv", "1"}, []string{"--adv", "--advbase", "--advskew"}},
		{[]string{"--preempt=1"}, []string{"--preempt", `"1"`, "no value"}},
		{[]string{"-x"}, []string{"-x", "needs a value", "VALUE"}},
		{[]string{"--xparam"}, []string{"--xparam", "needs a value", "VALUE"}},
		{[]string{"start"}, []string{`"start"`, "only options"}},
		{[]string{"--", "start"}, []string{`"--"`, "only options"}},
		{[]string{"--peer", "10.0.0.100"}, []string{"peer", "10.0.0.100"}},
		{[]string{"--script-timeout", "0"}, []string{"--script-timeout", `"0"`, "1 to 3600"}},
		{[]string{"--virtual-mac", "-a", "2001:db8::1"}, []string{"--virtual-mac", "IPv4"}},
		{[]string{"--device", "dummy0", "-u", "/bin/true"}, []string{"--device", "scripts"}},
		{[]string{"--json"}, []string{"--json", "--doctor"}},
		{[]string{"-p", "12345678901234567890"}, []string{"-p", "20 octets", "1 to 19"}},
		{[]string{"-p", ""}, []string{"-p", "0 octets", "1 to 19"}},
	} {
		status, stdout, stderr := outcome(least(append([]string{"-t"}, c.args...)...)...)
		for _, want := range c.want {
			if status != exitConfig || stdout != "" || !strings.Contains(stderr, want) {
				t.Errorf("%q: status %d, stdout %q, stderr %q lacks %q", c.args, status, stdout, stderr, want)
			}
		}
		if strings.Contains(stderr, "secret") || strings.Contains(stderr, "1234567890") {
			t.Errorf("%q: the passphrase is shown: %s", c.args, stderr)
		}
	}
}

// What there must be.
func TestMissing(t *testing.T) {
	for _, c := range []struct{ left, want string }{{"-v", "--vhid"}, {"-p", "--passfile"}, {"-a", "--addr"}} {
		var args []string
		for all := least(); len(all) > 0; all = all[2:] {
			if all[0] != c.left {
				args = append(args, all[0], all[1])
			}
		}
		if status, _, stderr := outcome(args...); status != exitConfig || !strings.Contains(stderr, c.want) {
			t.Errorf("without %s: status %d, %q", c.left, status, stderr)
		}
	}
}

// Without an interface there is the first that is up, if there is one.
func TestDefaultInterface(t *testing.T) {
	want, err := firstInterface()
	status, stdout, stderr := outcome("-t", "-v", "1", "-p", "secret", "-a", "10.0.0.100")
	if err != nil {
		if status != exitConfig || !strings.Contains(stderr, "--interface") {
			t.Errorf("status %d, %q", status, stderr)
		}
		return
	}
	if status != exitOK || !strings.Contains(stdout, "10.0.0.100/32 on "+want) {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"-h"}, {"--help"}, {"--he", "-a"}} {
		status, stdout, stderr := outcome(args...)
		if len(args) == 2 {
			if status != exitConfig {
				t.Errorf("%q: status %d", args, status)
			}
			continue
		}
		if status != exitOK || stderr != "" || !strings.Contains(stdout, "--advbase=SECONDS (-b)") || !strings.Contains(stdout, "--passfile") {
			t.Errorf("%q: status %d, %q, %q", args, status, stdout, stderr)
		}
	}
}

func TestPassfile(t *testing.T) {
	for _, text := range []string{"secret", "secret\n", "secret\r\n", "secret\nmore\n"} {
		if _, v := parsed(t, "-i", "eth0", "-v", "1", "-a", "10.0.0.100", "-o", write(t, "pass", text)); v.passphrase != "secret" {
			t.Errorf("%q: passphrase %q", text, v.passphrase)
		}
	}
	for text, want := range map[string]string{"": "0 octets", "\n": "0 octets", strings.Repeat("x", 600): "512 octets"} {
		if status, _, stderr := outcome(least("-o", write(t, "pass", text))...); status != exitConfig || !strings.Contains(stderr, want) {
			t.Errorf("%q: status %d, %q", text, status, stderr)
		}
	}
}

func TestPrint(t *testing.T) {
	status, stdout, stderr := outcome(least("-t", "-k", "100", "-P", "-a", "2001:db8::1/64", "--peer", "10.0.0.72", "-x", "x", "-u", "/bin/true")...)
	want := `eth0 id 1: virtual host 1 on eth0, advbase 1 advskew 100, dead ratio 3, preempts
  peer 10.0.0.72
  10.0.0.100/32 by scripts
  2001:db8::1/64 by scripts
  /bin/true eth0 10.0.0.100 x
1 virtual hosts
`
	if status != exitOK || stderr != "" || stdout != want {
		t.Errorf("status %d, stderr %q, stdout (-want +got):\n%s", status, stderr, cmp.Diff(want, stdout))
	}
}

// What becomes of the options.
func TestTranslate(t *testing.T) {
	s, v := parsed(t, least("-s", "10.0.0.1", "-s", "fe80::1", "-m", "224.0.0.99", "-b", "2", "-k", "9", "-r", "4", "-P", "-a", "2001:db8::1/64",
		"--peer", "2001:db8::9", "--permanent", "--script-timeout", "5")...)
	c := v.config()
	if c.VHID != 1 || c.AdvBase != 2 || c.AdvSkew != 9 || c.DeadRatio != 4 || !c.Preempt || c.SubSecond || c.SourceIPv4 != netip.MustParseAddr("10.0.0.1") ||
		c.SourceIPv6 != netip.MustParseAddr("fe80::1") || c.GroupIPv4 != netip.MustParseAddr("224.0.0.99") || len(c.Peers) != 1 || !c.NoLease || s.scriptTimeout != 5*time.Second {
		t.Errorf("%+v", c)
	}
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.100/32"), netip.MustParsePrefix("2001:db8::1/64")}
	if diff := cmp.Diff(want, c.Addresses, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if _, v := parsed(t, least("-b", "0", "-k", "50")...); !v.config().SubSecond {
		t.Error("advbase 0 is the default")
	}
	p := &plan{settings: s, instances: []*instance{v}}
	if all := p.routers(); len(all) != 2 || !all[0].CARP || all[0].IPv6 || all[0].Unicast || !all[1].IPv6 || !all[1].Unicast || len(all[1].Addresses) != 1 {
		t.Errorf("for the doctor: %+v", all)
	}
}

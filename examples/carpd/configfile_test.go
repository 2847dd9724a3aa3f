// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// two has two virtual hosts.
const two = `# both are on one interface
interface = eth0
pass = se = cret
facility = none
status = /run/carpd.json
; this host is the primary
preempt

[web]
vhid = 1
addr = 10.0.0.100/24
addr = 2001:db8::100

[mail]
vhid = 2
interface = eth1
pass = other
addr = 10.0.1.100
advskew = 100
`

func TestConfigFile(t *testing.T) {
	file := write(t, "carpd.conf", two)
	status, stdout, stderr := outcome("-t", "--config", file)
	want := `web: virtual host 1 on eth0, advbase 1 advskew 0, dead ratio 3, preempts
  10.0.0.100/24 on eth0
  2001:db8::100/128 on eth0
mail: virtual host 2 on eth1, advbase 1 advskew 100, dead ratio 3, preempts
  10.0.1.100/32 on eth1
2 virtual hosts
`
	if status != exitOK || stderr != "" || stdout != want {
		t.Errorf("status %d, stderr %q, stdout (-want +got):\n%s", status, stderr, cmp.Diff(want, stdout))
	}
	p, err := readPlan(newSettings(), []string{"--config", file, "-D"})
	if err != nil {
		t.Fatal(err)
	}
	if p.facility != "none" || p.status != "/run/carpd.json" || !p.debug || p.instances[0].passphrase != "se = cret" || p.instances[1].passphrase != "other" || len(p.passphrases) > 0 {
		t.Errorf("%+v, %+v", p.settings, p.instances)
	}
}

// Every error has the file and the line.
func TestErrorsOfTheConfigFile(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown", "advskew = 100", "advskev = 100", `carpd.conf:19: "advskev": no such option`},
		{"abbreviation", "advskew = 100", "advs = 100", `carpd.conf:19: "advs": no such option`},
		{"value", "vhid = 2", "vhid = 300", `carpd.conf:15: vhid: "300" is not allowed, only 1 to 255`},
		{"no value", "vhid = 2", "vhid", "carpd.conf:15: vhid needs a value"},
		{"value of a flag", "preempt", "preempt = yes", `carpd.conf:7: preempt has no value, not "yes"`},
		{"command line only", "preempt", "test", "carpd.conf:7: test: only on the command line"},
		{"program in a section", "advskew = 100", "guard", "carpd.conf:19: guard: only before the first section"},
		{"section", "[mail]", "[mail", "carpd.conf:14: "},
		{"empty section", "[mail]", "[ ]", "carpd.conf:14: "},
		{"section twice", "[mail]", "[web]", "carpd.conf:14: [web]: each name once"},
		{"no address", "addr = 10.0.1.100\n", "", "[mail]: there must be a service address"},
		{"vhid twice", "vhid = 2\ninterface = eth1", "vhid = 1\ninterface = eth0", "[mail]: vhid 1: each once on an interface, eth0"},
		{"passphrase", "pass = other", "pass = 12345678901234567890", "carpd.conf:17: pass: a passphrase of 20 octets"},
		{"no section", two[strings.Index(two, "[web]"):], "", "carpd.conf: no virtual host"},
		{"two errors", "advskew = 100", "advskew = x\nadvbase = y", "carpd.conf:20: advbase"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := outcome("-t", "--config", write(t, "carpd.conf", strings.Replace(two, c.old, c.new, 1)))
			if status != exitConfig || stdout != "" || !strings.Contains(stderr, c.want) || strings.Contains(stderr, "1234567890") {
				t.Errorf("status %d, stdout %q, stderr %q lacks %q", status, stdout, stderr, c.want)
			}
		})
	}
}

func TestConfigAndVirtualHostOnTheCommandLine(t *testing.T) {
	if status, _, stderr := outcome("--config", write(t, "carpd.conf", two), "-t", "-P"); status != exitConfig || !strings.Contains(stderr, "--preempt") {
		t.Errorf("status %d, %q", status, stderr)
	}
	if status, _, stderr := outcome("--config", "/nowhere/carpd.conf", "-t"); status != exitConfig || !strings.Contains(stderr, "/nowhere/carpd.conf") {
		t.Errorf("status %d, %q", status, stderr)
	}
}

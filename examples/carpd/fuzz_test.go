// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wantRunnable checks what must be true of a plan without an error: it can run.
func wantRunnable(t *testing.T, p *plan) {
	t.Helper()
	if p.help {
		return
	}
	for _, v := range p.instances {
		if v.vhid < 1 || len(v.addrs) == 0 || v.passphrase == "" || len(v.passphrase) > 19 {
			t.Errorf("virtual host %+v", v)
		}
		for _, a := range v.addrs {
			if !a.IsValid() {
				t.Errorf("address %v", a)
			}
		}
	}
}

// namesDevice reports whether a text may name a file that is not one.
func namesDevice(text string) bool {
	return strings.Contains(text, "/dev") || strings.Contains(text, "/proc")
}

// FuzzCommandLine reads any command line of ucarp's, an argument each line.
func FuzzCommandLine(f *testing.F) {
	for _, args := range [][]string{
		least(),
		least("-zPb1", "-k", "100", "--peer=10.0.0.72", "--mcastip", "224.0.0.99"),
		least("--advb=1", "--deadratio=4", "-s", "10.0.0.71", "-u", "/etc/up", "-d", "/etc/down", "-x", "a b", "-f", "daemon"),
		least("-a", "2001:db8::100/64", "--device", "lo", "--guard", "--virtual-mac"),
		{"-h"}, {"--config", "nowhere"}, {"-b", "256"}, {"--"},
	} {
		f.Add(strings.Join(args, "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if namesDevice(text) {
			return
		}
		args := append([]string{"-i", "eth0"}, strings.Split(text, "\n")...)
		if p, err := readPlan(newSettings(), args); err == nil {
			wantRunnable(t, p)
		}
	})
}

// FuzzConfigFile reads any configuration file. An error names the file.
func FuzzConfigFile(f *testing.F) {
	for _, text := range []string{
		"interface = eth0\npass = mekmitasdigoat\npreempt\n[one]\nvhid = 1\naddr = 10.0.0.100/24\npeer = 10.0.0.72\n[two]\nvhid=2\naddr=2001:db8::1\n",
		"# nothing\n; nothing\n\n[a]\n[a]\n", "[", "[]", "preempt = yes\n", "vhid\n", "config = x\n", "[x]\nstatus = y\n",
		"status = /run/carpd.json\nfacility = none\nadvskew = 254\nadvbase = 0\n[x]\nvhid = 255\npass=x\ninterface = eth0\naddr = 10.0.0.1\n",
	} {
		f.Add(text)
	}
	file := filepath.Join(f.TempDir(), "carpd.conf")
	f.Fuzz(func(t *testing.T, text string) {
		if namesDevice(text) {
			return
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readConfig(file, newSettings()); err != nil && !strings.Contains(err.Error(), file) {
			t.Errorf("error %v does not name the file", err)
		}
		if p, err := readPlan(newSettings(), []string{"--config", file}); err == nil {
			wantRunnable(t, p)
		}
	})
}

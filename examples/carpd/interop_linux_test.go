// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// ucarp starts Debian's ucarp with scripts.
func (p *pair) ucarp(h *netlab.Host, more ...string) *speaker {
	p.t.Helper()
	scripts, _ := p.scriptsFor(h.Name())
	args := append([]string{"-i", "eth0", "-v", "1", "-s", h.Addr(0).String(), "-f", "none", "-z"}, scripts...)
	return start(p.t, h, netlabtest.Program(p.t, "ucarp"), append(args, more...)...)
}

// needUcarp skips the test where it isn't installed.
func needUcarp(t *testing.T) bool {
	t.Helper()
	netlabtest.Program(t, "ucarp")
	return netlabtest.Enter(t)
}

// wantNoComplaint checks that neither rejected what the other sent.
func wantNoComplaint(t *testing.T, all ...*speaker) {
	t.Helper()
	for _, s := range all {
		for _, bad := range []string{"Bad digest", "Bad TTL", "rejected", "Bad IP", "wrong"} {
			if s.count(bad) > 0 {
				t.Errorf("%s complains: %s\n%s", s.host.Name(), bad, s)
			}
		}
	}
}

// carpd is the better: planned stop, return by preemption, failure of its link.
func TestInteropUcarpIsBackup(t *testing.T) {
	t.Parallel()
	if !needUcarp(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	ours := carpd(t, p.n1, p.args("-P", "-z")...)
	p.wantHolder(p.n1)
	theirs := p.ucarp(p.n2, p.args("-k", "100")...)
	theirs.wantLine("Switching to state: BACKUP")

	ours.stop(syscall.SIGTERM)
	ours.wantExit(exitOK)
	p.wantHolder(p.n2)
	theirs.wantLine("Putting MASTER DOWN (going to time out)") // for the goodbye
	wantNoComplaint(t, ours, theirs)

	ours = carpd(t, p.n1, p.args("-P", "-z")...)
	p.wantHolder(p.n1)
	ours.wantLine("Putting MASTER down - preemption")
	theirs.wantLine("Preferred master advertised: going back to BACKUP state")

	if err := p.n1.Unplug(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "takeover", func() bool { return has(t, p.n2, p.addrs...) == 1 })
	if err := p.n1.Plug(); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n1)

	ours.signal(syscall.SIGUSR2)
	eventually(t, "temporary master", func() bool { return theirs.count("Switching to state: MASTER") == 3 })
	p.wantHolder(p.n1)
	wantNoComplaint(t, ours, theirs)
}

// ucarp is the better: it says no goodbye, and so is waited for.
func TestInteropUcarpIsMaster(t *testing.T) {
	t.Parallel()
	if !needUcarp(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	theirs := p.ucarp(p.n1, p.args("-P")...)
	p.wantHolder(p.n1)
	ours := carpd(t, p.n2, p.args("-P", "-k", "100")...)
	ours.wantLine("Switching to state: BACKUP")

	theirs.stop(syscall.SIGTERM)
	p.wantHolder(p.n2)
	ours.wantLine(`reason="master timed out"`)
	theirs = p.ucarp(p.n1, p.args("-P")...)
	p.wantHolder(p.n1)
	theirs.wantLine("Putting MASTER down - preemption")
	ours.wantLine("Preferred master advertised: going back to BACKUP state")

	if err := p.n1.Unplug(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "takeover", func() bool { return has(t, p.n2, p.addrs...) == 1 })
	if err := p.n1.Plug(); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n1)
	wantNoComplaint(t, ours, theirs)
	ours.stop(syscall.SIGTERM)
	ours.wantExit(exitOK)
	if p.bowedOut(p.n2) > 0 {
		t.Error("a backup said goodbye")
	}
}

// Peers that don't fit are named, with what is wrong where that can be found out.
func TestInteropMismatch(t *testing.T) {
	for _, c := range []struct {
		name  string
		ours  []string
		their string
		addr  string
		want  string
	}{
		{"Passphrase", []string{"10.0.0.100"}, "other", "10.0.0.100", "another passphrase or other addresses"},
		{"OneOfTheAddresses", []string{"10.0.0.100", "2001:db8::100"}, "mekmitasdigoat", "10.0.0.100", "other addresses: peer has [10.0.0.100]"},
		{"AnotherAddress", []string{"10.0.0.100"}, "mekmitasdigoat", "10.0.0.101", "another passphrase or other addresses"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !needUcarp(t) {
				return
			}
			p := newPair(t, c.ours...)
			p.ucarp(p.n2, "-p", c.their, "-a", c.addr)
			ours := carpd(t, p.n1, p.args("-k", "100")...)
			line := "[WARNING] Bad digest - from " + p.n2.Addr(0).String() + ": " + c.want + " - Check vhid, password and virtual IP address"
			ours.wantLine(line)
			if strings.Contains(ours.String(), "mekmitasdigoat") {
				t.Error("the log shows the passphrase")
			}
		})
	}
}

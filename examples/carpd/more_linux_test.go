// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// Several virtual hosts of one file, each with its own way to advertise.
func TestConfigFileLive(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100", "10.0.0.101", "2001:db8::101")
	file := func(skew int, peer string) []string {
		return []string{"--config", write(t, "carpd.conf", fmt.Sprintf(`interface = eth0
pass = mekmitasdigoat
preempt
facility = none
advskew = %d
[one]
vhid = 1
addr = 10.0.0.100/24
peer = %s
[two]
vhid = 2
addr = 10.0.0.101
addr = 2001:db8::101
mcastip = 224.0.0.99
`, skew, peer))}
	}
	a := carpd(t, p.n1, file(0, p.n2.Addr(0).String())...)
	a.wantLine("Switching to state: MASTER (one)")
	a.wantLine("Switching to state: MASTER (two)")
	p.wantHolder(p.n1)
	b := carpd(t, p.n2, file(100, p.n1.Addr(0).String())...)
	b.wantLine("Switching to state: BACKUP (two)")
	a.stop(syscall.SIGQUIT)
	a.wantExit(exitOK)
	p.wantHolder(p.n2)
	b.wantLine("Putting MASTER DOWN (going to time out) (one)")
	b.wantLine("Putting MASTER DOWN (going to time out) (two)")
}

// A process that is killed has said goodbye, by its guard, and left nothing behind.
func TestGuard(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	a := carpd(t, p.n1, p.args("--guard", "--permanent")...)
	p.wantHolder(p.n1)
	b := carpd(t, p.n2, p.args("-k", "100")...)
	b.wantLine("Switching to state: BACKUP")
	a.signal(syscall.SIGKILL)
	b.wantLine("Putting MASTER DOWN (going to time out)")
	p.wantHolder(p.n2)
}

// With --virtual-mac the address is at the MAC address of the virtual host, on an
// interface that goes with the program; --device has it elsewhere.
func TestPlacesOfAddresses(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	a := carpd(t, p.n1, p.args("--virtual-mac")...)
	a.wantLine("Switching to state: MASTER")
	macs := func() string { return ip(t, p, "-o", "link", "show") }
	eventually(t, "address at the virtual MAC address", func() bool {
		return strings.Contains(ip(t, p, "-o", "addr", "show"), "10.0.0.100/32") && strings.Contains(macs(), "00:00:5e:00:01:01")
	})
	if has(t, p.n1, "10.0.0.100") > 0 {
		t.Error("the address is on eth0")
	}
	a.stop(syscall.SIGTERM)
	a.wantExit(exitOK)
	if strings.Contains(macs(), "00:00:5e:00:01:01") {
		t.Errorf("left behind:\n%s", macs())
	}

	a = carpd(t, p.n1, p.args("--device", "lo")...)
	eventually(t, "address on lo", func() bool { return strings.Contains(ip(t, p, "addr", "show", "dev", "lo"), "10.0.0.100/32") })
	a.stop(syscall.SIGTERM)
	a.wantExit(exitOK)
	if strings.Contains(ip(t, p, "addr", "show"), "10.0.0.100") {
		t.Error("the address is left behind")
	}
}

// ip returns what ip(8) prints on the first host.
func ip(t *testing.T, p *pair, args ...string) string {
	t.Helper()
	s := start(t, p.n1, netlabtest.Program(t, "ip"), args...)
	<-s.done
	return s.String()
}

// What would not work is an error.
func TestDoctor(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	a := carpd(t, p.n1, p.args("--doctor")...)
	<-a.done
	if a.cmd.ProcessState.ExitCode() > exitConfig {
		t.Errorf("exit status %d", a.cmd.ProcessState.ExitCode())
	}
	a = carpd(t, p.n1, p.args("--doctor", "-i", "nowhere0")...)
	a.wantExit(exitConfig)
	if a.count("nowhere0") == 0 || a.count("will not work") == 0 {
		t.Errorf("said %s", a)
	}
}

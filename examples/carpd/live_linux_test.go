// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// Two carpd with addresses of both families: start, planned stop, return by
// preemption, a failed link, and an end that leaves nothing behind.
func TestFailover(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100", "10.0.0.101", "2001:db8::100")
	a := carpd(t, p.n1, p.args("-P")...)
	p.wantHolder(p.n1)
	b := carpd(t, p.n2, p.args("-P", "-k", "100")...)
	b.wantLine("[WARNING] Switching to state: BACKUP")

	a.stop(syscall.SIGTERM)
	a.wantExit(exitOK)
	if n := has(t, p.n1, p.addrs...); n > 0 || p.bowedOut(p.n1) == 0 {
		t.Errorf("%d addresses left, %d goodbyes", n, p.bowedOut(p.n1))
	}
	p.wantHolder(p.n2)
	b.wantLine("[WARNING] Putting MASTER DOWN (going to time out)")
	b.wantLine("[WARNING] Switching to state: MASTER")

	a = carpd(t, p.n1, p.args("-P")...)
	p.wantHolder(p.n1)
	a.wantLine("[WARNING] Putting MASTER down - preemption")
	b.wantLine("[WARNING] Preferred master advertised: going back to BACKUP state")

	if err := p.n1.Unplug(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "takeover", func() bool { return has(t, p.n2, p.addrs...) == 3 })
	if err := p.n1.Plug(); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n1)
	for _, s := range []*speaker{b, a} {
		s.stop(syscall.SIGHUP)
		s.wantExit(exitOK)
	}
	if has(t, p.n1, p.addrs...)+has(t, p.n2, p.addrs...) > 0 {
		t.Error("addresses are left behind")
	}
}

// The setting of the FreeBSD handbook: two hosts, vhid 1, a passphrase, advskew 0
// and 100, preemption on both. The primary reboots; its interface is taken down; it
// comes back; and the backup is master for a while by command.
func TestHandbook(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.50")
	primary := carpd(t, p.n1, p.args("-P", "-k", "0")...)
	p.wantHolder(p.n1)
	backup := carpd(t, p.n2, p.args("-P", "-k", "100")...)
	backup.wantLine("Switching to state: BACKUP")

	primary.stop(syscall.SIGKILL) // the kernel ends the lease, as a boot would
	p.wantHolder(p.n2)
	primary = carpd(t, p.n1, p.args("-P", "-k", "0")...)
	p.wantHolder(p.n1)

	if err := p.n1.SetLink(0, false); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n2)
	primary.wantLine("Switching to state: INIT")
	if err := p.n1.SetLink(0, true); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n1)

	masters := backup.count("Switching to state: MASTER")
	primary.signal(syscall.SIGUSR2)
	eventually(t, "temporary primary", func() bool { return backup.count("Switching to state: MASTER") > masters })
	p.wantHolder(p.n1) // by preemption, after its master-down time
}

// SIGUSR1 tells the state in the log and in the status file; the file of the process
// goes with it.
func TestStatus(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	dir := t.TempDir()
	status, pid := filepath.Join(dir, "status.json"), filepath.Join(dir, "pid")
	a := carpd(t, p.n1, p.args("--status", status, "--pidfile", pid)...)
	p.wantHolder(p.n1)
	a.signal(syscall.SIGUSR1)
	a.wantLine("[INFO] MASTER on eth0 id 1")
	var got report
	text, err := os.ReadFile(status)
	if err != nil || json.Unmarshal(text, &got) != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if v := got.VirtualHosts[0]; got.PID != a.cmd.Process.Pid || v.State != carp.Master || v.Link != "eth0" || v.VHID != 1 || v.Last.Reason != carp.ReasonTimedOut || v.Stats.BecameMaster != 1 {
		t.Errorf("%s", text)
	}
	if text, err := os.ReadFile(pid); err != nil || strings.TrimSpace(string(text)) != strconv.Itoa(a.cmd.Process.Pid) {
		t.Errorf("%q, %v", text, err)
	}
	a.stop(syscall.SIGTERM)
	text, err = os.ReadFile(status)
	if err != nil || !strings.Contains(string(text), `"state": "Init"`) || !strings.Contains(string(text), `"reason": "shutdown"`) {
		t.Errorf("after the end: %v, %s", err, text)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Scripts are called as by ucarp, and their addresses go without --shutdown too.
func TestScriptsLive(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100", "10.0.0.101")
	scripts, notes := p.scriptsFor("n1")
	a := carpd(t, p.n1, p.args(append(scripts, "-x", "a b")...)...)
	p.wantHolder(p.n1)
	a.stop(syscall.SIGINT)
	a.wantExit(exitOK)
	if has(t, p.n1, p.addrs...) > 0 {
		t.Error("addresses are left behind")
	}
	text, err := os.ReadFile(notes)
	want := ""
	for _, verb := range []string{"down", "up", "down"} {
		for _, addr := range p.addrs {
			want += fmt.Sprintf("%s 3 eth0 %s a b\n", verb, addr)
		}
	}
	if err != nil || string(text) != want {
		t.Errorf("%v, calls (-want +got):\n%s", err, cmp.Diff(want, string(text)))
	}
}

// A slow script delays no advertisement: the backup stays.
func TestSlowScript(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	release := filepath.Join(t.TempDir(), "release")
	slow := write(t, "slow", "#!/bin/sh\nuntil [ -e "+release+" ]; do sleep 0.1; done\nexec ip addr add \"$2/24\" dev \"$1\"\n")
	a := carpd(t, p.n1, p.args("-u", slow, "-P")...)
	a.wantLine("Spawning [" + slow + " eth0 10.0.0.100]")
	b := carpd(t, p.n2, p.args("-k", "100", "-D", "--status", filepath.Join(filepath.Dir(release), "b.json"))...)
	b.wantLine("Switching to state: BACKUP")
	peer := `"peer": "` + p.n1.Addr(0).String() + `"`
	eventually(t, "advertisements while the script runs", func() bool {
		b.signal(syscall.SIGUSR1)
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(release), "b.json"))
		return strings.Contains(string(text), peer)
	})
	if has(t, p.n1, p.addrs...) > 0 {
		t.Error("the script has ended")
	}
	if err := os.WriteFile(release, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n1)
	if b.count("Switching to state: MASTER") > 0 {
		t.Error("the backup has taken over")
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// lineage is a program that is replaced by its successors, which write into the same log.
type lineage struct {
	*speaker
	pid, replaced int
}

// startLineage starts it.
func startLineage(t *testing.T, h *netlab.Host, args ...string) *lineage {
	t.Helper()
	l := &lineage{speaker: carpd(t, h, args...)}
	l.pid = l.cmd.Process.Pid
	t.Cleanup(func() { _ = syscall.Kill(l.pid, syscall.SIGKILL) })
	return l
}

// upgrade has the program replaced.
func (l *lineage) upgrade() {
	l.t.Helper()
	if err := syscall.Kill(l.pid, syscall.SIGPWR); err != nil {
		l.t.Fatal(err)
	}
	l.replaced++
	var pids [][]string
	eventually(l.t, "a successor", func() bool {
		pids = regexp.MustCompile(`another process has taken over: (\d+)`).FindAllStringSubmatch(l.String(), -1)
		return len(pids) == l.replaced
	})
	l.pid, _ = strconv.Atoi(pids[l.replaced-1][1])
}

// end ends the last of them, and waits until all have closed the log.
func (l *lineage) end() {
	l.t.Helper()
	if err := syscall.Kill(l.pid, syscall.SIGTERM); err != nil {
		l.t.Fatal(err)
	}
	<-l.done
}

// removals returns a function that tells how many addresses were removed from a host until then.
func removals(t *testing.T, h *netlab.Host) func() int {
	t.Helper()
	updates, done := make(chan netlink.AddrUpdate, 1000), make(chan struct{})
	if err := h.Do(func() error { return netlink.AddrSubscribe(updates, done) }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(done) })
	return func() (n int) {
		for {
			select {
			case u := <-updates:
				if !u.NewAddr {
					n++
				}
			default:
				return n
			}
		}
	}
}

// TestUpgrade replaces a Master and its Backup time and again: nobody notices, no address is touched, and the
// passphrase stays unreadable.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100", "10.0.0.101", "2001:db8::100")
	pidfile := filepath.Join(t.TempDir(), "pid")
	a := startLineage(t, p.n1, p.args("-P", "--pidfile", pidfile)...)
	p.wantHolder(p.n1)
	b := startLineage(t, p.n2, p.args("-P", "-k", "100")...)
	b.wantLine("Switching to state: BACKUP")
	gone := removals(t, p.n1)
	states := a.count("Switching to state") + b.count("Switching to state")
	for range 5 {
		a.upgrade()
		b.upgrade()
		cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", a.pid))
		if err != nil || strings.Contains(string(cmdline), "mekmitasdigoat") {
			t.Errorf("%v, arguments %q", err, cmdline)
		}
		eventually(t, "its number in the file", func() bool {
			text, err := os.ReadFile(pidfile)
			return err == nil && strings.TrimSpace(string(text)) == strconv.Itoa(a.pid)
		})
	}
	if n := gone(); n > 0 || has(t, p.n1, p.addrs...) != len(p.addrs) {
		t.Errorf("%d addresses were removed", n)
	}
	if n := a.count("Switching to state") + b.count("Switching to state"); n != states || p.bowedOut(p.n1) > 0 {
		t.Errorf("%d changes of state, %d bow-outs", n-states, p.bowedOut(p.n1))
	}
	a.end()
	p.wantHolder(p.n2)
	if _, err := os.Stat(pidfile); !os.IsNotExist(err) {
		t.Errorf("the file with the number is left: %v", err)
	}
	b.end()
	if n := has(t, p.n2, p.addrs...); n > 0 {
		t.Errorf("%d addresses are left", n)
	}
}

// TestUpgradeFails: a successor that can't start leaves all as it is.
func TestUpgradeFails(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	secret := write(t, "passphrase", "mekmitasdigoat\n")
	pidfile := filepath.Join(t.TempDir(), "pid")
	args := []string{"-i", "eth0", "-v", "1", "-o", secret, "-a", "10.0.0.100", "--pidfile", pidfile}
	a := startLineage(t, p.n1, args...)
	p.wantHolder(p.n1)
	gone := removals(t, p.n1)
	if err := os.Rename(secret, secret+".away"); err != nil {
		t.Fatal(err)
	}
	a.signal(syscall.SIGPWR)
	a.wantLine("no other process has taken over: successor: EOF")
	a.signal(syscall.SIGUSR1)
	a.wantLine("[INFO] MASTER on eth0 id 1")
	if err := os.Rename(secret+".away", secret); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(pidfile); err != nil || strings.TrimSpace(string(text)) != strconv.Itoa(a.pid) {
		t.Errorf("%q, %v", text, err)
	}
	a.upgrade()
	if n := gone(); n > 0 || has(t, p.n1, p.addrs...) != 1 {
		t.Errorf("%d addresses were removed", n)
	}
	a.end()
}

// TestUpgradeWithScripts: a script isn't called for what another process has done, and is when the role ends.
func TestUpgradeWithScripts(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	scripts, notes := p.scriptsFor("n1")
	a := startLineage(t, p.n1, p.args(scripts...)...)
	p.wantHolder(p.n1)
	before, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	a.upgrade()
	a.upgrade()
	if after, err := os.ReadFile(notes); err != nil || string(after) != string(before) {
		t.Errorf("%v, called:\n%s\nbefore that:\n%s", err, after, before)
	}
	a.end()
	after, err := os.ReadFile(notes)
	if called := strings.TrimPrefix(string(after), string(before)); err != nil || strings.Count(called, "down") != 1 || strings.Count(called, "up") != 0 {
		t.Errorf("%v, called at the end: %s", err, called)
	}
}

// TestUpgradeInTheBackground: a process in the background has one there for a successor.
func TestUpgradeInTheBackground(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	pidfile := filepath.Join(t.TempDir(), "pid")
	a := carpd(t, p.n1, p.args("-B", "--pidfile", pidfile)...)
	a.wantExit(exitOK)
	number := func() int {
		text, _ := os.ReadFile(pidfile)
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return pid
	}
	t.Cleanup(func() {
		if pid := number(); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	b := carpd(t, p.n2, p.args("-k", "100")...)
	p.wantHolder(p.n1)
	b.wantLine("Switching to state: BACKUP")
	gone := removals(t, p.n1)
	for range 2 {
		before := number()
		if err := syscall.Kill(before, syscall.SIGPWR); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a successor", func() bool { return number() != before && number() > 0 && ended(before) })
		wantHidden(t, number())
		if dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", number())); err != nil || dir != "/" {
			t.Errorf("working directory %q, %v", dir, err)
		}
	}
	if n := gone(); n > 0 || has(t, p.n1, p.addrs...) != 1 || p.bowedOut(p.n1) > 0 || b.count("Switching to state: MASTER") > 0 {
		t.Errorf("%d addresses were removed, %d bow-outs", n, p.bowedOut(p.n1))
	}
	if err := syscall.Kill(number(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n2)
	eventually(t, "end of the file", func() bool { return number() == 0 })
}

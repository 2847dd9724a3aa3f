// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// The process in the background takes part when the first one has ended, in a
// session of its own, and nobody reads the passphrase of either.
func TestDaemonize(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	pidfile := filepath.Join(t.TempDir(), "pid")
	a := carpd(t, p.n1, p.args("-B", "--pidfile", pidfile)...)
	a.wantExit(exitOK)
	text, err := os.ReadFile(pidfile)
	if err != nil {
		t.Fatalf("started, but %v", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	b := carpd(t, p.n2, p.args("-k", "100")...) // has the passphrase in its arguments
	p.wantHolder(p.n1)
	b.wantLine("Switching to state: BACKUP")
	wantHidden(t, pid)
	if dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err != nil || dir != "/" {
		t.Errorf("working directory %q, %v", dir, err)
	}
	if session(t, pid) != pid {
		t.Errorf("session %d of process %d", session(t, pid), pid)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n2)
	eventually(t, "end of the process", func() bool { return ended(pid) })
}

// session returns the session of a process (proc_pid_stat(5)).
func session(t *testing.T, pid int) int {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	id, err := strconv.Atoi(strings.Fields(string(rest))[3])
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A start that fails is told to whoever started it.
func TestDaemonizeFails(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	a := carpd(t, p.n1, p.args("-B", "--pidfile", "/nowhere/carpd.pid")...)
	a.wantExit(exitFailed)
	if a.count("/nowhere/carpd.pid") == 0 {
		t.Errorf("said %q", a)
	}
	a = carpd(t, p.n1, p.args("-B", "-b", "300")...)
	a.wantExit(exitConfig)
}

// The passphrase is in no list of processes.
func TestPassphraseIsHidden(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	for i, args := range [][]string{{"-p", "mekmitasdigoat"}, {"-pmekmitasdigoat"}, {"--pass=mekmitasdigoat"}, {"-zPp", "mekmitasdigoat"}} {
		a := carpd(t, p.n1, append(args, "-i", "eth0", "-v", "1", "-a", "10.0.0.100", "--guard")...)
		a.wantLine("Switching to state: BACKUP")
		wantHidden(t, a.cmd.Process.Pid)
		a.stop(syscall.SIGTERM)
		if a.count("mekmitasdigoat") > 0 {
			t.Errorf("%d: the log shows the passphrase:\n%s", i, a)
		}
	}
}

// wantHidden looks for the passphrase in the arguments of a process and of those
// that it has started.
func wantHidden(t *testing.T, pid int) {
	t.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range append(strings.Fields(string(children)), strconv.Itoa(pid)) {
		cmdline, err := os.ReadFile("/proc/" + id + "/cmdline")
		if err != nil || len(cmdline) == 0 || bytes.Contains(cmdline, []byte("mekmitasdigoat")) {
			t.Errorf("arguments %q, %v", cmdline, err)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package guard_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestDeath has a program end in several ways without saying goodbye: the guard says it, and removes the addresses.
func TestDeath(t *testing.T) {
	for name, die := range map[string]func(*remote){
		"Killed": func(r *remote) { r.kill() },
		"Panic":  func(r *remote) { r.tell("panic") },
		"Exit":   func(r *remote) { r.tell("exit") },
		"Abort":  func(r *remote) { r.signal(syscall.SIGABRT) },
	} {
		t.Run(name, func(t *testing.T) {
			if !netlabtest.Enter(t) {
				return
			}
			b := newBench(t)
			r := b.program("1h")
			awaitEnd := watchProcess(t, r.guardPID())
			begin := time.Now()
			die(r)
			awaitEnd()
			b.wantHeld()
			b.wantSeen(goodbyes())
			for _, p := range b.seen {
				t.Logf("%s after %v", p.Payload, p.at.Sub(begin))
			}
		})
	}
}

func (r *remote) signal(s syscall.Signal) {
	r.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.Fatal(err)
	}
}

// TestFrozen kills a program that was frozen for longer than its goodbye is valid: the addresses go without a goodbye.
func TestFrozen(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const validity = 20 * time.Millisecond
	b := newBench(t)
	r := b.program(validity.String())
	awaitEnd := watchProcess(t, r.guardPID())
	r.signal(syscall.SIGSTOP)
	stopped := func() error {
		return unix.Waitid(unix.P_PID, r.cmd.Process.Pid, nil, unix.WSTOPPED|unix.WNOWAIT, nil)
	}
	if err := uninterrupted(stopped); err != nil {
		t.Fatal(err)
	}
	time.Sleep(validity + time.Millisecond) // it is the passing of time that this is about
	r.kill()
	awaitEnd()
	b.wantHeld()
	b.wantSeen(nil)
}

// TestPlannedEnd has a program end that has taken its wills back: what it left behind was meant to be.
func TestPlannedEnd(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := b.program("1h")
	awaitEnd := watchProcess(t, r.guardPID())
	r.do("clear")
	r.kill()
	awaitEnd()
	b.wantHeld(addrs()...)
	b.wantSeen(nil)
}

// TestSignals sends the guard, and its program's process group, what ends others.
func TestSignals(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := b.program("1h")
	pid := r.guardPID()
	awaitEnd := watchProcess(t, pid)
	for _, s := range []syscall.Signal{
		syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE, syscall.SIGABRT, syscall.SIGUSR1, syscall.SIGUSR2,
	} {
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(-r.cmd.Process.Pid, syscall.SIGTERM); err != nil { // of which the program dies
		t.Fatal(err)
	}
	<-r.done
	awaitEnd()
	b.wantHeld()
	b.wantSeen(goodbyes())
}

// TestSession checks what the guard has of its own.
func TestSession(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	pid := newBench(t).program("").guardPID()
	session, err := unix.Getsid(pid)
	if err != nil || session != pid {
		t.Errorf("session %d, %v; want %d", session, err, pid)
	}
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil || dir != "/" {
		t.Errorf("directory %q, %v; want /", dir, err)
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || string(name) != "fhrp-guard\n" {
		t.Errorf("name %q, %v; want fhrp-guard", name, err)
	}
}

// TestPartly has wills that can't be executed, or only in part: the others are.
func TestPartly(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	cmd := programCommand()
	output, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	cmd.Stderr = output
	r := startProgram(t, b.host, cmd)
	r.do("start", "hold", "set 1h", "set-more")
	awaitEnd := watchProcess(t, r.guardPID())
	r.kill()
	awaitEnd()
	b.wantHeld()
	b.wantSeen(goodbyes())
	got, err := os.ReadFile(output.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`level=ERROR msg="goodbye not sent" guard=\d+ id=1 link=absent0 source=10.0.0.71 destination=224.0.0.18 error="link absent0: no such device"`,
		`level=WARN msg="program ended without a goodbye" guard=\d+ lastBeat=\S+ wills=4 goodbyes=2 addresses=4`,
	} {
		if !regexp.MustCompile(want).Match(got) {
			t.Errorf("output without %s:\n%s", want, got)
		}
	}
}

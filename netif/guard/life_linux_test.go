// SPDX-License-Identifier: Apache-2.0

package guard_test

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestClose ends guards by Close: they do nothing, and leave nothing open in the program.
func TestClose(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := startProgram(t, b.host, programCommand())
	r.do("start", "close") // what the first start opens for good in the runtime is not counted
	before := r.ask("fds")
	r.do("hold")
	for range 3 {
		r.do("start", "set 1h")
		if got, want := r.ask("start"), "error permission=false: guard: started already"; got != want {
			t.Errorf("second Start: %s, want %s", got, want)
		}
		if pids := strings.Fields(r.ask("children")); len(pids) != 1 {
			t.Errorf("guard processes %s, want one", pids)
		}
		r.do("close", "close")
		if pids := r.ask("children"); pids != "" {
			t.Errorf("process %s is still there after Close", pids)
		}
	}
	if after := r.ask("fds"); after != before {
		t.Errorf("%s descriptors, before %s", after, before)
	}
	if got := r.ask("start-canceled"); !strings.HasSuffix(got, "context canceled") {
		t.Errorf("Start with a context that has ended: %s", got)
	}
	if after := r.ask("fds"); after != before {
		t.Errorf("%s descriptors after Start failed, before %s", after, before)
	}
	r.kill()
	b.wantHeld(addrs()...)
	b.wantSeen(nil)
}

// TestExecDies has a program replace itself, and its successor die while the will is valid.
func TestExecDies(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := b.program("1h")
	awaitEnd := watchProcess(t, r.guardPID())
	r.tell("exec")
	r.expect("here") // says the successor
	b.wantHeld(addrs()...)
	r.kill()
	awaitEnd()
	b.wantHeld()
	b.wantSeen(goodbyes())
}

// TestExecLives has a program replace itself, and its successor live on: nobody died, and the guard ends.
func TestExecLives(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as a guard stays")
	}
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := b.program("1s")
	pid := r.guardPID()
	r.tell("exec")
	r.expect("here")
	if got := r.ask("reap"); got != strconv.Itoa(pid) {
		t.Errorf("ended: %s, want the guard process, %d", got, pid)
	}
	b.wantHeld(addrs()...)
	b.wantSeen(nil)
}

// TestLost kills the guard: the program is told, and the next guard has the wills.
func TestLost(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := b.program("1h")
	first := r.guardPID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.expect("lost")
	r.do("flush") // waits for the next one
	second := r.guardPID()
	awaitEnd := watchProcess(t, second)
	if first == second {
		t.Errorf("guard process %d as before", first)
	}
	r.kill()
	awaitEnd()
	b.wantHeld()
	b.wantSeen(goodbyes())
}

// TestStopped has a guard that takes nothing in: nobody waits for it, and in the end it has what was set last.
func TestStopped(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := b.program("1h")
	pid := r.guardPID()
	awaitEnd := watchProcess(t, pid)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	r.do("flood")
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	r.do("set 1h") // which waits for the guard
	r.kill()
	awaitEnd()
	b.wantHeld()
	b.wantSeen(goodbyes())
}

// TestCloseStopped closes a guard that takes nothing in.
func TestCloseStopped(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := b.program("1h")
	pid := r.guardPID()
	awaitEnd := watchProcess(t, pid)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	r.do("flood", "close")
	awaitEnd()
	r.kill()
	b.wantHeld(addrs()...)
	b.wantSeen(nil)
}

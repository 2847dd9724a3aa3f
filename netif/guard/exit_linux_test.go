// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

func TestExitFlag(t *testing.T) {
	for stat, want := range map[string]bool{
		"":                                      false,
		"12 (vrrpd) Z 1 12 12 0 -1 4227084 0 0": true,
		"12 (vrrpd) R 1 12 12 0 -1 4194560 0 0": false,
		"12 (a) R 1 2 3 4 5 4 6) R 1 12 12 0 -1 4194304 0": false, // the name has it
		"12 (vrrpd) R 1 12 12 0 -1":                        false,
		"12 (vrrpd) R 1 12 12 0 -1 x 0":                    false,
	} {
		if got := hasExitFlag([]byte(stat)); got != want {
			t.Errorf("%q: %t", stat, got)
		}
	}
}

// TestExiting looks at this process, which lives, and at one that has ended and was not waited for.
func TestExiting(t *testing.T) {
	self, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(self)
	if exiting(self) {
		t.Error("this process is exiting")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^$")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	child, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(child)
	for err := error(unix.EINTR); err == unix.EINTR; { // until it has ended
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(child), Events: unix.POLLIN}}, -1)
	}
	if !exiting(child) {
		t.Error("a process that has ended is not exiting")
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if exiting(child) {
		t.Error("a process that is gone is exiting")
	}
}

// TestRaise: where the limit allows no such number, the descriptor stays what it is.
func TestRaise(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	raised := raise(fd)
	defer unix.Close(raised)
	if allowed := limit.Cur > highDescriptor; allowed != (raised >= highDescriptor) {
		t.Errorf("%d became %d, with a limit of %d", fd, raised, limit.Cur)
	}
	if flags, err := unix.FcntlInt(uintptr(raised), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %d, %v: executed programs would inherit it", flags, err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package guard_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestDescriptors looks at what a guard has open: nothing that the program was given by others.
func TestDescriptors(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	cmd := programCommand()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	foreign, err := os.Open("/proc/version") // to be recognized
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	cmd.ExtraFiles = []*os.File{null, null, null, null, null, foreign}
	r := startProgram(t, b.host, cmd)
	r.do("start", "hold", "set 1h")
	if inProgram := descriptors(t, r.cmd.Process.Pid); !slices.Contains(inProgram, "/proc/version") {
		t.Fatalf("the program has %q", inProgram)
	}
	want := []string{
		"/dev/null", "/dev/null", descriptor(t, r.cmd.Process.Pid, 2),
		"socket:", "/memfd:fhrp-guard (deleted)", "anon_inode:[pidfd]", "socket:", "socket:",
	}
	if got := descriptors(t, r.guardPID()); !slices.Equal(got, want) {
		t.Errorf("the guard has %q, want %q", got, want)
	}
}

// descriptors returns what a process has open, in the order of its descriptors, without numbers and without what the
// Go runtime needs for itself.
func descriptors(t *testing.T, pid int) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "fd"))
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]int, 0, len(entries))
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var list []string
	for _, n := range numbers {
		if d := descriptor(t, pid, n); !ofRuntime(d) {
			list = append(list, d)
		}
	}
	return list
}

// ofRuntime reports whether a descriptor is the Go runtime's own.
func ofRuntime(d string) bool {
	return d == "anon_inode:[eventpoll]" || d == "anon_inode:[eventfd]" || strings.HasPrefix(d, "/sys/fs/cgroup/")
}

// descriptor returns what one descriptor of a process is.
func descriptor(t *testing.T, pid, fd int) string {
	t.Helper()
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
	if err != nil {
		t.Fatal(err)
	}
	kind, _, _ := strings.Cut(target, "[")
	switch kind {
	case "socket:":
		return kind
	default:
		return target
	}
}

// SPDX-License-Identifier: Apache-2.0

package netlabtest

import (
	"os"
	"syscall"
	"testing"
)

// FullPipe returns the end of a pipe that nobody reads and that takes nothing more: who writes to it waits until the test
// ends.
func FullPipe(t *testing.T) *os.File {
	t.Helper()
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	err := error(nil)
	for err == nil {
		_, err = syscall.Write(ends[1], make([]byte, 1))
	}
	if err != syscall.EAGAIN {
		t.Fatal(err)
	}
	if err := syscall.SetNonblock(ends[1], false); err != nil {
		t.Fatal(err)
	}
	r, w := os.NewFile(uintptr(ends[0]), "the end that nobody reads"), os.NewFile(uintptr(ends[1]), "full pipe")
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return w
}

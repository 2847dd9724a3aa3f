// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// shortSlice is the time slice of the loop's thread, the shortest that the kernel grants and more than a turn takes.
// A thread that wakes comes before all whose deadline is later, and its deadline is when it wakes and a slice: with the
// usual slice of some milliseconds it would wait for every busy thread that is not ahead of its share. It gets no more
// of the processor for that.
const shortSlice = 100 * time.Microsecond

// shortenSlice gives the calling thread, to which the goroutine is locked, a short time slice. No privilege is needed
// for that. Where there are no such slices, as before Linux 6.12, or where they are refused, the thread stays as it is.
// leave takes it back, and reports whether the thread is as it was.
func shortenSlice(log *slog.Logger) (leave func() bool) {
	stay := func() bool { return true }
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil || before.Policy != unix.SCHED_NORMAL || before.Runtime <= uint64(shortSlice) {
		return stay // somebody chose another policy or a shorter slice, or it is 0: there are none
	}
	before.Size = unix.SizeofSchedAttr
	short := *before
	short.Runtime = uint64(shortSlice)
	if err := unix.SchedSetAttr(0, &short, 0); err != nil {
		log.Debug("no short time slice for the loop", "err", os.NewSyscallError("sched_setattr", err))
		return stay
	}
	return func() bool { return unix.SchedSetAttr(0, before, 0) == nil }
}

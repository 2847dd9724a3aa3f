// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/sys/unix"
)

// highestNice is the nice value that comes before all others.
const highestNice = -20

// enter makes the calling thread, to which the goroutine is locked, a real-time one. leave takes that back, and reports
// whether the thread is as it was.
func (r RealTime) enter(log *slog.Logger) (leave func() bool, err error) {
	thread, err := r.lift(log)
	if err != nil {
		return nil, err
	}
	if !r.LockMemory {
		return thread, nil
	}
	// Pages are locked when they come to be used: the runtime reserves far more than it ever uses.
	if err := unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT); err != nil {
		thread()
		return nil, lockError(err)
	}
	return func() bool {
		_ = unix.Munlockall()
		return thread()
	}, nil
}

// lockError says why memory was not locked. Where the limit is not zero but too low, the kernel says ENOMEM.
func lockError(err error) error {
	if errors.Is(err, unix.ENOMEM) {
		err = errors.Join(os.ErrPermission, err)
	}
	return fmt.Errorf("netif: lock memory: %w: it needs CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK", os.NewSyscallError("mlockall", err))
}

// lift gives the calling thread its priority, or the best nice value; without a priority, or with the nice value, a
// short time slice.
func (r RealTime) lift(log *slog.Logger) (leave func() bool, err error) {
	if r.Priority == 0 {
		return shortenSlice(log), nil
	}
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return nil, fmt.Errorf("netif: real-time priority: %w", os.NewSyscallError("sched_getattr", err))
	}
	before.Size = unix.SizeofSchedAttr
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Flags: unix.SCHED_FLAG_RESET_ON_FORK, Priority: uint32(r.Priority)}
	fifo := unix.SchedSetAttr(0, &attr, 0)
	if fifo != nil {
		attr = unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Flags: unix.SCHED_FLAG_RESET_ON_FORK, Nice: highestNice,
			Runtime: uint64(shortSlice)}
		if err := unix.SchedSetAttr(0, &attr, 0); err != nil {
			return nil, fmt.Errorf("netif: real-time priority %d: %w: it needs CAP_SYS_NICE or an RLIMIT_RTPRIO of that", r.Priority,
				os.NewSyscallError("sched_setattr", cmp.Or(fifo, err)))
		}
		log.Warn("no real-time priority: running with the best nice value instead", "priority", r.Priority, "nice", highestNice,
			"err", os.NewSyscallError("sched_setattr", fifo))
	}
	return func() bool { return unix.SchedSetAttr(0, before, 0) == nil }, nil
}

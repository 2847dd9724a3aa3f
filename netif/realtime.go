// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
)

// RealTime has the loop run before everything else on the host. The zero value is off. Linux only.
//
// Without it the loop's thread asks, as any thread may, for a time slice of 0.1 ms (sched_setattr(2), since Linux 6.12): that
// has it run sooner when it wakes, and gives it no more of the processors than others get. It is as late as the busy threads
// that are behind their share have it wait, which is up to a tick of the kernel's clock each. Unbind takes the slice back. A
// thread with another policy than SCHED_OTHER stays as it is.
//
// [Network.Bind] gives the loop's thread a real-time priority (SCHED_FIFO of sched(7), which threads that it starts do
// not inherit). That needs the capability CAP_SYS_NICE or a limit RLIMIT_RTPRIO (ulimit -r) of the priority. Where it is
// refused, as real-time priorities are in many containers, the thread gets a nice value of -20 instead and the slice, with a
// warning to the logger. Where that is refused as well Bind fails, with an error that matches [os.ErrPermission].
//
// The loop blocks in the kernel, with deadlines in nanoseconds, and neither it nor the protocols allocate while nothing
// changes: garbage collection has no reason to begin. What the rest of the program allocates gives it reasons; GOGC, or
// [runtime/debug.SetGCPercent], makes them rarer. A thread must have a turn on one of GOMAXPROCS processors of the runtime
// before it may run, whatever its priority: give the runtime more of these than the program has goroutines that are
// busy at the same time, with [runtime.GOMAXPROCS].
type RealTime struct {
	// Priority is that of the thread, from 1 to 99; 0 is off. 1 is enough to come before all that has no real-time
	// priority. One above 50 comes before the threads of interrupt handlers where the kernel has such.
	Priority int

	// LockMemory keeps the memory of the whole process from being paged out, from Bind to unbind (mlockall(2)): also
	// what it comes to use later. It needs CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK; where it is refused Bind fails,
	// with an error that matches [os.ErrPermission].
	LockMemory bool
}

// maxPriority is the highest real-time priority of sched(7).
const maxPriority = 99

// validate returns why r can't be used.
func (r RealTime) validate(supported bool) error {
	switch {
	case r.Priority < 0 || r.Priority > maxPriority:
		return fmt.Errorf("netif: real-time priority %d is not one of 0 to %d", r.Priority, maxPriority)
	case r != RealTime{} && !supported:
		return fmt.Errorf("netif: real time: %w", errors.ErrUnsupported)
	}
	return nil
}

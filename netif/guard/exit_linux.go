// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// highDescriptor is the least number of the program's end of the wire. When a process ends, Linux lets go of its files
// from the highest number down, and takes up to some tens of milliseconds for those of packet(7) sockets, after which
// alone it calls the process ended. A wire above them tells the guard first.
const highDescriptor = 4000

// raise gives a descriptor a high number, if there may be one.
func raise(fd int) int {
	high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, highDescriptor)
	if err != nil {
		return fd
	}
	unix.Close(fd)
	return high
}

// exiting reports whether the process of a pidfd is about to end: it executes no more of its program. That of a process
// that executes another program is not (execve(2) closes the wire too), nor is that of one that can't be looked at.
func exiting(pidfd int) bool {
	pid, err := pidOf(pidfd)
	if err != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && hasExitFlag(stat)
}

// pidOf returns the number of the process of a pidfd.
func pidOf(pidfd int) (int, error) {
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", pidfd))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(info)) {
		if number, ok := strings.CutPrefix(line, "Pid:"); ok {
			return strconv.Atoi(strings.TrimSpace(number))
		}
	}
	return 0, unix.ESRCH
}

// hasExitFlag reports whether the flags in the text of a proc_pid_stat(5) have PF_EXITING of the kernel's
// include/linux/sched.h. They are the seventh field after the name, which is in parentheses and may have any octet.
func hasExitFlag(stat []byte) bool {
	const flags, exitFlag = 6, 0x4
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= flags {
		return false
	}
	n, err := strconv.ParseUint(string(fields[flags]), 10, 64)
	return err == nil && n&exitFlag != 0
}

// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const pageSize = int(unsafe.Sizeof(heartbeat{}))

// newPulse returns a pulse, and the file by which another process can see its heartbeat. The memory stays for as long
// as this process: somebody may be about to write to it whenever it would be given back.
func newPulse() (*pulse, *os.File, error) {
	file, err := memoryFile("fhrp-guard", pageSize)
	if err != nil {
		return nil, nil, err
	}
	page, err := mapHeartbeat(int(file.Fd()), unix.PROT_READ|unix.PROT_WRITE)
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	// In this order: if this thread is held up in between, heartbeats look older than they are, not younger.
	offset, err := clock(unix.CLOCK_MONOTONIC)
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return &pulse{page: page, base: time.Now(), offset: offset}, file, nil
}

// memoryFile returns a file in memory, of a size that nobody can change.
func memoryFile(name string, size int) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_NOEXEC_SEAL)
	if err == unix.EINVAL { // before Linux 6.3
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("ftruncate", err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("F_ADD_SEALS: %w", os.NewSyscallError("fcntl", err))
	}
	return os.NewFile(uintptr(fd), name), nil
}

// mapHeartbeat makes a file part of the memory of this process.
func mapHeartbeat(fd, protection int) (*heartbeat, error) {
	b, err := unix.Mmap(fd, 0, pageSize, protection, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return (*heartbeat)(unsafe.Pointer(unsafe.SliceData(b))), nil
}

// clock returns the time of a clock in nanoseconds.
func clock(id int32) (int64, error) {
	var t unix.Timespec
	err := unix.ClockGettime(id, &t)
	return t.Nano(), os.NewSyscallError("clock_gettime", err)
}

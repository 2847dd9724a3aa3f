// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ioctl calls ioctl(2) with a pointer to what the request is about, which must be as large as the request says.
func ioctl(fd int, name string, request uintptr, about unsafe.Pointer) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(about))
	if errno != 0 {
		return fmt.Errorf("%s: %w", name, os.NewSyscallError("ioctl", errno))
	}
	return nil
}

// A number is what an ioctl sets to an unsigned int.
type number struct {
	name    string
	request uintptr
	value   uint32
}

// setNumbers sets numbers, up to the first that fails.
func setNumbers(fd int, numbers []number) error {
	for _, n := range numbers {
		if err := ioctl(fd, n.name, n.request, unsafe.Pointer(&n.value)); err != nil {
			return err
		}
	}
	return nil
}

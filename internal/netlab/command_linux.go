// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// outsideEnv is the environment variable that names the network namespace a process of Command was started from.
const outsideEnv = "FHRP_NETLAB_OUTSIDE"

// ownNamespace names the network namespace of this process, as "net:[4026531840]".
func ownNamespace() (string, error) { return os.Readlink("/proc/self/ns/net") }

func inside() bool {
	outside := os.Getenv(outsideEnv)
	own, err := ownNamespace()
	return err == nil && outside != "" && own != outside
}

func command(args ...string) *exec.Cmd {
	own, err := ownNamespace()
	cmd := &exec.Cmd{
		Path:        "/proc/self/exe",
		Args:        append([]string{os.Args[0]}, args...),
		Env:         append(os.Environ(), outsideEnv+"="+own),
		SysProcAttr: isolated(),
	}
	if err != nil {
		cmd.Err = fmt.Errorf("netlab: network namespace of this process: %w", err)
	}
	return cmd
}

// isolated asks for fresh namespaces.
func isolated() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: unix.SIGKILL}
	if !capable() {
		attr.Cloneflags |= unix.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return attr
}

// capable reports whether this process has what it takes to make and use network namespaces without a user namespace.
func capable() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	const needed = 1<<unix.CAP_SYS_ADMIN | 1<<unix.CAP_NET_ADMIN | 1<<unix.CAP_NET_RAW
	return data[0].Effective&needed == needed
}

func usable() error {
	if !capable() && restricted() {
		return fmt.Errorf("netlab: AppArmor takes the capabilities from user namespaces "+
			"(kernel.apparmor_restrict_unprivileged_userns): %w", os.ErrPermission)
	}
	err := probe()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EUSERS):
		// Not in this kernel, or the sysctls user.max_*_namespaces forbid it.
		return fmt.Errorf("netlab: namespaces: %w: %w", err, errors.ErrUnsupported)
	default:
		return fmt.Errorf("netlab: namespaces: %w", err)
	}
}

// probe makes a process with the namespaces asked for. It has no program to run: when that is what fails, all before it
// worked.
func probe() error {
	_, err := os.StartProcess("/proc/self/exe/none", []string{"none"}, &os.ProcAttr{Sys: isolated()})
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// restricted reports whether the distribution lets anybody make user namespaces, but takes their capabilities away.
func restricted() bool {
	b, err := os.ReadFile("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
	return err == nil && strings.TrimSpace(string(b)) == "1"
}

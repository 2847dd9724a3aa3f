// SPDX-License-Identifier: Apache-2.0

package guard_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestCapabilities starts guards that lack a capability.
func TestCapabilities(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t)
	r := startProgram(t, b.host, programCommand())
	r.do(fmt.Sprint("drop ", unix.CAP_NET_ADMIN))
	r.do("start", "close") // there may be no addresses to remove
	r.do(fmt.Sprint("drop ", unix.CAP_NET_RAW))
	const want = "error permission=true: guard: the guard process can't send: operation not permitted"
	if got := r.ask("start"); got != want {
		t.Errorf("Start: %s, want %s", got, want)
	}
	if pids := r.ask("children"); pids != "" {
		t.Errorf("process %s is still there after Start failed", pids)
	}
}

// TestFileCapabilities has the program run by a user who has no privileges; those that it needs come with its file.
func TestFileCapabilities(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	if users, err := os.ReadFile("/proc/self/uid_map"); err != nil || !strings.HasSuffix(string(users), "4294967295\n") {
		t.Skipf("needs the users of the host; there are %q, %v", users, err)
	}
	const nobody = 65534
	b := newBench(t)
	cmd := programCommand()
	cmd.Path = copyOfThis(t)
	if err := setCapabilities(cmd.Path, 1<<unix.CAP_NET_RAW|1<<unix.CAP_NET_ADMIN); err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	r := startProgram(t, b.host, cmd)
	r.do("start", "hold", "set 1h")
	b.wantHeld(addrs()...)
	awaitEnd := watchProcess(t, r.guardPID())
	r.kill()
	awaitEnd()
	b.wantHeld()
	b.wantSeen(goodbyes())
}

// copyOfThis returns the path of a copy of this executable that anybody may execute.
func copyOfThis(t *testing.T) string {
	t.Helper()
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // made for its owner only
		t.Fatal(err)
	}
	path := filepath.Join(dir, "program")
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// setCapabilities does as setcap(8), for capabilities below 32, permitted and effective.
func setCapabilities(path string, capabilities uint32) error {
	const version2, effective = 0x02000000, 1
	b := make([]byte, 20) // struct vfs_cap_data of linux/capability.h
	binary.LittleEndian.PutUint32(b, version2|effective)
	binary.LittleEndian.PutUint32(b[4:], capabilities)
	return os.NewSyscallError("setxattr", unix.Setxattr(path, "security.capability", b, 0))
}

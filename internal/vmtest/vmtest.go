// SPDX-License-Identifier: Apache-2.0

// Package vmtest runs tests on a kernel of their own, in a virtual machine: those that need drivers which the kernel of
// the machine they are started on may lack, as dummy, bonding or IPVS.
//
// The machine has Debian's kernel for the cloud, busybox, and the running test binary with the libraries that it needs;
// it has no disk and no network but what tests make in namespaces, see package netlab. It is emulated, so that it works
// within virtual machines too, boots in some seconds, and computes about ten times more slowly than the real one.
//
// The kernel is where .ci/kernel puts it. It takes qemu-system-x86_64 and a static busybox besides.
package vmtest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// insideEnv names the environment variable that is 1 in the guest.
const insideEnv = "FHRP_VMTEST_INSIDE"

// requireEnv is the environment variable that the guest has from here, see package netlabtest.
const requireEnv = "FHRP_REQUIRE_PEERS"

// patience bounds a run where go test sets no bound.
const patience = 10 * time.Minute

// Config says what a guest is to have. It is only read.
type Config struct {
	// Modules are the names of the kernel modules that are loaded, with those they depend on, besides those that
	// package netlab needs. One that is part of the kernel itself is there already.
	Modules []string

	// Tests are the names of the test functions to run, from the package that calls Run.
	Tests []string

	// Parallel is how many tests that call t.Parallel run at a time; 0 means one.
	Parallel int

	// Programs are the import paths of programs in Go that are to be in the guest's PATH. They are built for it.
	Programs []string
}

// Inside reports whether this process runs in a guest.
func Inside() bool { return os.Getenv(insideEnv) == "1" }

// Only skips a test outside guests: one that [Run] is to run.
func Only(t *testing.T) {
	t.Helper()
	if !Inside() {
		t.Skip("it runs in the virtual machine that another test of the package starts")
	}
}

// Run starts a guest, runs tests of this test binary in it and gives each a subtest of t, with its result and output. In
// the guest itself it skips t.
//
// Where the kernel or a program is missing the test is skipped, or fails if the environment says FHRP_REQUIRE_PEERS=1;
// with -short it is skipped.
func Run(t *testing.T, cfg Config) {
	t.Helper()
	if Inside() {
		t.Skip("this is the guest")
	}
	if testing.Short() {
		t.Skip("it takes a virtual machine")
	}
	m := &machine{
		kernel: findKernel(t), qemu: netlabtest.Program(t, "qemu-system-x86_64"), dir: t.TempDir(),
	}
	if err := m.pack(t, cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithDeadline(t.Context(), deadline(t))
	defer cancel()
	output, err := m.run(ctx)
	report(t, cfg.Tests, output)
	switch {
	case err != nil && t.Failed(): // the output was shown
		t.Errorf("guest: %v", err)
	case err != nil:
		t.Errorf("guest: %v\n%s", err, output)
	}
}

// deadline returns when the guest is to end at the latest, a little before the end of this process.
func deadline(t *testing.T) time.Time {
	end, ok := t.Deadline()
	if !ok {
		return time.Now().Add(patience)
	}
	return end.Add(-time.Until(end) / 20)
}

// pack makes the initial file system of the machine.
func (m *machine) pack(t *testing.T, cfg Config) error {
	modules, err := m.kernel.load(append([]string{"bridge", "veth"}, cfg.Modules...))
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	programs := map[string]string{"/bin/busybox": netlabtest.Program(t, "busybox"), testBinary: self}
	for _, importPath := range cfg.Programs {
		if programs["/bin/"+path.Base(importPath)], err = m.build(importPath); err != nil {
			return err
		}
	}
	a := &archive{}
	for _, dir := range []string{"/bin", "/dev", "/proc", "/run", "/sys", "/tmp", "/test", "/modules"} {
		a.mkdir(dir)
	}
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		if err := a.program(name, programs[name]); err != nil {
			return err
		}
	}
	for i, content := range modules {
		a.add(fmt.Sprintf("/modules/%03d.ko", i), content, 0o644)
	}
	a.add("/init", []byte(cfg.script(time.Until(deadline(t)))), 0o755)
	return a.write(m.initramfs())
}

// build builds a program.
func (m *machine) build(importPath string) (string, error) {
	file := filepath.Join(m.dir, path.Base(importPath))
	if out, err := exec.Command("go", "build", "-o", file, importPath).CombinedOutput(); err != nil {
		return "", fmt.Errorf("vmtest: %s: %w\n%s", importPath, err, out)
	}
	return file, nil
}

// testBinary is where the running test binary is in the guest.
const testBinary = "/test/test"

// script returns what the guest does. Only what the tests print goes to the first serial port.
func (c *Config) script(limit time.Duration) string {
	env := fmt.Sprintf("PATH=/bin HOME=/tmp %s=1 %s=%s", insideEnv, requireEnv, quote(os.Getenv(requireEnv)))
	run := fmt.Sprintf("%s -test.v -test.count=1 -test.parallel=%d -test.timeout=%v -test.run=%s",
		testBinary, max(c.Parallel, 1), limit-limit/20, quote("^("+strings.Join(c.Tests, "|")+")$"))
	return `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
stty -F /dev/ttyS0 raw -echo
ip link set lo up
for module in /modules/*; do
	insmod $module || echo "insmod $module failed" >/dev/ttyS0
done
cd /test
env ` + env + " " + run + ` </dev/null >/dev/ttyS0 2>&1
echo "` + exitMark + `$?" >/dev/ttyS0
poweroff -f
`
}

// quote returns a word for the shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// findKernel returns the kernel for guests.
func findKernel(t *testing.T) *kernel {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		netlabtest.Missing(t, "the virtual machine runs what Linux on amd64 runs")
	}
	k, err := openKernel()
	if err != nil {
		netlabtest.Missing(t, fmt.Sprintf("no kernel for a virtual machine, see .ci/kernel: %v", err))
	}
	return k
}

// SPDX-License-Identifier: Apache-2.0

package vmtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// exitMark begins the last line of the output, before the exit status of the tests.
const exitMark = "vmtest: exit status "

// memory is what the machine has, in MiB: the initial file system is there twice for a moment.
const memory = "1024"

// machine is a virtual machine that runs once.
type machine struct {
	kernel *kernel
	qemu   string
	dir    string // for its files
}

func (m *machine) initramfs() string { return filepath.Join(m.dir, "initramfs") }

// run runs the machine and returns what the tests printed. The error says that they failed, or why they did not get to
// their end.
func (m *machine) run(ctx context.Context) (string, error) {
	console := filepath.Join(m.dir, "console")
	cmd := exec.CommandContext(ctx, m.qemu, "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", memory,
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-kernel", m.kernel.image(), "-initrd", m.initramfs(), "-append", "console=ttyS1 quiet panic=-1",
		"-serial", "stdio", "-serial", "file:"+console)
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	output, err := outcome(stdout.String(), err)
	if err != nil {
		said, _ := os.ReadFile(console) // without it there is less to tell
		err = fmt.Errorf("%w\n%s\n%s", err, stderr.String(), tail(string(said)))
	}
	return output, err
}

// outcome tells from what the first serial port had, and from how the machine ended, how the tests did.
func outcome(stdout string, err error) (string, error) {
	output, status, ended := strings.Cut(strings.ReplaceAll(stdout, "\r\n", "\n"), exitMark)
	switch status = strings.TrimSpace(status); {
	case ended && status == "0":
		return output, nil
	case ended:
		return output, fmt.Errorf("the tests ended with exit status %s", status)
	case err == nil:
		err = errors.New("the machine went down")
	}
	return output, err
}

// tail returns the end of a long text.
func tail(s string) string {
	const enough = 4000
	return s[max(0, len(s)-enough):]
}

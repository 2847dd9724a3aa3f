// SPDX-License-Identifier: Apache-2.0

//go:build unix

package vip_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vip"
)

// program makes a program of a shell script.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ifconfig")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunProgramArguments(t *testing.T) {
	run := vip.RunProgram(program(t, `for a; do echo "<$a>"; done; echo note >&2`))
	args := []string{"em0", "inet", "$(id)", "a b", "", "*", "; reboot"}
	stdout, stderr, err := run(t.Context(), args)
	if want := "<em0>\n<inet>\n<$(id)>\n<a b>\n<>\n<*>\n<; reboot>\n"; stdout != want || stderr != "note\n" || err != nil {
		t.Errorf("stdout %q, stderr %q, error %v; want %q", stdout, stderr, err, want)
	}
}

func TestRunProgramEnvironment(t *testing.T) {
	t.Setenv("IFCONFIG_FORMAT", "addr:fqdn")
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	run := vip.RunProgram(program(t, `echo "$LC_ALL ${IFCONFIG_FORMAT-none}"; cat`)) // which ends: there is no input
	if stdout, _, err := run(t.Context(), nil); stdout != "C none\n" || err != nil {
		t.Errorf("stdout %q, error %v", stdout, err)
	}
}

func TestRunProgramFails(t *testing.T) {
	_, stderr, err := vip.RunProgram(program(t, `echo "ifconfig: no" >&2; exit 3`))(t.Context(), nil)
	if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != 3 || stderr != "ifconfig: no\n" {
		t.Errorf("stderr %q, error %v", stderr, err)
	}
	_, _, err = vip.RunProgram(filepath.Join(t.TempDir(), "ifconfig"))(t.Context(), nil)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestRunProgramContextEnds: a program that hangs is killed, and the error is that of the context.
func TestRunProgramContextEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	d, err := vip.OpenIfconfig("em0", nil, vip.RunProgram(program(t, "exec sleep 60\n")))
	if err != nil {
		t.Fatal(err)
	}
	err = d.Add(ctx, prefixes("192.0.2.1/32"))
	if _, ok := errors.AsType[*vip.CommandError](err); !ok || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Add: %v", err)
	}
}

// TestRunProgramEndToEnd has a real process stand for ifconfig.
func TestRunProgramEndToEnd(t *testing.T) {
	path := program(t, `
case "$*" in
em0) printf 'em0: flags=8843<UP,BROADCAST,RUNNING> metric 0 mtu 1500\n\tinet 192.0.2.2 netmask 0xffffff00\n' ;;
*) echo 'ifconfig: ioctl (SIOCAIFADDR): permission denied' >&2; exit 1 ;;
esac`)
	d, err := vip.OpenIfconfig("em0", nil, vip.RunProgram(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Add(t.Context(), prefixes("192.0.2.2/24")); err != nil {
		t.Errorf("Add: %v", err)
	}
	err = d.Add(t.Context(), prefixes("192.0.2.1/32"))
	if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "em0 inet 192.0.2.1/32 alias") {
		t.Errorf("Add: %v", err)
	}
}

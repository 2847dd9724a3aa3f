// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// bench is a virtual host with scripts that note how they are called.
type bench struct {
	*instance
	file string // the notes
	log  bytes.Buffer
	*scripts
}

// newBench makes scripts that do what body says besides.
func newBench(t *testing.T, body string) *bench {
	t.Helper()
	b := &bench{instance: newInstance(), file: filepath.Join(t.TempDir(), "calls")}
	for name, path := range map[string]*string{"up": &b.upscript, "down": &b.downscript} {
		*path = write(t, name, fmt.Sprintf("#!/bin/sh\necho %s $# \"$@\" >>%s\n%s\n", name, b.file, body))
	}
	b.instance.link, b.instance.vhid, b.instance.passphrase = "eth0", 1, "secret"
	b.instance.addrs = []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24"), netip.MustParsePrefix("2001:db8::100/64")}
	b.scripts = &scripts{instance: b.instance, log: newLogger(&b.log, &settings{facility: "none"}), timeout: time.Minute}
	return b
}

// want compares the notes.
func (b *bench) want(t *testing.T, want ...string) {
	t.Helper()
	text, err := os.ReadFile(b.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		got = append(got, strings.TrimSpace(line))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// drive has a host run the virtual host on a LAN in memory.
func (b *bench) drive(t *testing.T) {
	t.Helper()
	sim := netiftest.NewSimulation(netiftest.Config{}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	machine := sim.Host("a", netiftest.Link{Name: "eth0", Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("fe80::1/64")}})
	host, err := carp.NewHost(carp.HostConfig{Network: machine.Network(), Now: sim.Now})
	if err != nil {
		t.Fatal(err)
	}
	cfg := b.config()
	cfg.Backend = b.scripts
	if _, err := host.Add(cfg); err != nil {
		t.Fatal(err)
	}
	sim.Drive(machine, host)
	sim.Run(10 * time.Second)
	host.Stop()
	sim.Run(10 * time.Second)
}

// A script is called with interface and address, once for each address: the
// downscript at the start and at the end, the upscript in between.
func TestScriptsFollowTheState(t *testing.T) {
	b := newBench(t, "")
	b.drive(t)
	b.want(t, "down 2 eth0 192.0.2.100", "down 2 eth0 2001:db8::100", "up 2 eth0 192.0.2.100", "up 2 eth0 2001:db8::100",
		"down 2 eth0 192.0.2.100", "down 2 eth0 2001:db8::100")
}

// --neutral leaves out the first call, --xparam adds an argument, whatever is in it.
func TestScriptsNeutralWithParameter(t *testing.T) {
	b := newBench(t, "")
	b.neutral, b.xparam, b.addrs = true, "a b", b.addrs[:1]
	b.drive(t)
	b.want(t, "up 3 eth0 192.0.2.100 a b", "down 3 eth0 192.0.2.100 a b")
	for _, line := range []string{"[WARNING] Spawning [" + b.upscript + " eth0 192.0.2.100 a b]", "[WARNING] Spawning [" + b.downscript + " eth0 192.0.2.100 a b]"} {
		if !strings.Contains(b.log.String(), line) {
			t.Errorf("no line %q in\n%s", line, b.log.String())
		}
	}
}

// An upscript that fails gives up the role, but if the address is there. What the
// downscript says is logged only.
func TestScriptFails(t *testing.T) {
	b := newBench(t, "exit 3")
	err := b.Add(t.Context(), b.addrs)
	if err == nil || !strings.Contains(err.Error(), b.upscript) || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("%v", err)
	}
	if err := b.Add(t.Context(), []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}); err != nil && present(netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("%v", err)
	}
	if err := b.Remove(t.Context(), b.addrs); err != nil || !strings.Contains(b.log.String(), b.downscript+" eth0 2001:db8::100]: exit status 3") {
		t.Errorf("%v, %s", err, b.log.String())
	}
	b.upscript = ""
	if err := b.Add(t.Context(), b.addrs); err != nil {
		t.Errorf("without upscript: %v", err)
	}
}

// A script that doesn't end is killed with all that it has started.
func TestScriptTimeout(t *testing.T) {
	b := newBench(t, "sleep 1000 & echo $! >$0.pid; wait")
	b.timeout = 300 * time.Millisecond
	err := b.Add(t.Context(), b.addrs[:1])
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), b.upscript) {
		t.Errorf("%v", err)
	}
	text, err := os.ReadFile(b.upscript + ".pid")
	if err != nil {
		t.Skipf("killed before it started anything: %v", err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	eventually(t, "end of what the script has started", func() bool { return ended(pid) })
}

// patience bounds every wait for an event; nothing is measured against it.
const patience = 30 * time.Second

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// ended reports whether a process is gone, or waits for a parent that doesn't care.
func ended(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(stat), ") Z ")
}

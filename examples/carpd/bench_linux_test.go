// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// buffer is a log that can be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// speaker is carpd or ucarp on a host.
type speaker struct {
	buffer
	t    *testing.T
	host *netlab.Host
	cmd  *exec.Cmd
	done chan struct{}
}

// start starts a program on a host, with its log.
func start(t *testing.T, h *netlab.Host, program string, args ...string) *speaker {
	t.Helper()
	s := &speaker{t: t, host: h, cmd: exec.Command(program, args...), done: make(chan struct{})}
	s.cmd.Env = append(os.Environ(), beCarpd+"=1")
	s.cmd.Stdout, s.cmd.Stderr = &s.buffer, &s.buffer
	if err := h.Start(s.cmd); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.done)
		_ = s.cmd.Wait() // its state is looked at
	}()
	t.Cleanup(func() {
		s.stop(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("%s on %s:\n%s", program, h.Name(), s)
		}
	})
	return s
}

// carpd starts this program.
func carpd(t *testing.T, h *netlab.Host, args ...string) *speaker {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return start(t, h, exe, append([]string{"-f", "none"}, args...)...)
}

// signal sends a signal; one to a process that is gone is lost.
func (s *speaker) signal(sig syscall.Signal) { _ = s.cmd.Process.Signal(sig) }

// stop ends the program and waits for it.
func (s *speaker) stop(sig syscall.Signal) {
	s.signal(sig)
	<-s.done
}

// wantExit checks how it ended.
func (s *speaker) wantExit(code int) {
	s.t.Helper()
	<-s.done
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("carpd on %s: exit status %d, want %d", s.host.Name(), got, code)
	}
}

// wantLine waits for a line of the log.
func (s *speaker) wantLine(line string) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%q in the log of %s", line, s.host.Name()), func() bool { return strings.Contains(s.String(), line) })
}

// count returns how often a line is in the log.
func (s *speaker) count(line string) int { return strings.Count(s.String(), line) }

// has reports how many of the addresses a host has, with whatever prefix length.
func has(t *testing.T, h *netlab.Host, addrs ...string) int {
	t.Helper()
	all, err := h.Addresses(0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, a := range addrs {
		if slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Addr() == netip.MustParseAddr(a) }) {
			n++
		}
	}
	return n
}

// pair is two hosts and the service addresses that one of them is to have.
type pair struct {
	t     *testing.T
	lab   *netlab.Lab
	n1    *netlab.Host
	n2    *netlab.Host
	addrs []string
	wire  *wire
}

func newPair(t *testing.T, addrs ...string) *pair {
	t.Helper()
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	p := &pair{t: t, lab: lab, n1: lab.Host("n1"), n2: lab.Host("n2"), addrs: addrs, wire: &wire{}}
	stop, err := lab.Capture(p.wire.frame)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return p
}

// args returns what the command lines have in common.
func (p *pair) args(more ...string) []string {
	args := []string{"-i", "eth0", "-v", "1", "-p", "mekmitasdigoat"}
	for _, a := range p.addrs {
		args = append(args, "-a", a)
	}
	return append(args, more...)
}

// wantHolder waits until one host has all addresses, and the other none.
func (p *pair) wantHolder(h *netlab.Host) {
	p.t.Helper()
	other := map[*netlab.Host]*netlab.Host{p.n1: p.n2, p.n2: p.n1}[h]
	eventually(p.t, "addresses on "+h.Name()+" alone", func() bool {
		return has(p.t, h, p.addrs...) == len(p.addrs) && has(p.t, other, p.addrs...) == 0
	})
}

// scriptsFor makes scripts that configure the addresses and note how they were
// called.
func (p *pair) scriptsFor(name string) (args []string, notes string) {
	notes = write(p.t, name+".calls", "")
	up := write(p.t, name+".up", "#!/bin/sh\necho up $# \"$@\" >>"+notes+"\nexec ip addr add \"$2/24\" dev \"$1\"\n")
	down := write(p.t, name+".down", "#!/bin/sh\necho down $# \"$@\" >>"+notes+"\nexec ip addr del \"$2/24\" dev \"$1\" 2>/dev/null\n")
	return []string{"-u", up, "-d", down}, notes
}

// wire notes the bow-outs that cross the switch.
type wire struct {
	mu      sync.Mutex
	bowOuts []netip.Addr // their sources
}

// frame takes a frame of the switch. What CARP sends has 36 octets behind the IP
// header, which begin with version and type.
func (w *wire) frame(_ time.Time, frame []byte) {
	if len(frame) < 14+20+36 || binary.BigEndian.Uint16(frame[12:]) != 0x0800 || frame[14+9] != carp.Protocol {
		return
	}
	ip := frame[14:]
	adv := ip[4*(ip[0]&0xf):]
	if adv[0] == 0x21 && adv[2] == 255 && adv[5] == 255 {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.bowOuts = append(w.bowOuts, netip.AddrFrom4([4]byte(ip[12:])))
	}
}

// bowedOut reports how often a host said goodbye over IPv4.
func (p *pair) bowedOut(h *netlab.Host) int {
	p.wire.mu.Lock()
	defer p.wire.mu.Unlock()
	n := 0
	for _, src := range p.wire.bowOuts {
		if src == h.Addr(0) {
			n++
		}
	}
	return n
}

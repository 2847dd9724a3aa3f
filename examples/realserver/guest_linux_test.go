// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/vmtest"
)

// TestGuest runs what needs a dummy interface on a kernel that has the driver.
func TestGuest(t *testing.T) {
	vmtest.Run(t, vmtest.Config{Modules: []string{"dummy"}, Parallel: 4, Tests: []string{"TestServe", "TestKeep", "TestFixes", "TestOthersDummy"}})
}

// patience bounds every wait for an event; nothing is measured against it.
const patience = time.Minute

// service is what the program is called with.
func service() []string { return []string{"-vip", "10.0.0.200", "-vip", "fd00::200"} }

// bench is a real server, and a host beside it that stands for director and clients.
type bench struct {
	t              *testing.T
	server, client *netlab.Host
}

func newBench(t *testing.T) *bench {
	t.Helper()
	vmtest.Only(t)
	t.Parallel()
	if !netlabtest.Enter(t) {
		return nil
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"server", "client"}})
	return &bench{t, lab.Host("server"), lab.Host("client")}
}

// log is what a program prints, while it does.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// program runs the program on the server, until it is stopped.
func (b *bench) program(args ...string) (cmd *exec.Cmd, output *log) {
	b.t.Helper()
	output = &log{}
	cmd = exec.Command("/proc/self/exe", append(service(), args...)...)
	cmd.Env = append(os.Environ(), beProgram+"=1")
	cmd.Stdout, cmd.Stderr = output, output
	if err := b.server.Start(cmd); err != nil {
		b.t.Fatal(err)
	}
	return cmd, output
}

// wantStatus runs the program to its end.
func (b *bench) wantStatus(status int, args ...string) string {
	b.t.Helper()
	cmd, output := b.program(args...)
	_ = cmd.Wait() // its state is looked at
	if got := cmd.ProcessState.ExitCode(); got != status {
		b.t.Fatalf("%q: exit status %d, want %d\n%s", args, got, status, output)
	}
	return output.String()
}

// shell runs a command on a host and reports whether it succeeded.
func (b *bench) shell(h *netlab.Host, command string) bool {
	b.t.Helper()
	cmd := exec.Command("sh", "-c", command)
	if err := h.Start(cmd); err != nil {
		b.t.Fatal(err)
	}
	return cmd.Wait() == nil
}

// eventuallyReady waits until the program says that the host is ready.
func (b *bench) eventuallyReady(output *log) {
	b.t.Helper()
	for end := time.Now().Add(patience); !strings.HasPrefix(output.String(), "ready: "); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("not ready: %s", output)
		}
	}
	b.wantStatus(0, "-check")
}

// wantServer wants the server to take what is sent to the service addresses, and not to show them.
func (b *bench) wantServer() {
	b.t.Helper()
	for _, addr := range []string{"10.0.0.200", "fd00::200"} {
		if b.shell(b.client, "ping -c 2 -W 1 "+addr) {
			b.t.Errorf("%s is shown", addr)
		}
		b.direct(addr)
		if !b.shell(b.client, "ping -c 3 -W 5 "+addr) {
			b.t.Errorf("%s does not answer", addr)
		}
	}
	if !b.shell(b.client, "ping -c 1 -W 5 "+b.server.Addr(0).String()) {
		b.t.Error("the server's own address does not answer")
	}
}

// direct has the client send what is for an address to the server, as a director does.
func (b *bench) direct(addr string) {
	b.t.Helper()
	var mac net.HardwareAddr
	err := b.server.Do(func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err == nil {
			mac = eth0.Attrs().HardwareAddr
		}
		return err
	})
	if err == nil {
		err = b.client.Do(func() error {
			eth0, err := netlink.LinkByName("eth0")
			if err != nil {
				return err
			}
			return netlink.NeighSet(&netlink.Neigh{LinkIndex: eth0.Attrs().Index, State: netlink.NUD_PERMANENT, IP: net.ParseIP(addr), HardwareAddr: mac})
		})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// wantNothingLeft wants the server as it was.
func (b *bench) wantNothingLeft() {
	b.t.Helper()
	for _, command := range []string{
		"! ip link show dev dummy0", "grep -qx 0 /proc/sys/net/ipv4/conf/all/arp_ignore", "grep -qx 0 /proc/sys/net/ipv4/conf/all/arp_announce",
	} {
		if !b.shell(b.server, command) {
			b.t.Errorf("left behind, not: %s", command)
		}
	}
}

// TestServe has the host ready from the start to the end of the program.
func TestServe(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	cmd, output := b.program()
	b.eventuallyReady(output)
	b.wantServer()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.HasPrefix(output.String(), "ready: 10.0.0.200 fd00::200 on dummy0, not shown on all\n") {
		t.Errorf("%v: %s", err, output)
	}
	b.wantNothingLeft()
}

// TestKeep leaves the host ready. A later run takes the addresses and the interface away, the settings stay.
func TestKeep(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	b.wantStatus(0, "-keep")
	b.wantStatus(0, "-keep")
	b.wantStatus(0, "-check")
	b.wantServer()
	cmd, output := b.program()
	b.eventuallyReady(output)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
	if got := b.wantStatus(1, "-check"); strings.Contains(got, "arp_") || !strings.Contains(got, "no interface dummy0") {
		t.Errorf("at the end:\n%s", got)
	}
}

// TestFixes has the commands that -check prints make the host ready.
func TestFixes(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	for line := range strings.Lines(b.wantStatus(1, "-check")) {
		if fix, ok := strings.CutPrefix(line, "  fix: "); ok && !b.shell(b.server, fix) {
			t.Errorf("failed: %s", fix)
		}
	}
	b.wantStatus(0, "-check")
	b.wantServer()
}

// TestOthersDummy leaves an interface and an address that somebody else made.
func TestOthersDummy(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	if !b.shell(b.server, "ip link add dummy0 type dummy && ip addr add 10.0.0.200/32 dev dummy0") {
		t.Fatal("no dummy0")
	}
	cmd, output := b.program()
	b.eventuallyReady(output)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
	if got := b.wantStatus(1, "-check"); !strings.Contains(got, "fd00::200/128 is not") || strings.Contains(got, "10.0.0.200/32 is not") {
		t.Errorf("at the end:\n%s", got)
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/systemd/systemdtest"
)

// TestMain makes of this executable the program itself, for tests of it as a whole.
func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// beProgram is the variable that says so.
const beProgram = "METRICS_TEST_MAIN"

// patience is how long something that must happen is waited for.
const patience = 60 * time.Second

const address = "127.0.0.1:9650"

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

// page asks for a page on a host; without an answer the status is 0.
func page(h *netlab.Host, path string) (status int, body string) {
	dial := func(context.Context, string, string) (conn net.Conn, err error) {
		err = h.Do(func() error {
			conn, err = net.DialTimeout("tcp", address, patience)
			return err
		})
		return conn, err
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + path)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// program is the program on a host, with a virtual router and a virtual host.
type program struct {
	t    *testing.T
	host *netlab.Host
	file string // keepalived.conf
	pass string // passphrase of the virtual host
	cmd  *exec.Cmd
	log  *buffer
}

// routers is a keepalived.conf with the address of a virtual router.
func routers(address string) string {
	return "vrrp_instance A {\n interface eth0\n virtual_router_id 41\n priority 200\n virtual_ipaddress {\n " + address + "\n }\n}\n"
}

// startProgram starts it with further arguments, and further variables of the environment.
func startProgram(t *testing.T, args []string, env ...string) *program {
	t.Helper()
	dir := t.TempDir()
	p := &program{t: t, host: netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1"), log: &buffer{},
		file: filepath.Join(dir, "keepalived.conf"), pass: filepath.Join(dir, "pass")}
	write(t, p.file, routers("10.0.0.100/24"))
	write(t, p.pass, "mekmitasdigoat\n")
	p.cmd = exec.Command("/proc/self/exe", append(args, "-f", p.file, "-vhid", "1", "-address", "10.0.0.101/32", "-passfile", p.pass, "-listen", address)...)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = append(append(os.Environ(), beProgram+"=1"), env...), p.log, p.log
	if err := p.host.Start(p.cmd); err != nil {
		t.Fatal(err)
	}
	return p
}

// eventually waits for what must happen.
func (p *program) eventually(what string, happened func() bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); !happened(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("not within %v: %s\n%s", patience, what, p.log)
		}
	}
}

// active waits until the program has both roles.
func (p *program) active() {
	p.t.Helper()
	p.eventually("both active", func() bool {
		status, body := page(p.host, "/ready")
		return status == http.StatusOK && strings.Contains(body, "2 virtual routers, 2 active")
	})
}

// holds reports whether the host has an address.
func (p *program) holds(address string) bool {
	p.t.Helper()
	all, err := p.host.Addresses(0)
	if err != nil {
		p.t.Fatal(err)
	}
	return slices.Contains(all, netip.MustParsePrefix(address))
}

func (p *program) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// stop ends the program as planned.
func (p *program) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("%v\n%s", err, p.log)
	}
}

// TestProgram runs a virtual router and a virtual host, shows both, and hands over.
func TestProgram(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := startProgram(t, nil)
	p.active()
	status, text := page(p.host, "/metrics")
	for _, want := range []string{`fhrp_vrrp_state{family="ipv4",interface="eth0",state="active",vrid="41"} 1`, `fhrp_carp_state{interface="eth0",state="master",vhid="1"} 1`} {
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("/metrics: status %d, without %s:\n%s", status, want, text)
		}
	}
	if status, body := page(p.host, "/live"); status != http.StatusOK {
		t.Errorf("/live: status %d, %s", status, body)
	}
	p.stop()
}

// TestReload: the service manager is told of the whole life of the program, the files are read again without a role being left, and
// one with errors changes nothing.
func TestReload(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	m := systemdtest.New(t)
	p := startProgram(t, nil, "NOTIFY_SOCKET="+m.Socket, "WATCHDOG_USEC=100000")
	p.eventually("ready", func() bool { return m.Has(`READY=1\nSTATUS=1 virtual routers: .*; virtual host: .*`, 0) })
	p.active()
	const both = `STATUS=1 virtual routers: 1 Active, 0 Backup, 0 Initialize; virtual host: Master`
	p.eventually("both told", func() bool { return m.Has(`(READY=1\n)?`+both, 0) })
	p.eventually("signs of life", func() bool { return m.Alive() > 5 })

	before := len(m.Messages())
	write(t, p.file, routers("10.0.0.100/24\n 10.0.0.102/24"))
	p.signal(syscall.SIGHUP)
	p.eventually("reload", func() bool { return m.Has(`RELOADING=1\nMONOTONIC_USEC=.*`, before) && m.Has(`READY=1\n`+both, before) })
	p.eventually("one more address", func() bool { return p.holds("10.0.0.102/24") })
	write(t, p.file, "nonsense")
	p.signal(syscall.SIGHUP)
	p.eventually("reload that fails", func() bool { return m.Has(`READY=1\nSTATUS=Reload failed: .*keepalived.conf.*`, before) })
	write(t, p.file, routers("10.0.0.100/24"))
	if err := os.Remove(p.pass); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.eventually("half a reload", func() bool { return m.Has(`READY=1\nSTATUS=Reload failed: .*pass: no such file.*`, before) })
	p.eventually("an address less", func() bool { return p.holds("10.0.0.100/24") && !p.holds("10.0.0.102/24") })
	if m.Has(`STATUS=.*([1-9] (Backup|Initialize)|host: (Backup|Init)).*`, before) {
		t.Errorf("a role was left: %q", m.Messages()[before:])
	}
	p.stop()
	p.eventually("stopping", func() bool { return m.Has(`STOPPING=1`, before) })
}

// TestGuard: who is killed has said goodbye for both, and left nothing behind.
func TestGuard(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := startProgram(t, []string{"-guard"})
	p.active()
	p.signal(syscall.SIGKILL)
	_ = p.cmd.Wait() // until the guards have ended, which write to its log
	if n := strings.Count(p.log.String(), "goodbyes=1 addresses=1"); n != 2 || p.holds("10.0.0.100/24") || p.holds("10.0.0.101/32") {
		t.Errorf("%d goodbyes\n%s", n, p.log)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

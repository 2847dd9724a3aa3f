// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
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

// TestProgram runs a virtual router and a virtual host, shows both, and hands over.
func TestProgram(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	dir := t.TempDir()
	file, pass := filepath.Join(dir, "keepalived.conf"), filepath.Join(dir, "pass")
	write(t, file, "vrrp_instance A {\n interface eth0\n virtual_router_id 41\n priority 200\n virtual_ipaddress {\n 10.0.0.100/24\n }\n}\n")
	write(t, pass, "mekmitasdigoat\n")
	cmd := exec.Command("/proc/self/exe", "-f", file, "-vhid", "1", "-address", "10.0.0.101/32", "-passfile", pass, "-listen", address)
	log := &buffer{}
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), beProgram+"=1"), log, log
	if err := h.Start(cmd); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		status, body := page(h, "/ready")
		if status == http.StatusOK && strings.Contains(body, "2 virtual routers, 2 active") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("/ready: %d, %s\n%s", status, body, log)
		}
	}
	status, text := page(h, "/metrics")
	for _, want := range []string{`fhrp_vrrp_state{family="ipv4",interface="eth0",state="active",vrid="41"} 1`, `fhrp_carp_state{interface="eth0",state="master",vhid="1"} 1`} {
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("/metrics: status %d, without %s:\n%s", status, want, text)
		}
	}
	if status, body := page(h, "/live"); status != http.StatusOK {
		t.Errorf("/live: status %d, %s", status, body)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// keepalived is the program of that name, on a host.
type keepalived struct {
	*bench
	cmd  *exec.Cmd
	once sync.Once

	mu  sync.Mutex
	out bytes.Buffer
}

// startKeepalived runs keepalived with the same virtual router as ours on a host, and with further lines in the
// vrrp_instance. Its advertisements have the checksum with pseudo-header, so ours have to have it as well: see
// withKeepalived. The test is skipped where it isn't installed.
func (b *bench) startKeepalived(host string, cfg vrrp.VirtualRouterConfig, lines ...string) *keepalived {
	b.Helper()
	return b.startKeepalivedWith(host, conf(cfg, lines))
}

// startKeepalivedWith runs keepalived with this configuration on a host.
func (b *bench) startKeepalivedWith(host, conf string) *keepalived {
	b.Helper()
	program := netlabtest.Program(b.T, "keepalived")
	file := filepath.Join(b.TempDir(), "keepalived.conf")
	b.must(os.WriteFile(file, []byte(conf), 0o600))
	k := &keepalived{bench: b}
	k.cmd = exec.Command(program, "-n", "-l", "-D", "-P", "-f", file, "-p", file+".pid", "-r", file+".vpid")
	k.cmd.Stdout, k.cmd.Stderr = k, k
	b.must(b.host(host).Start(k.cmd))
	b.Cleanup(k.stop)
	return k
}

// withKeepalived returns the configuration of a router of ours beside keepalived.
func withKeepalived(cfg vrrp.VirtualRouterConfig) vrrp.VirtualRouterConfig {
	cfg.Checksum = vrrp.ChecksumPseudoHeader
	return cfg
}

// conf writes a keepalived.conf.
func conf(cfg vrrp.VirtualRouterConfig, lines []string) string {
	var addrs []string
	for _, p := range cfg.Addresses {
		addrs = append(addrs, p.String())
	}
	version := cfg.Version
	if version == 0 {
		version = vrrp.V3
	}
	return fmt.Sprintf(`global_defs {
  router_id peer
  vrrp_version %d
}
vrrp_instance V {
  state BACKUP
  interface %s
  virtual_router_id %d
  priority %d
  advert_int %g
  %s
  virtual_ipaddress {
    %s
  }
}
`, version, cfg.Link, cfg.VRID, cfg.Priority, cfg.Interval.Seconds(), strings.Join(lines, "\n  "), strings.Join(addrs, "\n    "))
}

// Write takes what keepalived logs.
func (k *keepalived) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.out.Write(p)
}

// log returns what keepalived has logged.
func (k *keepalived) log() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.out.String()
}

// awaitLog waits until keepalived has logged something for the nth time.
func (k *keepalived) awaitLog(what string, n int) {
	k.Helper()
	await(k.T, fmt.Sprintf("keepalived logs %q, time %d", what, n), func() bool { return strings.Count(k.log(), what) >= n })
}

// What keepalived logs about its state.
const (
	kaMaster = "Entering MASTER STATE"
	kaBackup = "Entering BACKUP STATE"
	kaFault  = "Entering FAULT STATE"
)

// stop ends keepalived as planned.
func (k *keepalived) stop() {
	k.once.Do(func() {
		_ = k.cmd.Process.Signal(syscall.SIGTERM)
		_ = k.cmd.Wait()
	})
}

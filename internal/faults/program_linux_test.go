// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// programsEnv names the environment variable with the folder of the daemons.
const programsEnv = "FHRP_FAULTS_PROGRAMS"

// program is one of those that the faults befall.
type program struct {
	name  string
	addrs []string                  // with their lengths, as the kernel has them; the last octet is that of the first cluster's
	args  func(*member) []string    // of its command line
	crash func(*member)             // has it die as by a fault of its own
	renew func(*member) (gone bool) // replaces it by a new binary, or has it do that and reports false
}

// programs returns them all.
func programs() []*program {
	return []*program{
		{name: "vrrpd", addrs: []string{"10.0.0.%d/32", "10.0.1.%d/32"}, args: vrrpdArgs, crash: abort, renew: replace},
		{name: "carpd", addrs: []string{"10.0.0.%d/32", "fd00::%d/128"}, args: carpdArgs, crash: abort, renew: replace},
		{name: "embedding", addrs: []string{"10.0.0.%d/32", "10.0.1.%d/32"}, args: embeddingArgs,
			crash: func(m *member) { m.tell("panic") }, renew: func(m *member) bool { m.tell("exec"); return false }},
	}
}

// programNamed returns one of them.
func programNamed(name string) *program {
	for _, p := range programs() {
		if p.name == name {
			return p
		}
	}
	return nil
}

// buildPrograms compiles the daemons, once for all tests that are below this one. Where that can't be done, as without a
// cache to write to, they are skipped, or fail if the environment says FHRP_REQUIRE_PEERS=1.
func buildPrograms(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), netlabtest.Program(t, "go"), "build", "-buildvcs=false", "-o", dir, "../../examples/vrrpd", "../../examples/carpd")
	if out, err := cmd.CombinedOutput(); err != nil {
		if os.Getenv("FHRP_REQUIRE_PEERS") == "1" {
			t.Fatalf("%v: %v\n%s", cmd, err, out)
		}
		t.Skipf("%v: %v\n%s", cmd, err, out)
	}
	t.Setenv(programsEnv, dir)
}

// executable returns the path of a copy of the program that is the member's own.
func (p *program) executable(m *member) string {
	m.Helper()
	if p.name == "embedding" {
		return "/proc/self/exe"
	}
	path := filepath.Join(m.dir, p.name)
	if _, err := os.Stat(path); err != nil {
		m.install(path)
	}
	return path
}

// install puts a new file of the program in the place of the one that is there.
func (m *member) install(path string) {
	m.Helper()
	text, err := os.ReadFile(filepath.Join(os.Getenv(programsEnv), m.program.name))
	m.must(err)
	m.must(os.WriteFile(path+".new", text, 0o700))
	m.must(os.Rename(path+".new", path))
}

// addresses returns the service addresses of a cluster.
func (p *program) addresses(id int) (list []netip.Prefix) {
	for _, a := range p.addrs {
		list = append(list, netip.MustParsePrefix(fmt.Sprintf(a, 100+id)))
	}
	return list
}

// vrrpdArgs writes a configuration with an interval of 100 ms, and returns the arguments for it.
func vrrpdArgs(m *member) []string {
	m.Helper()
	var addrs []string
	for _, a := range m.addrs {
		addrs = append(addrs, a.String())
	}
	file := filepath.Join(m.dir, "vrrpd.conf")
	m.must(os.WriteFile(file, []byte(fmt.Sprintf(`vrrp_instance V {
  interface eth0
  version 3
  virtual_router_id %d
  priority %d
  advert_int 0.1
  virtual_ipaddress {
    %s
  }
}
`, m.id, m.priority(), strings.Join(addrs, "\n    "))), 0o600))
	args := []string{"-f", file}
	if m.guard {
		args = append(args, "-guard")
	}
	return args
}

// carpdArgs returns arguments with intervals of 25/256 s for the better one, and six times that for the other.
func carpdArgs(m *member) []string {
	m.Helper()
	file := filepath.Join(m.dir, "passphrase")
	m.must(os.WriteFile(file, []byte("mekmitasdigoat\n"), 0o600))
	args := []string{"-i", "eth0", "-v", fmt.Sprint(m.id), "-o", file, "-P", "-b", "0", "-k", fmt.Sprint(25 + 125*m.rank)}
	for _, a := range m.addrs {
		args = append(args, "-a", a.String())
	}
	if m.guard {
		args = append(args, "--guard")
	}
	return args
}

// abort ends a daemon as the runtime ends one that has found something to be impossible.
func abort(m *member) { m.signal(syscall.SIGABRT) }

// replace puts a new binary in the place of the one that runs, and ends that as planned.
func replace(m *member) bool {
	m.Helper()
	m.install(m.program.executable(m))
	m.stop()
	return true
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

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
const beProgram = "VRRPD_TEST_MAIN"

// groupFile is the configuration of both nodes: a group of two instances that follows a script.
const groupFile = `vrrp_script alive {
	script "/usr/bin/test -e %[1]s/alive"
	interval 1
}
vrrp_sync_group G {
	group {
		A
		B
	}
	track_script {
		alive
	}
	notify "%[1]s/notify any"
}
vrrp_instance A {
	interface eth0
	virtual_router_id 41
	priority %[2]d
	virtual_ipaddress {
		10.0.0.100/24
	}
	notify_master "%[1]s/notify master 'of A'"
	notify "%[1]s/notify any"
}
vrrp_instance B {
	interface eth0
	virtual_router_id 42
	priority %[2]d
	virtual_ipaddress {
		10.0.0.101/24
	}
	notify "%[1]s/notify any"
}
`

// node is one node of a pair by groupFile.
type node struct {
	t    *testing.T
	host *netlab.Host
	dir  string
	file string
}

func newNode(t *testing.T, lab *netlab.Lab, name string, priority int) *node {
	t.Helper()
	n := &node{t, lab.Host(name), t.TempDir(), ""}
	n.file = filepath.Join(n.dir, "keepalived.conf")
	n.write("keepalived.conf", fmt.Sprintf(groupFile, n.dir, priority))
	n.write("notify", "#!/bin/sh\necho \"$@\" >> "+n.dir+"/log\n")
	n.live(true)
	return n
}

func (n *node) write(name, text string) {
	n.t.Helper()
	mode := os.FileMode(0o600) // keepalived reads no file that can be executed
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	if err := os.WriteFile(filepath.Join(n.dir, name), []byte(text), mode); err != nil {
		n.t.Fatal(err)
	}
}

// live has the script of the node succeed, or fail.
func (n *node) live(yes bool) {
	n.t.Helper()
	if yes {
		n.write("alive", "")
	} else if err := os.Remove(filepath.Join(n.dir, "alive")); err != nil {
		n.t.Fatal(err)
	}
}

// said returns what the commands were called with about an instance or a group, priorities apart where that is not ours to say.
func (n *node) said(name string) []string {
	text, err := os.ReadFile(filepath.Join(n.dir, "log"))
	if err != nil && !os.IsNotExist(err) {
		n.t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, " "+name+" ") || strings.HasSuffix(line, " "+name+"\n") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

// holds reports whether the node has all of some addresses.
func (n *node) holds(addrs ...string) bool {
	have, err := n.host.Addresses(0)
	if err != nil {
		n.t.Fatal(err)
	}
	return !slices.ContainsFunc(addrs, func(a string) bool { return !slices.Contains(have, netip.MustParsePrefix(a)) })
}

// program is this program, running on a host.
type program struct {
	buffer
	cmd *exec.Cmd
}

func startProgram(t *testing.T, n *node, more ...string) *program {
	t.Helper()
	return startProgramIn(t, n, nil, more...)
}

// startProgramIn starts it with further variables in its environment.
func startProgramIn(t *testing.T, n *node, env []string, more ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command("/proc/self/exe", append([]string{"-f", n.file}, more...)...)}
	p.cmd.Env = append(append(os.Environ(), beProgram+"=1"), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.buffer, &p.buffer
	if err := n.host.Start(p.cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(p.log())
		}
	})
	return p
}

// signal sends a signal.
func (p *program) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// TestSyncGroupWithKeepalived has a group of ours and one of keepalived, by the same file, move together as their scripts say, and
// call the commands of notify in order.
func TestSyncGroupWithKeepalived(t *testing.T) {
	t.Parallel()
	netlabtest.Program(t, "keepalived")
	if text, err := os.ReadFile("/proc/self/setgroups"); os.Geteuid() != 0 || err == nil && string(text) == "deny\n" {
		netlabtest.Missing(t, "keepalived runs scripts as root only: it calls setgroups(2)")
		return
	}
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	ours, theirs := newNode(t, lab, "n1", 200), newNode(t, lab, "n2", 100)
	both := []string{"10.0.0.100/24", "10.0.0.101/24"}
	on := func(n, other *node) func() bool {
		return func() bool { return n.holds(both...) && !other.holds(both[0]) && !other.holds(both[1]) }
	}
	p := startProgram(t, ours)
	eventually(t, "addresses on n1", on(ours, theirs))
	k := startKeepalived(t, theirs.host, theirs.file)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(k.log())
		}
	})
	eventually(t, "keepalived follows", func() bool { return len(theirs.said("G")) > 0 })
	ours.live(false)
	eventually(t, "addresses on n2", on(theirs, ours))
	ours.live(true)
	eventually(t, "addresses on n1 again", on(ours, theirs))
	theirs.live(false)
	eventually(t, "keepalived's fault", func() bool { return strings.Contains(strings.Join(theirs.said("G"), "\n"), "FAULT") })
	p.signal(t, syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, p.log())
	}
	k.stop()
	want := []string{
		"any INSTANCE A BACKUP 200", "master of A", "any INSTANCE A MASTER 200", "any INSTANCE A FAULT 200",
		"any INSTANCE A BACKUP 200", "master of A", "any INSTANCE A MASTER 200", "any INSTANCE A STOP 200",
	}
	if diff := cmp.Diff(want, ours.said("A")); diff != "" {
		t.Errorf("A -want +got:\n%s\n%s", diff, p.log())
	}
	group := []string{"any GROUP G BACKUP 0", "any GROUP G MASTER 0", "any GROUP G FAULT 0", "any GROUP G BACKUP 0", "any GROUP G MASTER 0", "any GROUP G STOP 0"}
	if diff := cmp.Diff(group, ours.said("G")); diff != "" {
		t.Errorf("G -want +got:\n%s", diff)
	}
	// keepalived runs them side by side and in no certain order: who it calls, and with which words, is what compares.
	got := theirs.said("G")
	for _, line := range []string{"any GROUP G BACKUP 0", "any GROUP G MASTER 0", "any GROUP G FAULT 0"} {
		if !slices.Contains(got, line) {
			t.Errorf("keepalived called %q, not %s", got, line)
		}
	}
}

// TestHangup reads the file again: a further address comes, and a file with errors is refused by its line.
func TestHangup(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n := newNode(t, lab, "n1", 200)
	p := startProgram(t, n)
	eventually(t, "addresses", func() bool { return n.holds("10.0.0.100/24", "10.0.0.101/24") })
	good := fmt.Sprintf(groupFile, n.dir, 201)
	good = strings.Replace(good, "10.0.0.100/24", "10.0.0.100/24\n\t\t10.0.0.102/24", 1)
	n.write("keepalived.conf", good)
	p.signal(t, syscall.SIGHUP)
	eventually(t, "the further address", func() bool { return n.holds("10.0.0.100/24", "10.0.0.101/24", "10.0.0.102/24") })
	n.write("keepalived.conf", strings.Replace(good, "priority 201", "priority 256", 1))
	p.signal(t, syscall.SIGHUP)
	eventually(t, "the refusal", func() bool { return strings.Contains(p.log(), "keepalived.conf:18: priority") })
	p.signal(t, syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil || n.holds("10.0.0.102/24") {
		t.Errorf("%v\n%s", err, p.log())
	}
	want := []string{"any INSTANCE A BACKUP 200", "master of A", "any INSTANCE A MASTER 200", "any INSTANCE A STOP 200"}
	if diff := cmp.Diff(want, n.said("A")); diff != "" {
		t.Errorf("A -want +got:\n%s\n%s", diff, p.log())
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/routes"
	"github.com/go-fhrp/fhrp/vrrp"
)

// lineage is a program that is replaced by its successors.
type lineage struct {
	*program
	t        *testing.T
	pid      int
	replaced int
}

// startLineage starts the program, whose orphans become this process's children.
func startLineage(t *testing.T, n *node) *lineage {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	p := startProgram(t, n)
	l := &lineage{program: p, t: t, pid: p.cmd.Process.Pid}
	t.Cleanup(func() { l.end(syscall.SIGKILL) })
	return l
}

// kill sends a signal to the process that runs.
func (l *lineage) kill(s syscall.Signal) {
	l.t.Helper()
	if err := syscall.Kill(l.pid, s); err != nil {
		l.t.Fatal(err)
	}
}

// end ends the process that runs, and returns its status.
func (l *lineage) end(s syscall.Signal) syscall.WaitStatus {
	l.t.Helper()
	var status syscall.WaitStatus
	if l.pid == 0 {
		return status
	}
	l.kill(s)
	l.reap(&status)
	l.pid = 0
	return status
}

// reap waits for the end of the process that ran.
func (l *lineage) reap(status *syscall.WaitStatus) {
	l.t.Helper()
	if _, err := syscall.Wait4(l.pid, status, 0, nil); err != nil {
		l.t.Error(err)
	}
}

// upgrade has the program replaced, and waits until that is done and the process before has ended.
func (l *lineage) upgrade() {
	l.t.Helper()
	l.kill(syscall.SIGUSR2)
	l.replaced++
	var pids [][]string
	eventually(l.t, "a successor", func() bool {
		pids = regexp.MustCompile(`another process has taken over" pid=(\d+)`).FindAllStringSubmatch(l.log(), -1)
		return len(pids) == l.replaced
	})
	var status syscall.WaitStatus
	l.reap(&status)
	if status.ExitStatus() != 0 {
		l.t.Errorf("exit status %d", status.ExitStatus())
	}
	l.pid, _ = strconv.Atoi(pids[l.replaced-1][1])
}

// advertisements are those of one virtual router that cross the switch.
type advertisements struct {
	mu     sync.Mutex
	at     []time.Time
	others []string
}

// tallyOf notes the advertisements of VRID 41 from an address, and what else is said about it.
func tallyOf(t *testing.T, lab *netlab.Lab, from string) *advertisements {
	t.Helper()
	a := &advertisements{}
	stop, err := lab.Capture(func(at time.Time, frame []byte) {
		h, message, ok := unwrap(frame)
		var adv vrrp.Advertisement
		if !ok {
			return
		}
		if _, err := adv.Parse(message, h); err != nil || adv.VRID != 41 {
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		if h.Src == netip.MustParseAddr(from) && adv.Priority == 200 {
			a.at = append(a.at, at)
		} else {
			a.others = append(a.others, fmt.Sprintf("%v priority %d", h.Src, adv.Priority))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return a
}

// seen returns how many there were.
func (a *advertisements) seen() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.at)
}

// mustBeWhole checks that there is one for each second, and nothing else: each is due at its own time, so that one
// that is late doesn't make those after it late.
func (a *advertisements) mustBeWhole(t *testing.T) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.others) > 0 {
		t.Errorf("besides was said: %v", a.others)
	}
	n := len(a.at) - 1
	if took := a.at[n].Sub(a.at[0]); math.Abs(took.Seconds()-float64(n)) > 0.9 {
		t.Errorf("%d advertisements in %v", n+1, took)
	}
}

// removed notes the addresses that are removed from a host.
func removed(t *testing.T, h *netlab.Host) (gone func() []string) {
	t.Helper()
	updates, done := make(chan netlink.AddrUpdate, 1000), make(chan struct{})
	if err := h.Do(func() error { return netlink.AddrSubscribe(updates, done) }); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop := func() { once.Do(func() { close(done) }) }
	t.Cleanup(stop)
	return func() (list []string) {
		for {
			select {
			case u := <-updates:
				if !u.NewAddr {
					list = append(list, u.LinkAddress.String())
				}
			default:
				return list
			}
		}
	}
}

// TestUpgrade replaces an Active and a Backup time and again: nobody notices, and no address is touched. A successor
// that fails leaves all as it is.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n, peer := newNode(t, lab, "n1", 200), newNode(t, lab, "n2", 100)
	both := []string{"10.0.0.100/24", "10.0.0.101/24"}
	active := startLineage(t, n)
	eventually(t, "addresses on n1", func() bool { return n.holds(both...) })
	backup := startLineage(t, peer)
	eventually(t, "a Backup", func() bool { return len(peer.said("G")) > 0 })
	source, err := n.host.Addresses(0)
	if err != nil {
		t.Fatal(err)
	}
	gone := removed(t, n.host)
	seen := tallyOf(t, lab, source[0].Addr().String())
	eventually(t, "an advertisement", func() bool { return seen.seen() > 0 })
	said, heard := n.said("A"), peer.said("A")
	for i := range 5 {
		active.upgrade()
		backup.upgrade()
		after := seen.seen()
		eventually(t, "advertisements afterwards", func() bool { return seen.seen() > after })
		if i == 2 {
			fail(t, n, active)
		}
	}
	seen.mustBeWhole(t)
	if list := gone(); len(list) > 0 || !n.holds(both...) {
		t.Errorf("addresses were removed: %v", list)
	}
	if diff := cmp.Diff([][]string{said, heard}, [][]string{n.said("A"), peer.said("A")}); diff != "" {
		t.Errorf("state changed, -before +after:\n%s", diff)
	}
	if status := active.end(syscall.SIGTERM); status.ExitStatus() != 0 || n.holds(both[0]) {
		t.Errorf("status %v at the end", status)
	}
	eventually(t, "addresses on n2", func() bool { return peer.holds(both...) })
	if got := n.said("A"); got[len(got)-1] != "any INSTANCE A STOP 200" {
		t.Errorf("last command %q", got[len(got)-1])
	}
	if status := backup.end(syscall.SIGTERM); status.ExitStatus() != 0 || peer.holds(both[0]) {
		t.Errorf("status %v at the end of the peer", status)
	}
}

// fail has a successor fail: for the file has an error, then.
func fail(t *testing.T, n *node, l *lineage) {
	t.Helper()
	good := fmt.Sprintf(groupFile, n.dir, 200)
	n.write("keepalived.conf", strings.Replace(good, "priority 200", "priority 256", 1))
	l.kill(syscall.SIGUSR2)
	eventually(t, "the refusal", func() bool { return strings.Contains(l.log(), "no other process has taken over") })
	n.write("keepalived.conf", good)
}

// TestUpgradeToAnotherFile: what the file doesn't have any more says goodbye, what is new begins, and what differs is
// changed.
func TestUpgradeToAnotherFile(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n := newNode(t, lab, "n1", 200)
	p := startLineage(t, n)
	eventually(t, "addresses", func() bool { return n.holds("10.0.0.100/24", "10.0.0.101/24") })
	file := strings.NewReplacer("10.0.0.100/24", "10.0.0.100/24\n\t\t10.0.0.102/24", "virtual_router_id 42", "virtual_router_id 43",
		"10.0.0.101/24", "10.0.0.103/24").Replace(fmt.Sprintf(groupFile, n.dir, 200))
	n.write("keepalived.conf", file)
	gone := removed(t, n.host)
	p.upgrade()
	eventually(t, "other addresses", func() bool {
		return n.holds("10.0.0.100/24", "10.0.0.102/24", "10.0.0.103/24") && !n.holds("10.0.0.101/24")
	})
	if list := gone(); len(list) != 1 {
		t.Errorf("removed were %v", list)
	}
	if got := n.said("A"); len(got) == 0 || !strings.Contains(got[len(got)-1], "MASTER") {
		t.Errorf("A: %q", got)
	}
	p.end(syscall.SIGTERM)
}

// TestUpgradeWithRoutes: routes of an Active stay where they are, those go that the file doesn't have any more, and the last process
// removes the others.
func TestUpgradeWithRoutes(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	n := &node{t, netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1"), t.TempDir(), ""}
	n.file = conf{3, "1", "virtual_routes {\n 192.0.2.0/24 via 10.0.0.9 dev eth0\n }", []string{"10.0.0.100/24"}}.write(t, "n1", 200)
	p := startLineage(t, n)
	held := func() bool { return len(kernelOf(t, n.host, routes.Protocol)) == 1 }
	eventually(t, "the route", held)
	updates, done := make(chan netlink.RouteUpdate, 1000), make(chan struct{})
	defer close(done)
	if err := n.host.Do(func() error { return netlink.RouteSubscribe(updates, done) }); err != nil {
		t.Fatal(err)
	}
	p.upgrade()
	p.upgrade()
	if !held() || len(updates) > 0 {
		t.Errorf("%d routes changed", len(updates))
	}
	if strings.Contains(p.log(), "its place is taken") {
		t.Error(p.log())
	}
	other := conf{3, "1", "virtual_routes {\n 192.0.3.0/24 via 10.0.0.9 dev eth0\n }", []string{"10.0.0.100/24"}}.write(t, "n1", 200)
	if err := os.Rename(other, n.file); err != nil {
		t.Fatal(err)
	}
	p.upgrade()
	eventually(t, "the route of the other file alone", func() bool {
		list := kernelOf(t, n.host, routes.Protocol)
		return len(list) == 1 && strings.Contains(list[0], "192.0.3.0/24")
	})
	p.end(syscall.SIGTERM)
	if list := kernelOf(t, n.host, routes.Protocol); len(list) > 0 {
		t.Errorf("left behind: %q", list)
	}
}

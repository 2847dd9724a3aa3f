// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// hangingFile is the configuration of a node all of whose own hangs.
const hangingFile = `vrrp_script hangs {
	script "%[1]s/hang"
	interval 1
	weight 10
}
vrrp_instance A {
	state MASTER
	interface eth0
	virtual_router_id 41
	priority 200
	virtual_ipaddress {
		10.0.0.100/24
	}
	track_script {
		hangs
	}
	notify "%[1]s/hang"
}
`

// Neither a standard error that nobody reads or that is a full disk, nor a script that
// tracks or a command of notify, though they hang, delays advertisements: the backup
// stays, and takes over at the goodbye in the end.
func TestNothingThatHangsDelaysAdvertisements(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	first, second := newNode(t, lab, "n1", 200), newNode(t, lab, "n2", 100)
	first.write("hang", "#!/bin/sh\ntrap '' TERM HUP INT\nsleep 30\n")
	first.write("keepalived.conf", fmt.Sprintf(hangingFile, first.dir))
	heard := count(t, lab)
	hung := startSaying(t, first, netlabtest.FullPipe(t))
	eventually(t, "addresses on n1", func() bool { return first.holds("10.0.0.100/24") })
	backup := startSaying(t, second, fullDisk(t))
	before := heard(first.host.Addr(0))
	eventually(t, "advertisements for longer than the down interval", func() bool { return heard(first.host.Addr(0)) > before+5 })
	if n := heard(second.host.Addr(0)); n > 0 || second.holds("10.0.0.100/24") {
		t.Errorf("the backup has taken over, with %d advertisements", n)
	}
	wantEnd(t, hung)
	eventually(t, "addresses on n2", func() bool { return second.holds("10.0.0.100/24") && !first.holds("10.0.0.100/24") })
	wantEnd(t, backup)
}

// startSaying starts this program, with a file for its standard error.
func startSaying(t *testing.T, n *node, stderr *os.File) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-v", "-f", n.file)
	cmd.Env = append(os.Environ(), beProgram+"=1")
	cmd.Stderr = stderr
	if err := n.host.Start(cmd); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// wantEnd asks a program to end, and waits until it has.
func wantEnd(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// count counts the advertisements of each host on the LAN.
func count(t *testing.T, lab *netlab.Lab) func(netip.Addr) int {
	t.Helper()
	var mu sync.Mutex
	heard := map[netip.Addr]int{}
	stop, err := lab.Capture(func(_ time.Time, frame []byte) {
		if h, _, ok := unwrap(frame); ok {
			mu.Lock()
			defer mu.Unlock()
			heard[h.Src]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return func(src netip.Addr) int {
		mu.Lock()
		defer mu.Unlock()
		return heard[src]
	}
}

// fullDisk returns a file on a disk that is full.
func fullDisk(t *testing.T) *os.File {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

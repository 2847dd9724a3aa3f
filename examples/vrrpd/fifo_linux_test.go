// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// told reads the lines of a pipe, which it makes, until the test ends.
func told(t *testing.T, path string) func() []string {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var lines []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		for scanner := bufio.NewScanner(f); scanner.Scan(); {
			mu.Lock()
			lines = append(lines, scanner.Text())
			mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = f.Close() // ends the reading
		<-done
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(lines)
	}
}

// TestFIFOWithKeepalived has the same lines in a pipe as keepalived by the same file, from the start of each alone, on a link that
// is down, to its end.
func TestFIFOWithKeepalived(t *testing.T) {
	t.Parallel()
	netlabtest.Program(t, "keepalived")
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	run := func(host string, start func(n *node) (stop func())) []string {
		n := &node{t, lab.Host(host), t.TempDir(), ""}
		n.file = filepath.Join(n.dir, "keepalived.conf")
		fifo := filepath.Join(n.dir, "fifo")
		n.write("keepalived.conf", fmt.Sprintf("global_defs {\nvrrp_version 3\nscript_user root\nvrrp_notify_fifo %s\n}\n"+
			"vrrp_sync_group G {\ngroup {\nA\nB\n}\n}\n", fifo)+instance("A", 41)+instance("B", 42))
		lines := told(t, fifo)
		if err := n.host.SetLink(0, false); err != nil {
			t.Fatal(err)
		}
		stop := start(n)
		eventually(t, "both begin in FAULT", func() bool {
			return slices.Contains(lines(), `INSTANCE "A" FAULT 120`) && slices.Contains(lines(), `INSTANCE "B" FAULT 120`) &&
				slices.Contains(lines(), `GROUP "G" FAULT 0`)
		})
		if err := n.host.SetLink(0, true); err != nil {
			t.Fatal(err)
		}
		eventually(t, "both are Master", func() bool {
			return slices.Contains(lines(), `INSTANCE "A" MASTER 120`) && slices.Contains(lines(), `INSTANCE "B" MASTER 120`) &&
				slices.Contains(lines(), `GROUP "G" MASTER 0`)
		})
		stop()
		eventually(t, "the last words", func() bool { return len(lines()) >= 12 })
		return lines()
	}
	theirs := run("n2", func(n *node) func() { return startKeepalived(t, n.host, n.file).stop })
	ours := run("n1", func(n *node) func() { return startOurs(t, n.host, n.file).stop })
	slices.Sort(theirs) // the order among instances and groups is nobody's promise
	slices.Sort(ours)
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("-keepalived +ours:\n%s", diff)
	}
}

// instance is a vrrp_instance.
func instance(name string, vrid int) string {
	return fmt.Sprintf("vrrp_instance %s {\ninterface eth0\nvirtual_router_id %d\npriority 120\nadvert_int 0.2\nvirtual_ipaddress {\n10.0.1.%d/32\n}\n}\n", name, vrid, vrid)
}

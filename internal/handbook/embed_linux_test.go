// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"bytes"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// patience is how long something may take that happens by itself.
const patience = 60 * time.Second

// TestEmbeddingProgramRuns runs the program of the README on a host of its own, until it holds the address, and stops it.
func TestEmbeddingProgramRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles a module")
	}
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	var log buffer
	cmd := exec.Command(buildApp(t))
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := lab.Host("n1").Start(cmd); err != nil {
		t.Fatal(err)
	}
	eventually(t, &log, "the address", func() bool { return holds(t, lab.Host("n1")) })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, log.String())
	}
	if holds(t, lab.Host("n1")) {
		t.Error("the address is left behind")
	}
}

// holds reports whether a host has the address of the README.
func holds(t *testing.T, h *netlab.Host) bool {
	t.Helper()
	have, err := h.Addresses(0)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(have, netip.MustParsePrefix("192.0.2.100/32"))
}

// eventually waits for a condition.
func eventually(t *testing.T, log *buffer, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s\n%s", patience, what, log.String())
		}
	}
}

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

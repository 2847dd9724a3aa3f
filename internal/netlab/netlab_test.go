// SPDX-License-Identifier: Apache-2.0

package netlab_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

var comparePrefixes = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

// await fails the test if the condition does not become true.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

// namespace returns the network namespace of this thread.
func namespace(t *testing.T) string {
	t.Helper()
	ns, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	return ns
}

// pingOnce reports whether dst answers one echo request of h.
func pingOnce(t *testing.T, h *netlab.Host, dst netip.Addr) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var answered bool
	_, err := netlab.Ping(ctx, h, dst, time.Hour, func(r netlab.PingResult) {
		answered = !r.Lost()
		cancel()
	})
	if err != nil {
		t.Fatal(err)
	}
	return answered
}

func TestHostsHaveTheirAddresses(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}, Links: 2})
	for _, test := range []struct {
		host string
		link int
		want []string
	}{
		{"n1", 0, []string{"10.0.0.71/24", "fd00::71/64"}},
		{"n2", 0, []string{"10.0.0.72/24", "fd00::72/64"}},
		{"n1", 1, []string{"10.0.1.71/24", "fd00:0:0:1::71/64"}},
		{"n2", 1, []string{"10.0.1.72/24", "fd00:0:0:1::72/64"}},
	} {
		got, err := lab.Host(test.host).Addresses(test.link)
		if err != nil {
			t.Fatal(err)
		}
		got = slices.DeleteFunc(got, func(p netip.Prefix) bool { return p.Addr().IsLinkLocalUnicast() })
		var want []netip.Prefix
		for _, s := range test.want {
			want = append(want, netip.MustParsePrefix(s))
		}
		if diff := cmp.Diff(want, got, comparePrefixes); diff != "" {
			t.Errorf("%s link %d (-want +got):\n%s", test.host, test.link, diff)
		}
		h := lab.Host(test.host)
		if own := []netip.Addr{h.Addr(test.link), h.Addr6(test.link)}; own[0] != want[0].Addr() || own[1] != want[1].Addr() {
			t.Errorf("%s link %d: Addr and Addr6 are %v", test.host, test.link, own)
		}
	}
	if h := lab.Host("n3"); h != nil {
		t.Errorf("Host of an unknown name: %v", h.Name())
	}
}

func TestHostsReachOneAnother(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}, Links: 2})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	for link := range 2 {
		for _, dst := range []netip.Addr{n2.Addr(link), n2.Addr6(link)} {
			if !pingOnce(t, n1, dst) {
				t.Errorf("no answer from %v", dst)
			}
		}
	}
	if pingOnce(t, n1, netip.MustParseAddr("10.0.0.99")) {
		t.Error("answer from an address that no host has")
	}
}

func TestUnplugLeavesTheHostUntold(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	if !pingOnce(t, n1, n2.Addr(0)) { // with which n1 knows its MAC address
		t.Fatal("no answer")
	}
	before, err := n2.Addresses(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := n2.Unplug(); err != nil {
		t.Fatal(err)
	}
	if pingOnce(t, n1, n2.Addr(0)) {
		t.Error("an unplugged host answers")
	}
	after, err := n2.Addresses(0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after, comparePrefixes); diff != "" {
		t.Errorf("addresses of the unplugged host (-before +after):\n%s", diff)
	}
	if err := n2.Plug(); err != nil {
		t.Fatal(err)
	}
	if !pingOnce(t, n1, n2.Addr(0)) {
		t.Error("a host that is plugged in again does not answer")
	}
}

func TestSetLink(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	if err := n2.SetLink(0, false); err != nil {
		t.Fatal(err)
	}
	if pingOnce(t, n1, n2.Addr(0)) {
		t.Error("answer over a link that is down")
	}
	if err := n2.SetLink(0, true); err != nil {
		t.Fatal(err)
	}
	await(t, "answer over a link that is up again", func() bool { return pingOnce(t, n1, n2.Addr(0)) })
	if err := n2.SetLink(1, true); err == nil {
		t.Error("no error for a link that is not there")
	}
}

// TestCloseEndsProcesses has a process start another that outlives it, as daemons do.
func TestCloseEndsProcesses(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	sh := netlabtest.Program(t, "sh")
	lab, err := netlab.New(netlab.Config{Hosts: []string{"n1"}})
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(sh, "-c", "sleep 1000 & exit 0")
	cmd.Stdout = w // open in all of them
	if err := lab.Host("n1").Start(cmd); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := lab.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the process is still there: %v", err)
	}
}

func TestCloseMakesRoomForAnother(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	for range 3 {
		lab, err := netlab.New(netlab.Config{Hosts: []string{"n1", "n2"}, Links: 2})
		if err != nil {
			t.Fatal(err)
		}
		h := lab.Host("n1")
		for range 2 {
			if err := lab.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Do(func() error { return nil }); !errors.Is(err, netlab.ErrClosed) {
			t.Errorf("Do on a closed lab: %v", err)
		}
		if err := h.Start(exec.Command("/bin/true")); !errors.Is(err, netlab.ErrClosed) {
			t.Errorf("Start on a closed lab: %v", err)
		}
	}
}

func TestNewRefusesBadConfig(t *testing.T) {
	for name, cfg := range map[string]netlab.Config{
		"empty name":     {Hosts: []string{""}},
		"name twice":     {Hosts: []string{"n1", "n1"}},
		"too many hosts": {Hosts: make([]string, 200)},
		"too many links": {Hosts: []string{"n1"}, Links: 11},
		"negative links": {Hosts: []string{"n1"}, Links: -1},
	} {
		if lab, err := netlab.New(cfg); err == nil {
			lab.Close()
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNewRefusesToBuildOutside(t *testing.T) {
	if netlab.Inside() {
		t.Skip("inside")
	}
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Skip(err)
	}
	t.Setenv("FHRP_NETLAB_OUTSIDE", own) // as if inherited by mistake
	if _, err := netlab.New(netlab.Config{Hosts: []string{"n1"}}); err == nil {
		t.Error("no error")
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// node is one of two that have the service. It is on a LAN in memory.
type node struct {
	*service
	host  *netiftest.Host
	addrs viptest.Memory
	end   func() error // stops the router, and returns when it has ended
}

// start has a node take part. Time is that of a bubble.
func start(t *testing.T, lan *netiftest.LAN, addr string, priority uint8) *node {
	t.Helper()
	n := &node{service: newService(),
		host: lan.Host(addr, netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix(addr + "/24")}})}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: n.host.Network(), Trace: n.trace()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Backend: &n.addrs, Hooks: n.hooks(),
		Config: vrrp.Config{VRID: 51, Priority: priority, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/32")}}}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- router.Run(ctx) }()
	n.end = sync.OnceValue(func() error {
		stop()
		return <-ended
	})
	t.Cleanup(func() { _ = n.end() })
	return n
}

// do sends a request to a node, and returns the status.
func (n *node) do(method, path string, body io.Reader) int {
	w := httptest.NewRecorder()
	n.handler().ServeHTTP(w, httptest.NewRequest(method, path, body))
	return w.Code
}

// wantWrites checks which of the nodes takes writes. All answer reads.
func wantWrites(t *testing.T, nodes []*node, want ...int) {
	t.Helper()
	for i, n := range nodes {
		if got := n.do("PUT", "/values/greeting", strings.NewReader("hello")); got != want[i] {
			t.Errorf("%v answers a write with %d, want %d", n.host, got, want[i])
		}
		if got := n.do("GET", "/values/nothing", nil); got != http.StatusNotFound {
			t.Errorf("%v answers a read with %d", n.host, got)
		}
	}
}

const (
	written = http.StatusNoContent
	refused = http.StatusServiceUnavailable
)

// TestWritesFollowTheAddress through an election, a failure and a planned stop.
func TestWritesFollowTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: time.Millisecond})
		nodes := []*node{start(t, lan, "192.0.2.1", 200), start(t, lan, "192.0.2.2", 150), start(t, lan, "192.0.2.3", 100)}
		wantWrites(t, nodes, refused, refused, refused)
		time.Sleep(10 * time.Second)
		wantWrites(t, nodes, written, refused, refused)
		if err := nodes[0].host.SetLink("eth0", false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		wantWrites(t, nodes, refused, written, refused)
		if err := nodes[1].end(); err != nil {
			t.Error(err)
		}
		wantWrites(t, nodes, refused, refused, written)
	})
}

// TestAddressWaitsForWrites: a write that is under way when the role is lost is finished before the address goes, and
// none begins meanwhile.
func TestAddressWaitsForWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: time.Millisecond})
		n := start(t, lan, "192.0.2.1", 200)
		time.Sleep(10 * time.Second)
		body, client := io.Pipe()
		status := make(chan int, 1)
		go func() { status <- n.do("PUT", "/values/slow", body) }()
		synctest.Wait()
		if err := n.host.SetLink("eth0", false); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		wantWrites(t, []*node{n}, refused)
		if len(n.addrs.Held()) == 0 {
			t.Error("the address is gone, and the write isn't done")
		}
		_ = client.Close()
		synctest.Wait()
		if got := <-status; got != written || len(n.addrs.Held()) > 0 {
			t.Errorf("status %d, addresses %v", got, n.addrs.Held())
		}
	})
}

// TestAddressGoesFromAHangingWrite: a write that never ends keeps the address for the time of a hook and no longer.
func TestAddressGoesFromAHangingWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: time.Millisecond})
		n := start(t, lan, "192.0.2.1", 200)
		time.Sleep(10 * time.Second)
		body, client := io.Pipe()
		go n.do("PUT", "/values/slow", body)
		synctest.Wait()
		if err := n.host.SetLink("eth0", false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if len(n.addrs.Held()) > 0 {
			t.Error("the address is still here")
		}
		_ = client.Close()
	})
}

// TestValueIsBounded: a value that is too long is refused, and one that was written is read.
func TestValueIsBounded(t *testing.T) {
	n := &node{service: newService()}
	n.active, n.here = true, true
	for size, want := range map[int]int{0: written, maxValue: written, maxValue + 1: http.StatusBadRequest} {
		if got := n.do("PUT", "/values/x", strings.NewReader(strings.Repeat("x", size))); got != want {
			t.Errorf("%d octets: %d, want %d", size, got, want)
		}
	}
	for path, want := range map[string]int{"/values/x": http.StatusOK, "/ready": http.StatusOK, "/values/": http.StatusNotFound} {
		if got := n.do("GET", path, nil); got != want {
			t.Errorf("GET %s: %d, want %d", path, got, want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package fhrphealth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/examples/metrics/fhrphealth"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// host runs a virtual host on a LAN, until stop is called.
func host(t *testing.T, lan *netiftest.LAN, addr string, skew uint8) (c *carp.Host, stop func()) {
	t.Helper()
	on := lan.Host(addr, netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix(addr + "/24")}})
	c, err := carp.NewHost(carp.HostConfig{Network: on.Network()})
	if err == nil {
		_, err = c.Add(carp.VirtualHostConfig{Link: "eth0", Backend: &viptest.Memory{},
			Config: carp.Config{VHID: 1, AdvSkew: skew, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/32")}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	return c, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// want checks the status of an answer.
func want(t *testing.T, h http.Handler, status int) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != status || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, want %d: %s", w.Code, status, w.Body)
	}
}

// TestHost: a virtual host is ready as Master, and as Backup once it hears the Master; not when it has ended.
func TestHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: time.Millisecond})
		master, stopMaster := host(t, lan, "192.0.2.1", 0)
		backup, stopBackup := host(t, lan, "192.0.2.2", 100)
		both := []*fhrphealth.Health{fhrphealth.New(fhrphealth.Config{Host: master}), fhrphealth.New(fhrphealth.Config{Host: backup})}
		synctest.Wait()
		for _, h := range both {
			want(t, h.Live(), http.StatusOK)
			want(t, h.Ready(), http.StatusServiceUnavailable)
		}
		time.Sleep(10 * time.Second)
		for _, h := range both {
			want(t, h.Ready(), http.StatusOK)
		}
		stopMaster()
		want(t, both[0].Ready(), http.StatusServiceUnavailable)
		time.Sleep(10 * time.Second)
		want(t, both[1].Ready(), http.StatusOK)
		stopBackup()
	})
}

// TestNothing: without a router there is nothing to be ready.
func TestNothing(t *testing.T) {
	h := fhrphealth.New(fhrphealth.Config{})
	want(t, h.Live(), http.StatusOK)
	want(t, h.Ready(), http.StatusServiceUnavailable)
}

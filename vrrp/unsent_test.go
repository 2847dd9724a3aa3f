// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// full is a network that takes packets and can't send them.
type full struct{ *netiftest.Network }

func (n full) Flush(f func(port int, err error)) {
	lost := 0
	n.Network.Flush(func(int, error) { lost++ })
	for range lost {
		f(0, errors.New("no buffer space available"))
	}
}

// What can't be sent is counted, and logged at a bounded rate.
func TestUnsentAdvertisements(t *testing.T) {
	var log bytes.Buffer
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: full{host.Network()}, Now: sim.Now, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Trace: vrrp.Trace{Sent: func(*vrrp.VirtualRouter, uint8) { _ = host.SetLink("eth0", false) }}}) // between Queue and Flush
	if err != nil {
		t.Fatal(err)
	}
	v, err := router.Add(vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"})
	if err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, router)
	for range 3 {
		sim.Run(4 * time.Second)
		if err := host.SetLink("eth0", true); err != nil {
			t.Fatal(err)
		}
	}
	sent := v.Status().Stats.Sent
	if got := router.Stats().SendErrors; sent != 3 || got != sent {
		t.Errorf("%d advertisements handed over, %d of them not sent", sent, got)
	}
	if n := strings.Count(log.String(), `msg="packet not sent" link=eth0 error="no buffer space available"`); n != 1 {
		t.Errorf("%d lines in %v:\n%s", n, sim.Now().Sub(epoch), &log)
	}
}

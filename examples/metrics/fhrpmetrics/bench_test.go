// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/go-fhrp/fhrp/examples/metrics/fhrpmetrics"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// BenchmarkScrape gathers the metrics of 1,000 virtual routers that run on a LAN in memory.
func BenchmarkScrape(b *testing.B) {
	const links, each = 4, 250
	lan := netiftest.New(netiftest.Config{})
	var all []netiftest.Link
	for i := range links {
		all = append(all, netiftest.Link{Name: fmt.Sprint("eth", i), Switch: fmt.Sprint(i), Addresses: []netip.Prefix{netip.MustParsePrefix(fmt.Sprintf("192.0.%d.1/24", i))}})
	}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: lan.Host("a", all...).Network()})
	if err != nil {
		b.Fatal(err)
	}
	for i := range links * each {
		addr := netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, byte(i / each), byte(i%each + 1)}), 32)
		if _, err := router.Add(vrrp.VirtualRouterConfig{Link: fmt.Sprint("eth", i/each),
			Config: vrrp.Config{VRID: uint8(i%each + 1), Priority: 100, Interval: time.Second, Addresses: []netip.Prefix{addr}}}); err != nil {
			b.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- router.Run(ctx) }()
	registry := prometheus.NewRegistry()
	registry.MustRegister(fhrpmetrics.NewVRRP(router, fhrpmetrics.Config{}))
	for b.Loop() {
		if _, err := registry.Gather(); err != nil {
			b.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

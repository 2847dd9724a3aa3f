// SPDX-License-Identifier: Apache-2.0

package fhrpmetrics_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/examples/metrics/fhrpmetrics"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// node is a pair of hosts of a LAN in memory, for each protocol one, in a bubble.
type node struct {
	host   *netiftest.Host
	router *vrrp.Router
	carp   *carp.Host
}

// start has the nth host take part: in two virtual routers, one in each family, and in a virtual host.
func start(t *testing.T, lan *netiftest.LAN, n int, priority uint8) *node {
	t.Helper()
	prefix := func(text string, args ...any) netip.Prefix { return netip.MustParsePrefix(fmt.Sprintf(text, args...)) }
	host := func(n int) *netiftest.Host {
		return lan.Host(fmt.Sprint(n), netiftest.Link{Addresses: []netip.Prefix{prefix("192.0.2.%d/24", n), prefix("fe80::%d/64", n)}})
	}
	nd := &node{host: host(n)}
	var err error
	must := func(e error) {
		if e != nil {
			t.Fatal(e)
		}
	}
	nd.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: nd.host.Network()})
	must(err)
	_, err = nd.router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Backend: &viptest.Memory{},
		Config: vrrp.Config{VRID: 51, Priority: priority, Addresses: []netip.Prefix{prefix("192.0.2.100/32")}}})
	must(err)
	_, err = nd.router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Name: "six", Backend: &viptest.Memory{},
		Config: vrrp.Config{VRID: 51, Priority: priority, Addresses: []netip.Prefix{prefix("fe80::100/128")}}})
	must(err)
	nd.carp, err = carp.NewHost(carp.HostConfig{Network: host(n + 10).Network()})
	must(err)
	_, err = nd.carp.Add(carp.VirtualHostConfig{Link: "eth0", Backend: &viptest.Memory{},
		Config: carp.Config{VHID: 7, AdvSkew: 200 - priority, Addresses: []netip.Prefix{prefix("192.0.2.101/32"), prefix("2001:db8::101/128")}}})
	must(err)
	return nd
}

// run runs both protocols until the test ends.
func (n *node) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- n.router.Run(ctx) }()
	go func() { ended <- n.carp.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// compare checks metrics of some names.
func compare(t *testing.T, c prometheus.Collector, want string) {
	t.Helper()
	var names []string
	for line := range strings.Lines(want) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			names = append(names, strings.Fields(name)[0])
		}
	}
	if err := testutil.CollectAndCompare(c, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

// TestScrape reads both nodes of a pair after a time.
func TestScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: time.Millisecond})
		better, other := start(t, lan, 1, 200), start(t, lan, 2, 100)
		better.run(t)
		other.run(t)
		time.Sleep(time.Minute)
		compare(t, fhrpmetrics.NewVRRP(better.router, fhrpmetrics.Config{}), betterVRRP)
		compare(t, fhrpmetrics.NewVRRP(other.router, fhrpmetrics.Config{}), otherVRRP+lateness(56))
		compare(t, fhrpmetrics.NewCARP(other.carp, fhrpmetrics.Config{}), otherCARP)
		if err := better.host.SetLink("eth0", false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		compare(t, fhrpmetrics.NewVRRP(better.router, fhrpmetrics.Config{}), downVRRP)
	})
}

const betterVRRP = `# HELP fhrp_vrrp_state Whether the virtual router is in the state (1) or not (0).
# TYPE fhrp_vrrp_state gauge
fhrp_vrrp_state{family="ipv4",interface="eth0",state="active",vrid="51"} 1
fhrp_vrrp_state{family="ipv4",interface="eth0",state="backup",vrid="51"} 0
fhrp_vrrp_state{family="ipv4",interface="eth0",state="initialize",vrid="51"} 0
fhrp_vrrp_state{family="ipv6",interface="eth0",state="active",vrid="51"} 1
fhrp_vrrp_state{family="ipv6",interface="eth0",state="backup",vrid="51"} 0
fhrp_vrrp_state{family="ipv6",interface="eth0",state="initialize",vrid="51"} 0
# HELP fhrp_vrrp_became_active_total Times that the virtual router became Active.
# TYPE fhrp_vrrp_became_active_total counter
fhrp_vrrp_became_active_total{family="ipv4",interface="eth0",vrid="51"} 1
fhrp_vrrp_became_active_total{family="ipv6",interface="eth0",vrid="51"} 1
# HELP fhrp_vrrp_up Whether the loop of the election answered this scrape (1) or not in time (0).
# TYPE fhrp_vrrp_up gauge
fhrp_vrrp_up 1
`

const otherVRRP = `# HELP fhrp_vrrp_down_interval_seconds Active_Down_Interval: how long it may be silent.
# TYPE fhrp_vrrp_down_interval_seconds gauge
fhrp_vrrp_down_interval_seconds{family="ipv4",interface="eth0",vrid="51"} 3.609375
fhrp_vrrp_down_interval_seconds{family="ipv6",interface="eth0",vrid="51"} 3.609375
`

// lateness is the histogram of what was never late by more than one per cent.
func lateness(count int) string {
	const name = "fhrp_vrrp_heard_lateness_ratio"
	text := "# HELP " + name + " Accepted advertisements by how much later than an interval they came after the one before, in intervals.\n# TYPE " + name + " histogram\n"
	for _, family := range []string{"ipv4", "ipv6"} {
		labels := fmt.Sprintf("family=%q,interface=\"eth0\",vrid=\"51\"", family)
		for _, le := range []string{"0.01", "0.02", "0.05", "0.1", "0.25", "0.5", "1", "2", "3", "+Inf"} {
			text += fmt.Sprintf("%s_bucket{%s,le=%q} %d\n", name, labels, le, count)
		}
		text += fmt.Sprintf("%s_sum{%s} NaN\n%s_count{%s} %d\n", name, labels, name, labels, count)
	}
	return text
}

const otherCARP = `# HELP fhrp_carp_state Whether the virtual host is in the state (1) or not (0).
# TYPE fhrp_carp_state gauge
fhrp_carp_state{interface="eth0",state="backup",vhid="7"} 1
fhrp_carp_state{interface="eth0",state="init",vhid="7"} 0
fhrp_carp_state{interface="eth0",state="master",vhid="7"} 0
# HELP fhrp_carp_path_usable Whether advertisements can be sent in an address family.
# TYPE fhrp_carp_path_usable gauge
fhrp_carp_path_usable{family="ipv4",interface="eth0",vhid="7"} 1
fhrp_carp_path_usable{family="ipv6",interface="eth0",vhid="7"} 1
`

const downVRRP = `# HELP fhrp_vrrp_state Whether the virtual router is in the state (1) or not (0).
# TYPE fhrp_vrrp_state gauge
fhrp_vrrp_state{family="ipv4",interface="eth0",state="active",vrid="51"} 0
fhrp_vrrp_state{family="ipv4",interface="eth0",state="backup",vrid="51"} 0
fhrp_vrrp_state{family="ipv4",interface="eth0",state="initialize",vrid="51"} 1
fhrp_vrrp_state{family="ipv6",interface="eth0",state="active",vrid="51"} 0
fhrp_vrrp_state{family="ipv6",interface="eth0",state="backup",vrid="51"} 0
fhrp_vrrp_state{family="ipv6",interface="eth0",state="initialize",vrid="51"} 1
`

// TestLint: names, units and help texts are as Prometheus wants them, and what is collected is what is described.
func TestLint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: time.Millisecond})
		better, other := start(t, lan, 1, 200), start(t, lan, 2, 100)
		better.run(t)
		other.run(t)
		time.Sleep(time.Minute)
		for name, c := range map[string]prometheus.Collector{
			"vrrp, Active": fhrpmetrics.NewVRRP(better.router, fhrpmetrics.Config{}), "vrrp, Backup": fhrpmetrics.NewVRRP(other.router, fhrpmetrics.Config{}),
			"carp, Master": fhrpmetrics.NewCARP(better.carp, fhrpmetrics.Config{}), "carp, Backup": fhrpmetrics.NewCARP(other.carp, fhrpmetrics.Config{}),
		} {
			problems, err := testutil.CollectAndLint(c)
			if err != nil || len(problems) > 0 {
				t.Errorf("%s: %v, %v", name, err, problems)
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// notary is a guard that writes down what it is told.
type notary struct {
	wills []string
	beats int
}

func (n *notary) Set(id int, link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration) {
	said := "nothing"
	if goodbye != nil {
		var adv vrrp.Advertisement
		_, err := adv.Parse(goodbye, vrrp.IPHeader{Src: src, Dst: dst, HopLimit: 255})
		said = fmt.Sprint(adv.VRID, " priority ", adv.Priority, " ", err)
	}
	var where []string
	for _, p := range slices.SortedFunc(maps.Keys(addrs), netip.Prefix.Compare) {
		where = append(where, p.String()+" on "+addrs[p])
	}
	n.wills = append(n.wills, fmt.Sprintf("%d: say %s from %v on %s within %v, remove %v", id, said, src, link, validity, where))
}

func (n *notary) Clear(id int) { n.wills = append(n.wills, fmt.Sprintf("%d: nothing", id)) }
func (n *notary) Beat()        { n.beats++ }

func TestGuardIsToldTheWill(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
	guard := &notary{}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	cfg := vrrp.VirtualRouterConfig{Link: "eth0", Backend: &viptest.Memory{}, Config: v3(),
		Devices: map[netip.Prefix]string{netip.MustParsePrefix("192.0.2.101/32"): "dummy0"}}
	v, err := router.Add(cfg)
	if err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, router)
	want := func(lines ...string) {
		t.Helper()
		if diff := cmp.Diff(lines, guard.wills); diff != "" {
			t.Errorf("wills (-want +got):\n%s", diff)
		}
		guard.wills = nil
	}
	sim.Run(time.Second)
	want() // Backup has nothing to leave
	sim.Run(9 * time.Second)
	want("0: say 51 priority 0 <nil> from 192.0.2.1 on eth0 within 3s, remove [192.0.2.100/24 on eth0]")
	cfg.Excluded = prefixes("192.0.2.101/32")
	if err := v.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	want("0: say 51 priority 0 <nil> from 192.0.2.1 on eth0 within 3s, remove [192.0.2.100/24 on eth0 192.0.2.101/32 on dummy0]")
	_ = host.SetAddresses("eth0", prefixes("192.0.2.9/24")...)
	sim.Run(time.Second)
	want("0: say 51 priority 0 <nil> from 192.0.2.9 on eth0 within 3s, remove [192.0.2.100/24 on eth0 192.0.2.101/32 on dummy0]")
	router.Stop()
	sim.Run(0)
	want("0: say nothing from 192.0.2.9 on eth0 within 0s, remove [192.0.2.100/24 on eth0 192.0.2.101/32 on dummy0]")
	sim.Run(5 * time.Second)
	want("0: nothing")
	if guard.beats < 10 {
		t.Errorf("%d beats", guard.beats)
	}
}

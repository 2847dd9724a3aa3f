// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// notary is a guard that writes down what it is told.
type notary struct {
	auth  *carp.Authenticator
	wills []string
	beats int
}

func (n *notary) Set(id int, link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration) {
	said := "nothing"
	if goodbye != nil {
		var adv carp.Advertisement
		err := adv.Parse(goodbye, carp.IPHeader{Src: src, Dst: dst, HopLimit: 255})
		_, ok := n.auth.Verify(&adv)
		said = fmt.Sprint(adv.AdvBase, "/", adv.AdvSkew, " ", err, " ", ok)
	}
	var where []string
	for _, p := range slices.SortedFunc(maps.Keys(addrs), netip.Prefix.Compare) {
		where = append(where, p.String()+" on "+addrs[p])
	}
	n.wills = append(n.wills, fmt.Sprintf("%d: say %s from %v to %v on %s within %v, remove %v", id, said, src, dst, link, validity, where))
}

func (n *notary) Clear(id int) { n.wills = append(n.wills, fmt.Sprintf("%d: nothing", id)) }
func (n *notary) Beat()        { n.beats++ }

// The guard is told a bow-out for each family, signed, and the addresses of both.
func TestGuardIsToldTheWill(t *testing.T) {
	sim := newSimulation()
	guard := &notary{auth: newAuthenticator(t, carp.AuthenticatorConfig{VHID: 42, Key: key(t, "love"), Addresses: ips("192.0.2.100", "2001:db8::100")})}
	host := sim.Host("a", linkOf(1, "eth0", ""))
	h, err := carp.NewHost(carp.HostConfig{Network: host.Network(), Now: sim.Now, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	cfg := carp.VirtualHostConfig{Link: "eth0", Key: key(t, "love"), Backend: &viptest.Memory{}, Config: config(func(c *carp.Config) { c.Addresses = prefixes("192.0.2.100/24", "2001:db8::100/128") }),
		Devices: map[netip.Prefix]string{netip.MustParsePrefix("2001:db8::100/128"): "dummy0"}}
	v, err := h.Add(cfg)
	if err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, h)
	want := func(lines ...string) {
		t.Helper()
		if diff := cmp.Diff(lines, guard.wills); diff != "" {
			t.Errorf("wills (-want +got):\n%s", diff)
		}
		guard.wills = nil
	}
	sim.Run(time.Second)
	want() // a Backup has nothing to leave
	sim.Run(9 * time.Second)
	want("0: say 255/255 <nil> true from 192.0.2.1 to 224.0.0.18 on eth0 within 3s, remove [192.0.2.100/24 on eth0 2001:db8::100/128 on dummy0]",
		"1: say 255/255 <nil> true from fe80::1 to ff02::12 on eth0 within 3s, remove []")
	cfg.Peers = []netip.Addr{ipv4(1), ipv4(2), ipv4(3)}
	if err := v.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	want("0: say 255/255 <nil> true from 192.0.2.1 to 192.0.2.2 on eth0 within 3s, remove [192.0.2.100/24 on eth0 2001:db8::100/128 on dummy0]",
		"1: say 255/255 <nil> true from fe80::1 to ff02::12 on eth0 within 3s, remove []")
	_ = host.SetAddresses("eth0", netip.PrefixFrom(ipv4(9), 24))
	sim.Run(time.Second)
	want("0: say 255/255 <nil> true from 192.0.2.9 to 192.0.2.1 on eth0 within 3s, remove [192.0.2.100/24 on eth0 2001:db8::100/128 on dummy0]",
		"1: say 255/255 <nil> true from fe80::1 to ff02::12 on eth0 within 3s, remove []",
		"0: say 255/255 <nil> true from 192.0.2.9 to 192.0.2.1 on eth0 within 3s, remove [192.0.2.100/24 on eth0 2001:db8::100/128 on dummy0]",
		"1: nothing")
	h.Stop()
	sim.Run(0)
	want("0: say nothing from 192.0.2.9 to 224.0.0.18 on eth0 within 0s, remove [192.0.2.100/24 on eth0 2001:db8::100/128 on dummy0]", "1: nothing")
	sim.Run(5 * time.Second)
	want("0: nothing", "1: nothing")
	if guard.beats < 10 {
		t.Errorf("%d beats", guard.beats)
	}
}

// The goodbye that a guard sends is honoured by the peer.
func TestGoodbyeOfTheGuard(t *testing.T) {
	sim := newSimulation()
	guard := &courier{}
	a := newNodeOf(t, sim.LAN, 1, func(h *carp.HostConfig) { h.Guard = guard }, config(timing(1, 0), five))
	b := newNode(t, sim.LAN, 2, config(five))
	sim.Drive(a.host, a.carp)
	sim.Drive(b.host, b.carp)
	sim.Run(10 * time.Second)
	sim.Crash(a.host)
	for _, p := range guard.goodbyes {
		sim.Inject(p)
	}
	sim.Run(time.Millisecond)
	wantStates(t, []*node{b}, carp.Master)
	if b.last().Reason != carp.ReasonBowOut || len(guard.goodbyes) != 2 {
		t.Errorf("%v after %d goodbyes", b.last(), len(guard.goodbyes))
	}
}

// courier is a guard that keeps the goodbyes.
type courier struct{ goodbyes []netiftest.Packet }

func (c *courier) Set(_ int, _ string, src, dst netip.Addr, goodbye []byte, _ map[netip.Prefix]string, _ time.Duration) {
	if goodbye != nil {
		c.goodbyes = append(c.goodbyes, netiftest.Packet{Src: src, Dst: dst, HopLimit: 255, Payload: goodbye})
	}
}
func (*courier) Clear(int) {}
func (*courier) Beat()     {}

// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// signing is a network that forgets what it is to send, and on which a peer is heard once
// a turn, with a message that is signed anew.
type signing struct {
	*netiftest.Network
	now     *time.Time
	src     netip.Addr
	dst     netip.Addr
	adv     vrrp.Advertisement
	hmac    *vrrp.HMAC
	ah      *vrrp.AH
	spoil   bool
	message []byte
	packet  []byte
}

func (*signing) Queue(int, [6]byte, netip.Addr, netip.Addr, []byte) {}
func (*signing) QueueAH(int, []byte)                                {}

// build makes the message of a turn.
func (n *signing) build() {
	n.message, _ = n.adv.Append(n.message[:0], n.src, n.dst, vrrp.ChecksumMessage)
	if n.hmac != nil {
		trailer, _ := n.hmac.Sign(*n.now, n.message, n.src)
		if n.spoil {
			trailer[vrrp.TrailerLen-1] ^= 1
		}
		n.message = trailer.Append(n.message, n.src.Is6())
	}
}

func (n *signing) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	if n.build(); n.ah == nil {
		f(0, n.src, n.dst, 255, *n.now, n.message)
	}
}

func (n *signing) ReceiveAH(f func(port int, at time.Time, packet []byte)) {
	sequence, _ := n.ah.Next()
	n.packet, _ = n.ah.Append(n.packet[:0], n.message, n.src, n.dst, sequence)
	if n.spoil {
		n.packet[20+vrrp.AHLen-1] ^= 1 // of the integrity check value
	}
	f(0, *n.now, n.packet)
}

// steadyCase is a router that hears a peer.
type steadyCase struct {
	change func(*vrrp.VirtualRouterConfig)
	config vrrp.Config
	own    string
	src    string
	dst    netip.Addr
	spoil  bool
	state  vrrp.State
}

func steadyCases(t *testing.T) map[string]steadyCase {
	sign, group4, group6 := hmacOf(t, vrrp.HMACConfig{}), vrrp.GroupIPv4(), vrrp.GroupIPv6()
	peered := func(c *vrrp.VirtualRouterConfig) { sign(c); unicast(c) }
	peered6 := func(c *vrrp.VirtualRouterConfig) { sign(c); c.Peers = peers("fe80::9", "fe80::8") }
	own4, own6 := "192.0.2.2/24", "fe80::2/64"
	return map[string]steadyCase{
		"Backup with HMAC":         {sign, v3(), own4, "192.0.2.3", group4, false, vrrp.Backup},
		"Backup with HMAC, IPv6":   {sign, v6(), own6, "fe80::9", group6, false, vrrp.Backup},
		"Backup of a peer, IPv6":   {peered6, v6(), own6, "fe80::9", netip.MustParseAddr("fe80::2"), false, vrrp.Backup},
		"Active for peers":         {peered, v3(priority(254)), own4, "192.0.2.3", netip.MustParseAddr("192.0.2.2"), false, vrrp.Active},
		"Active that is forged at": {peered6, v6(), own6, "fe80::9", netip.MustParseAddr("fe80::2"), true, vrrp.Active},
		"Active in both versions":  {sign, bothVersions(priority(254)), own4, "192.0.2.3", group4, false, vrrp.Active},
		"Backup with AH":           {withAH(t), v2(), own4, "192.0.2.3", group4, false, vrrp.Backup},
		"Active with AH":           {withAH(t), v2(), own4, "192.0.2.3", group4, true, vrrp.Active},
	}
}

// An authenticated advertisement that is sent or received takes no memory, nor does one
// that is rejected.
func TestSteadyStateOfAuthenticationDoesNotAllocate(t *testing.T) {
	for name, c := range steadyCases(t) {
		t.Run(name, func(t *testing.T) {
			host := netiftest.New(netiftest.Config{}).Host("a", netiftest.Link{Addresses: prefixes(c.own)})
			now := epoch
			cfg := vrrp.VirtualRouterConfig{Config: c.config, Link: "eth0"}
			c.change(&cfg)
			network := &signing{Network: host.Network(), now: &now, src: netip.MustParseAddr(c.src), dst: c.dst, spoil: c.spoil}
			network.adv = vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 200, Interval: time.Second, Addresses: addrs("192.0.2.100")}
			if network.src.Is6() {
				network.adv.Addresses = addrs("fe80::100", "2001:db8::100")
			}
			if cfg.HMAC != nil {
				network.hmac = newHMAC(t, *cfg.HMAC)
			} else {
				network.adv.Version, network.adv.AuthType, network.ah = vrrp.V2, vrrp.AuthAH, newAH(t)
			}
			router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			v, err := router.Add(cfg)
			if err != nil {
				t.Fatal(err)
			}
			turn := func() {
				now = now.Add(time.Second)
				router.Turn()
			}
			for range 100 {
				turn()
			}
			before := v.Status().Stats
			if n := testing.AllocsPerRun(100, turn); n != 0 {
				t.Errorf("%v allocations in a turn", n)
			}
			after := v.Status()
			heard, refused := after.Stats.Received-before.Received, after.Stats.DigestErrors-before.DigestErrors
			if c.spoil {
				heard, refused = refused, heard
			}
			if after.State != c.state || heard < 100 || refused > 0 || c.state == vrrp.Active && after.Stats.Sent-before.Sent < 100 {
				t.Errorf("%v, %+v", after.State, after.Stats)
			}
		})
	}
}

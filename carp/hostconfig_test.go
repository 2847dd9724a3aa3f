// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/protocoltest"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

func TestAddRefuses(t *testing.T) {
	n := newNode(t, netiftest.New(netiftest.Config{}), 1, config(five))
	good := func() carp.VirtualHostConfig {
		return carp.VirtualHostConfig{Link: "eth0", Config: config(func(c *carp.Config) { c.VHID, c.Addresses = 7, prefixes("192.0.2.7/24") })}
	}
	for name, spoil := range map[string]func(*carp.VirtualHostConfig){
		"the same VHID on the link":        func(c *carp.VirtualHostConfig) { c.VHID = 42 },
		"another one's IPv4 address":       func(c *carp.VirtualHostConfig) { c.Addresses = prefixes("192.0.2.100/32") },
		"another one's IPv6 address":       func(c *carp.VirtualHostConfig) { c.Addresses = prefixes("2001:db8::100/128") },
		"no VHID":                          func(c *carp.VirtualHostConfig) { c.VHID = 0 },
		"no link":                          func(c *carp.VirtualHostConfig) { c.Link = "" },
		"no address":                       func(c *carp.VirtualHostConfig) { c.Addresses = nil },
		"advskew of the bow-out":           func(c *carp.VirtualHostConfig) { c.AdvSkew = 255 },
		"a source of IPv6 for IPv4":        func(c *carp.VirtualHostConfig) { c.SourceIPv4 = ipv6(1) },
		"a source of IPv4 for IPv6":        func(c *carp.VirtualHostConfig) { c.SourceIPv6 = ipv4(1) },
		"a group of IPv6 for IPv4":         func(c *carp.VirtualHostConfig) { c.GroupIPv4 = carp.GroupIPv6() },
		"a group of IPv4 for IPv6":         func(c *carp.VirtualHostConfig) { c.GroupIPv6 = carp.GroupIPv4() },
		"a unicast group":                  func(c *carp.VirtualHostConfig) { c.GroupIPv4 = ipv4(2) },
		"a profile":                        func(c *carp.VirtualHostConfig) { c.Profile = 7 },
		"an accepted profile":              func(c *carp.VirtualHostConfig) { c.AcceptProfiles = []carp.Profile{7} },
		"an accepted set without any":      func(c *carp.VirtualHostConfig) { c.AcceptAddresses = [][]netip.Addr{{}} },
		"nine accepted sets":               func(c *carp.VirtualHostConfig) { c.AcceptAddresses = make([][]netip.Addr, 9) },
		"an accepted set without a digest": func(c *carp.VirtualHostConfig) { c.AcceptAddresses = [][]netip.Addr{{{}}} },
	} {
		t.Run(name, func(t *testing.T) {
			c := good()
			spoil(&c)
			_, err := n.carp.Add(c)
			var value *carp.ValueError
			if !errors.As(err, &value) {
				t.Errorf("Add = %v", err)
			}
		})
	}
	c := good()
	c.Link = "eth9"
	if _, err := n.carp.Add(c); err != nil {
		t.Errorf("a link that isn't there yet: %v", err)
	}
	if _, err := n.carp.Add(good()); err != nil || len(n.carp.VirtualHosts()) != 3 {
		t.Errorf("a good one: %v", err)
	}
}

// unprivileged is a network that nobody may attach to.
type unprivileged struct{ *netiftest.Network }

func (unprivileged) Attach(string, netip.Addr) (int, error) { return 0, os.ErrPermission }

func TestAddTellsWhatTheNetworkSays(t *testing.T) {
	network := netiftest.New(netiftest.Config{}).Host("a", linkOf(1, "eth0", "")).Network()
	h, err := carp.NewHost(carp.HostConfig{Network: unprivileged{network}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Add(carp.VirtualHostConfig{Link: "eth0", Config: config()})
	if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "carp: eth0 VHID 42: ") || len(h.VirtualHosts()) > 0 {
		t.Errorf("Add = %v", err)
	}
}

func TestNewHostRefuses(t *testing.T) {
	network := netiftest.New(netiftest.Config{}).Host("a").Network()
	for name, cfg := range map[string]carp.HostConfig{
		"no network": {}, "negative workers": {Network: network, Workers: -1}, "a negative timeout": {Network: network, Timeout: -1},
	} {
		var value *carp.ValueError
		if _, err := carp.NewHost(cfg); !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What was given is copied: it may be changed afterwards.
func TestVirtualHostConfigIsCopied(t *testing.T) {
	sim := newSimulation()
	cfg := carp.VirtualHostConfig{Peers: []netip.Addr{ipv4(2)}}
	n := newNode(t, sim.LAN, 1, config(five), func(c *carp.VirtualHostConfig) { c.Peers = cfg.Peers })
	cfg.Peers[0] = ipv4(3)
	n.cfg.Addresses[0] = prefixes("192.0.2.77/24")[0]
	sim.Drive(n.host, n.carp)
	sim.Run(10 * time.Second)
	if p := n.path(0).Peers; !slices.Equal(p, []netip.Addr{ipv4(2)}) || slices.Contains(n.addrs.Held(), n.cfg.Addresses[0]) {
		t.Errorf("peers %v, holds %v", p, n.addrs.Held())
	}
	n.path(0).Peers[0] = ipv4(9)
	if p := n.path(0).Peers; !slices.Equal(p, []netip.Addr{ipv4(2)}) {
		t.Errorf("peers %v", p)
	}
}

// Another passphrase, on the Backup first: the role is not moved if the Master has
// it before the Backup gives it up.
func TestPassphraseIsChanged(t *testing.T) {
	sim, a, b := pair(t, config(five))
	change := func(c *carp.VirtualHostConfig) { c.Key = key(t, "another") }
	b.reconfigure(t, change)
	sim.Run(1200 * time.Millisecond)
	a.reconfigure(t, change)
	sim.Run(20 * time.Second)
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	if s := b.virtual.Status().Stats; s.DigestErrors == 0 || len(b.history()) != 1 {
		t.Errorf("%+v", s)
	}
}

// advbase, advskew and what is accepted change without a transition.
func TestTimingIsChanged(t *testing.T) {
	sim, a, b := pair(t, config(five))
	for _, n := range []*node{b, a} {
		n.reconfigure(t, func(c *carp.VirtualHostConfig) { c.AdvBase, c.AdvSkew = 2, c.AdvSkew+28 })
	}
	if p := b.path(1); p.HeardFrom != ipv6(1) || p.HeardAt.IsZero() {
		t.Errorf("forgotten what was heard: %+v", p)
	}
	g := protocoltest.Watch(sim.LAN, a.host)
	sim.Run(20 * time.Second)
	g.WantAll(t, 2*time.Second+28*skew, 1) // but the one that told the change
	wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
	if s := b.virtual.Status(); s.DownInterval != 6*time.Second+128*skew || s.PeerRank != (carp.Rank{AdvBase: 2, AdvSkew: 28}) || len(b.history()) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestReconfigureRefuses(t *testing.T) {
	sim, a, _ := pair(t, config(five))
	other, err := a.carp.Add(carp.VirtualHostConfig{Link: "eth0", Config: config(func(c *carp.Config) { c.VHID, c.Addresses = 7, prefixes("192.0.2.7/24") })})
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*carp.VirtualHostConfig){
		"link":             func(c *carp.VirtualHostConfig) { c.Link = "eth1" },
		"VHID":             func(c *carp.VirtualHostConfig) { c.VHID = 8 },
		"group":            func(c *carp.VirtualHostConfig) { c.GroupIPv4 = netip.MustParseAddr("239.1.2.3") },
		"no IPv6 any more": func(c *carp.VirtualHostConfig) { c.Addresses = prefixes("192.0.2.100/24") },
		"another one's address": func(c *carp.VirtualHostConfig) {
			c.Addresses = append(slices.Clone(c.Addresses), prefixes("192.0.2.7/24")...)
		},
		"an empty list of peers": func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{} },
	} {
		cfg := a.cfg
		spoil(&cfg)
		var value *carp.ValueError
		if err := a.virtual.Reconfigure(cfg); !errors.As(err, &value) {
			t.Errorf("%s: Reconfigure = %v", name, err)
		}
	}
	before := still(a.virtual.Status())
	sim.Run(10 * time.Second)
	if after := still(a.virtual.Status()); fmt.Sprint(before) != fmt.Sprint(after) || other.Status().State == carp.Init {
		t.Errorf("%+v, was %+v", after, before)
	}
}

// No way of printing a configuration shows the passphrase.
func TestConfigHidesThePassphrase(t *testing.T) {
	cfg := carp.VirtualHostConfig{Link: "eth0", Key: key(t, "geheim")}
	text, err := json.Marshal(struct{ Key carp.Key }{cfg.Key})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprintf("%v", cfg), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg), string(text)} {
		if strings.Contains(s, "geheim") || strings.Contains(s, "67 65 68") || strings.Contains(s, "103") {
			t.Error(s)
		}
	}
}

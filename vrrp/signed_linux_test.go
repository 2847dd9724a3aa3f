// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// signedCases are virtual routers of ours that sign, by the kernel's sockets and clock.
func signedCases(t *testing.T, own, other *netlab.Host, priority uint8) map[string]liveCase {
	cases := map[string]liveCase{}
	add := func(name string, version vrrp.Version, addrs []string, peers ...netip.Addr) {
		c := newLiveCase(version, uint8(61+len(cases)), addrs...)
		c.cfg.Priority, c.cfg.Checksum = priority, vrrp.ChecksumAuto
		if version == vrrp.V3 {
			c.cfg.Interval /= 5
		}
		hmacOf(t, vrrp.HMACConfig{ActiveKey: 1})(&c.cfg)
		if len(peers) > 0 {
			c.cfg.Source = peers[0]
		}
		for _, a := range peers {
			c.cfg.Peers = append(c.cfg.Peers, vrrp.Peer{Addr: a})
		}
		cases[name] = c
	}
	add("version 2", vrrp.V2, []string{"10.0.0.201/24"})
	add("IPv4", vrrp.V3, []string{"10.0.0.202/24"})
	add("IPv4, unicast", vrrp.V3, []string{"10.0.0.203/24"}, own.Addr(0), other.Addr(0))
	add("IPv6", vrrp.V3, []string{"fe80::204/64"})
	add("IPv6, unicast", vrrp.V3, []string{"fe80::205/64"}, own.Addr6(0), other.Addr6(0))
	return cases
}

// TestSigned has two routers of ours agree by signed advertisements, go over to another
// key, and hand over.
func TestSigned(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	first, second := signedCases(t, n1, n2, 200), signedCases(t, n2, n1, 100)
	a, b := startLive(t, n1, first), startLive(t, n2, second)
	agreed := func(when string, key uint8) {
		t.Helper()
		for name := range first {
			a.await(t, name, "Active "+when, func(s vrrp.Status) bool { return s.State == vrrp.Active })
			b.await(t, name, "Backup "+when, func(s vrrp.Status) bool {
				return s.State == vrrp.Backup && s.PeerPriority == 200 && s.PeerKey == key
			})
		}
	}
	agreed("at first", 1)
	for _, l := range []*live{b, a} {
		l.changeKeys(t, map[*live]map[string]liveCase{a: first, b: second}[l])
	}
	agreed("with another key", 200)
	for name, v := range b.virtual {
		if s := v.Status().Stats; s.DigestErrors+s.UnknownKeyErrors+s.ReplayErrors+s.UnsignedErrors+s.LengthErrors+s.ChecksumErrors+s.SourceErrors+s.HopLimitErrors > 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for name, v := range a.virtual {
		if err := v.Resign(patience); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.await(t, name, "Active", func(s vrrp.Status) bool { return s.State == vrrp.Active })
	}
}

// changeKeys has all virtual routers sign with another key.
func (l *live) changeKeys(t *testing.T, cases map[string]liveCase) {
	t.Helper()
	for name, c := range cases {
		cfg := c.cfg
		cfg.Link, cfg.Backend = "eth0", l.device
		hmacOf(t, vrrp.HMACConfig{ActiveKey: 200})(&cfg)
		if err := l.virtual[name].Reconfigure(cfg); err != nil {
			t.Fatal(fmt.Errorf("%s: %w", name, err))
		}
	}
}

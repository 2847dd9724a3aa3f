// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"crypto/sha1"
	"encoding"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// canned is a network that forgets what it is to send, and on which the same packets
// arrive in every turn.
type canned struct {
	*netiftest.Network
	packets []netiftest.Packet
}

func (canned) Queue(int, [6]byte, netip.Addr, netip.Addr, []byte) {}

func (n canned) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	for _, p := range n.packets {
		port := 0
		if p.Src.Is6() {
			port = 1
		}
		f(port, p.Src, p.Dst, 255, time.Time{}, p.Payload)
	}
}

// An advertisement that is sent or received, and changes nothing, takes no memory.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	state, saver := make([]byte, 0, 128), sha1.New().(encoding.BinaryAppender)
	if testing.AllocsPerRun(100, func() { saver.AppendBinary(state) }) != 0 {
		t.Skip("crypto/sha1 itself allocates, as under the race detector")
	}
	signer := newNode(t, netiftest.New(netiftest.Config{}), 3, config(five))
	message := signer.sign(t, carp.Advertisement{AdvBase: 1, Counter: 4711})
	wrong := slices.Clone(message)
	wrong[35]++
	mend(wrong)
	spoilt := slices.Clone(message)
	spoilt[35]++
	both := func(payload []byte) []netiftest.Packet {
		return []netiftest.Packet{{Src: ipv4(3), Dst: carp.GroupIPv4(), Payload: payload}, {Src: ipv6(3), Dst: carp.GroupIPv6(), Payload: payload}}
	}
	for name, c := range map[string]struct {
		packets []netiftest.Packet
		change  func(*carp.VirtualHostConfig)
		state   carp.State
	}{
		"Master":              {nil, func(*carp.VirtualHostConfig) {}, carp.Master},
		"Master with peers":   {nil, unicastBoth, carp.Master},
		"strict Master":       {nil, strictly, carp.Master},
		"Backup":              {both(message), func(*carp.VirtualHostConfig) {}, carp.Backup},
		"Backup with peers":   {both(message), unicastBoth, carp.Backup},
		"strict Backup":       {both(message), strictly, carp.Backup},
		"rejecting checksums": {both(spoilt), func(*carp.VirtualHostConfig) {}, carp.Master},
		"rejecting VRRP":      {both([]byte{0x31, 42, 100, 0}), func(*carp.VirtualHostConfig) {}, carp.Master},
		"rejecting sources":   {both(message), func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{ipv4(7), ipv6(7)} }, carp.Master},
	} {
		t.Run(name, func(t *testing.T) {
			host := netiftest.New(netiftest.Config{}).Host("a", linkOf(2, "eth0", ""))
			now := epoch
			h, err := carp.NewHost(carp.HostConfig{Network: canned{host.Network(), c.packets}, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			cfg := carp.VirtualHostConfig{Config: config(five), Link: "eth0", Key: key(t, "mekmitasdigoat")}
			c.change(&cfg)
			v, err := h.Add(cfg)
			if err != nil {
				t.Fatal(err)
			}
			for range 100 {
				now = now.Add(time.Second / 4)
				h.Turn()
			}
			before := v.Status().Stats
			if n := testing.AllocsPerRun(100, func() {
				now = now.Add(1500 * time.Millisecond)
				h.Turn()
			}); n != 0 {
				t.Errorf("%v allocations in a turn", n)
			}
			after := v.Status()
			if after.State != c.state || after.Stats == before {
				t.Errorf("%v, %+v", after.State, after.Stats)
			}
		})
	}
}

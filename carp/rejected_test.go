// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// hearing is a host that hears what it has to reject, from a peer at ipv4(3).
type hearing struct {
	*node
	sim *netiftest.Simulation
}

func newHearing(t testing.TB, change ...func(*carp.VirtualHostConfig)) hearing {
	sim := newSimulation()
	change = append(change, func(c *carp.VirtualHostConfig) { c.Name = "www" })
	h := hearing{newNode(t, sim.LAN, 2, config(), change...), sim}
	sim.Drive(h.host, h.carp)
	sim.Run(time.Millisecond)
	return h
}

// hear returns what was rejected last, after a message.
func (h hearing) hear(src netip.Addr, hopLimit uint8, message []byte) carp.RejectedPacket {
	h.sim.Inject(netiftest.Packet{Src: src, Dst: carp.GroupIPv4(), HopLimit: hopLimit, Payload: message})
	h.sim.Run(time.Millisecond)
	all := h.carp.Rejected()
	if len(all) == 0 {
		return carp.RejectedPacket{}
	}
	return all[len(all)-1]
}

// mended returns a message in which an octet is another one, and its checksum right.
func mended(message []byte, at int, octet byte) []byte {
	b := slices.Clone(message)
	b[at] = octet
	mend(b)
	return b
}

// TestRejectedPackets: what each rejection leaves behind, and that it ends before the digest.
func TestRejectedPackets(t *testing.T) {
	good := newHearing(t).sign(t, carp.Advertisement{AdvBase: 1, Counter: 4711})
	peers := func(c *carp.VirtualHostConfig) { c.Peers = []netip.Addr{ipv4(7)} }
	none := func(*carp.VirtualHostConfig) {}
	for name, c := range map[string]struct {
		change   func(*carp.VirtualHostConfig)
		src      netip.Addr
		hopLimit uint8
		message  []byte
		fault    carp.Fault
		vhid     uint8
		name     string
		octets   int
	}{
		"hop limit": {none, ipv4(3), 64, good, carp.FaultHopLimit, 42, "www", 16},
		"short":     {none, ipv4(3), 255, good[:20], carp.FaultShort, 42, "www", 8},
		"nothing":   {none, ipv4(3), 255, nil, carp.FaultShort, 0, "", 0},
		"version":   {none, ipv4(3), 255, mended(good, 0, 0x41), carp.FaultVersion, 42, "www", 16},
		"VRRP":      {none, ipv4(3), 255, mended(good, 0, 0x31), carp.FaultVRRP, 42, "www", 16},
		"type":      {none, ipv4(3), 255, mended(good, 0, 0x22), carp.FaultType, 42, "www", 16},
		"long":      {none, ipv4(3), 255, append(slices.Clone(good), 0), carp.FaultLength, 42, "www", 8},
		"checksum":  {none, ipv4(3), 255, append(slices.Clone(good[:35]), good[35]^1), carp.FaultChecksum, 42, "www", 16},
		"VHID":      {none, ipv4(3), 255, mended(good, 1, 43), carp.FaultVHID, 43, "", 16},
		"digest":    {none, ipv4(3), 255, mended(good, 35, good[35]^1), carp.FaultDigest, 42, "www", 16},
		"own":       {none, ipv4(2), 255, good, carp.FaultLooped, 42, "www", 16},
		"source":    {peers, ipv4(3), 255, good, carp.FaultSource, 42, "www", 16},
	} {
		h := newHearing(t, c.change)
		p := h.hear(c.src, c.hopLimit, c.message)
		if !errors.Is(p.Err, c.fault) || p.VHID != c.vhid || p.Name != c.name || p.Link != "eth0" || p.Src != c.src || p.Dst != carp.GroupIPv4() ||
			p.HopLimit != c.hopLimit || p.Length != len(c.message) || !bytes.Equal(p.Octets, c.message[:c.octets]) || p.Count != 1 || p.At.IsZero() || p.At != p.First {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestRejectedPacketHasNoPassword: nothing of a password of VRRP is kept, however many
// addresses are before it.
func TestRejectedPacketHasNoPassword(t *testing.T) {
	const secret = "Xq7#vLp2"
	data, err := vrrp.Password(secret)
	if err != nil {
		t.Fatal(err)
	}
	h, a := newHearing(t), vrrp.Advertisement{Version: vrrp.V2, VRID: 42, Priority: 100, Interval: time.Second, AuthType: vrrp.AuthPassword, AuthData: data}
	for n := range 8 {
		a.Addresses = append(a.Addresses, ipv4(100+n))
		message, err := a.Append(nil, ipv4(3), carp.GroupIPv4(), vrrp.ChecksumAuto)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{message, message[:len(message)-4], append(slices.Clone(message), 0, 0, 0, 0), append(slices.Clone(message), make([]byte, 16)...)} {
			p := h.hear(ipv4(3), 255, b)
			if !bytes.Equal(p.Octets, b[:8]) {
				t.Errorf("%d addresses: %x leaves %x", n+1, b, p.Octets)
			}
		}
	}
	if s := h.carp.Stats(); s.Rejected != 32 {
		t.Errorf("%+v", s)
	}
}

// TestRejectedBuffer: the last kinds are kept, up to their number, and alike ones together.
func TestRejectedBuffer(t *testing.T) {
	for size, want := range map[int]string{
		-1: "", 2: "192.0.2.3×1 192.0.2.9×1", 0: "192.0.2.4×1 192.0.2.5×2 192.0.2.6×1 192.0.2.3×3 192.0.2.9×1",
	} {
		sim := newSimulation()
		n := newNodeOf(t, sim.LAN, 2, func(c *carp.HostConfig) { c.RejectedBuffer = size }, config())
		sim.Drive(n.host, n.carp)
		sim.Run(time.Millisecond)
		h := hearing{n, sim}
		for _, last := range []int{3, 3, 4, 5, 5, 6, 3, 9} {
			h.hear(ipv4(last), 255, []byte{1, 2, 3})
		}
		var got []string
		for _, p := range n.carp.Rejected() {
			got = append(got, fmt.Sprintf("%v×%d", p.Src, p.Count))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%d: %s, want %s", size, text, want)
		}
	}
}

// TestRejectedNotInInit: who takes no part rejects all, which is no sign of anything.
func TestRejectedNotInInit(t *testing.T) {
	h := newHearing(t)
	if err := h.virtual.Maintenance(true); err != nil {
		t.Fatal(err)
	}
	h.sim.Run(time.Second)
	p := h.hear(ipv4(3), 255, h.sign(t, carp.Advertisement{AdvBase: 1, Counter: 4711}))
	if s := h.virtual.Status(); p.Err != nil || s.Stats.NotTakingPart != 1 {
		t.Errorf("%+v, %+v", p, s)
	}
}

// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// captureConfig is the virtual router that sent a capture of testdata/hmac.
func captureConfig(t testing.TB, p packet) vrrp.VirtualRouterConfig {
	t.Helper()
	message, trailer := vrrp.CutTrailer(slices.Clone(p.message), p.h.Src.Is6())
	var adv vrrp.Advertisement
	p.h.HopLimit = vrrp.HopLimit
	form, err := adv.Parse(message, p.h)
	if err != nil {
		t.Fatal(err)
	}
	c := vrrp.VirtualRouterConfig{Link: "eth0", Source: p.h.Src, Checksum: form, Config: vrrp.Config{Version: adv.Version, VRID: 51, Priority: 200, EagerStart: true}}
	for _, a := range adv.Addresses {
		c.Addresses = append(c.Addresses, netip.PrefixFrom(a, a.BitLen()))
	}
	if !p.h.Dst.IsMulticast() {
		c.Peers = []vrrp.Peer{{Addr: p.h.Dst}}
	}
	hmacOf(t, vrrp.HMACConfig{ActiveKey: trailer.KeyID()})(&c)
	return c
}

// hmacCaptures are those with trailers.
func hmacCaptures() []string {
	return []string{"v3-ipv4", "v3-ipv4-unicast", "v3-ipv6", "v3-ipv6-unicast", "v2-ipv4", "v2-unicast", "long-key", "text-key"}
}

// What a router sends at the time of a packet of keepalived's is that packet, octet by
// octet.
func TestHMACRouterSendsWhatKeepalivedDoes(t *testing.T) {
	for _, file := range hmacCaptures() {
		packets := readCapture(t, "hmac/ka-2.4.3-hmac-"+file+".pcap")
		for i, p := range packets[:len(packets)/2] { // no goodbyes
			c := captureConfig(t, p)
			_, trailer := vrrp.CutTrailer(slices.Clone(p.message), p.h.Src.Is6())
			wait := time.Second + time.Second/256 // of EagerStart
			sim := netiftest.NewSimulation(netiftest.Config{}, timeOf(trailer.Sequence()).Add(-wait))
			host := sim.Host("a", netiftest.Link{Addresses: []netip.Prefix{netip.PrefixFrom(p.h.Src, 24)}})
			router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := router.Add(c); err != nil {
				t.Fatal(err)
			}
			var sent [][]byte
			sim.Tap(func(got netiftest.Packet) {
				if got.Dst == p.h.Dst && got.Src == p.h.Src {
					sent = append(sent, slices.Clone(got.Payload))
				}
			})
			sim.Drive(host, router)
			sim.Run(wait)
			if len(sent) != 1 || !bytes.Equal(sent[0], p.message) {
				t.Errorf("%s: packet %d: sent %x, want %x", file, i, sent, p.message)
			}
		}
	}
}

// A router that hears a capture in its time accepts all of it, and each packet once.
func TestHMACRouterHearsKeepalived(t *testing.T) {
	for _, file := range hmacCaptures() {
		t.Run(file, func(t *testing.T) {
			packets := readCapture(t, "hmac/ka-2.4.3-hmac-"+file+".pcap")
			to := packets[0].h.Dst
			own := netip.MustParseAddr("10.0.0.72")
			if to.Is6() {
				own = netip.MustParseAddr("fe80::72")
			}
			c := captureConfig(t, packets[0])
			c.Source, c.Priority, c.EagerStart = own, 100, false
			if c.Peers != nil {
				c.Peers = []vrrp.Peer{{Addr: packets[0].h.Src, MinHopLimit: 64}, {Addr: own}}
			}
			sim := netiftest.NewSimulation(netiftest.Config{}, firstTime(packets))
			host := sim.Host("b", netiftest.Link{Addresses: []netip.Prefix{netip.PrefixFrom(own, 24)}})
			router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now})
			if err != nil {
				t.Fatal(err)
			}
			v, err := router.Add(c)
			if err != nil {
				t.Fatal(err)
			}
			sim.Drive(host, router)
			heard := uint64(0)
			for _, p := range packets {
				if p.h.Dst != to {
					continue
				}
				heard++
				_, trailer := vrrp.CutTrailer(slices.Clone(p.message), to.Is6())
				sim.Run(timeOf(trailer.Sequence()).Sub(sim.Now()))
				for range 2 {
					sim.Inject(netiftest.Packet{Src: p.h.Src, Dst: p.h.Dst, HopLimit: p.h.HopLimit, Payload: p.message})
				}
				sim.Run(time.Millisecond)
			}
			s := v.Status()
			if s.Stats.Received != heard || s.Stats.ReplayErrors != heard || s.Stats.GoodbyesReceived != 1 || s.PeerKey == 0 || s.ClockSkew != 0 {
				t.Errorf("of %d: %+v", heard, s)
			}
			sim.Run(2 * time.Second)
			if v.Status().State != vrrp.Active {
				t.Errorf("after the goodbye %v", v.Status().State)
			}
		})
	}
}

// firstTime returns the time of the first packet of a capture.
func firstTime(packets []packet) time.Time {
	_, trailer := vrrp.CutTrailer(slices.Clone(packets[0].message), packets[0].h.Src.Is6())
	return timeOf(trailer.Sequence())
}

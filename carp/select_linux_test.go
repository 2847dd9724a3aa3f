// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"context"
	"net/netip"
	"sync"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// TestLiveSelect: with HostConfig.Select advertisements of other virtual hosts never get as far as the host, without it they
// are counted; those of its own, here with a digest of a wrong passphrase, are always heard.
func TestLiveSelect(t *testing.T) {
	for name, asked := range map[string]bool{"Asked": true, "NotAsked": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				testLiveSelect(t, asked)
			}
		})
	}
}

func testLiveSelect(t *testing.T, asked bool) {
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	s := &selecting{seen: map[rejection]int{}}
	s.start(t, lab.Host("n1"), asked)
	sender, err := lab.Host("n2").Sender(0)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	heard := func(what string, from, vhid uint8) {
		await(t, what, func() bool {
			advertise(t, sender, from, vhid)
			return s.count(from, carp.FaultDigest, 1)
		})
	}
	heard("its own virtual host is heard", 201, 1) // the network knows what is wanted by then
	for _, vhid := range []uint8{2, 7, 255} {
		advertise(t, sender, 202, vhid)
	}
	heard("what came after the foreign ones is heard", 203, 1)
	if got := s.host.Stats().VHIDErrors; !asked != s.count(202, carp.FaultVHID, 3) || asked && got > 0 {
		t.Errorf("%d advertisements of foreign virtual hosts got through", got)
	}
	if _, err := s.host.Add(silent(2)); err != nil {
		t.Fatal(err)
	}
	heard("a virtual host that was added is heard", 204, 2)
}

// rejection is what packets were rejected for, by their source.
type rejection struct {
	src   netip.Addr
	fault carp.Fault
}

// selecting is a host that notes what it rejects.
type selecting struct {
	host *carp.Host
	mu   sync.Mutex
	seen map[rejection]int
}

// start runs the host until the test ends, with one virtual host.
func (s *selecting) start(t *testing.T, h *netlab.Host, asked bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	made := make(chan error, 1)
	done := h.Go(func() {
		network, err := netif.Open(nil)
		if err != nil {
			made <- err
			return
		}
		defer network.Close()
		s.host, err = carp.NewHost(carp.HostConfig{Network: network, Select: asked, Trace: carp.Trace{Rejected: s.rejected}})
		if err == nil {
			_, err = s.host.Add(silent(1))
		}
		if made <- err; err == nil {
			err = s.host.Run(ctx)
		}
		if err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); <-done })
	if err := <-made; err != nil {
		t.Fatal(err)
	}
}

func (s *selecting) rejected(_ string, src netip.Addr, err *carp.PacketError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[rejection{src, err.Fault}]++
}

// count reports whether, for that fault, so many packets or more were rejected in each family.
func (s *selecting) count(from uint8, fault carp.Fault, least int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	v4, v6 := sources(from)
	return s.seen[rejection{v4, fault}] >= least && s.seen[rejection{v6, fault}] >= least
}

// silent is a virtual host that claims no address of its own accord.
func silent(vhid uint8) carp.VirtualHostConfig {
	v4, v6 := sources(100 + vhid)
	return carp.VirtualHostConfig{Link: "eth0", Config: carp.Config{VHID: vhid, AdvBase: 255,
		Addresses: []netip.Prefix{netip.PrefixFrom(v4, 32), netip.PrefixFrom(v6, 128)}}}
}

// sources returns addresses of both families that end alike.
func sources(last uint8) (v4, v6 netip.Addr) {
	return netip.AddrFrom4([4]byte{10, 0, 0, last}), netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 15: last})
}

// advertise sends an advertisement with a digest of nobody's passphrase in both families.
func advertise(t *testing.T, s *netlab.Sender, from, vhid uint8) {
	t.Helper()
	message, err := (&carp.Advertisement{VHID: vhid, AdvBase: 1, Counter: 1}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	mac, v4, v6 := [6]byte{2, 0, 0, 0, 0, from}, [6]byte{0x01, 0x00, 0x5e, 0, 0, 18}, [6]byte{0x33, 0x33, 0, 0, 0, 18}
	src4, src6 := sources(from)
	err = s.Send(frame.AppendIP(nil, v4, mac, 0xc0, src4, carp.GroupIPv4(), message),
		frame.AppendIP(nil, v6, mac, 0xc0, src6, carp.GroupIPv6(), message))
	if err != nil {
		t.Fatal(err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// explained is what a host has found out about its peer's digests.
type explained struct {
	log   bytes.Buffer
	found []carp.WrongDigest
}

func (e *explained) tune(h *carp.HostConfig) {
	h.Logger = slog.New(slog.NewTextHandler(&e.log, nil))
	h.Trace.WrongDigest = func(v *carp.VirtualHost, w carp.WrongDigest) { e.found = append(e.found, w) }
}

// The hosts of one virtual host, of which the second is configured otherwise: both
// become Master, and the first tells why.
func TestWrongDigestIsExplained(t *testing.T) {
	addresses := func(list ...string) func(*carp.VirtualHostConfig) {
		return func(c *carp.VirtualHostConfig) { c.Addresses = prefixes(list...) }
	}
	passphrase := func(s string) func(*carp.VirtualHostConfig) {
		return func(c *carp.VirtualHostConfig) { c.Key = key(t, s) }
	}
	for name, c := range map[string]struct {
		change func(*carp.VirtualHostConfig)
		want   carp.Explanation
		log    string
	}{
		"another passphrase": {passphrase("secret"), carp.Explanation{}, `cause="another passphrase or other addresses"`},
		"no passphrase":      {passphrase(""), carp.Explanation{Cause: carp.CauseNoPassphrase, Addresses: ips("192.0.2.100", "192.0.2.101", "192.0.2.102", "2001:db8::100", "2001:db8::101")}, `cause="no passphrase: peer has [192.0.2.100 192.0.2.101 192.0.2.102 2001:db8::100 2001:db8::101]"`},
		"an address less":    {addresses("192.0.2.100/24", "192.0.2.102/32", "2001:db8::100/64", "2001:db8::101/128"), carp.Explanation{Cause: carp.CauseAddresses, Addresses: ips("192.0.2.100", "192.0.2.102", "2001:db8::100", "2001:db8::101"), Profile: carp.ProfileStandard}, `cause="other addresses: peer has [192.0.2.100 192.0.2.102 2001:db8::100 2001:db8::101]"`},
		"one address":        {addresses("192.0.2.101/24"), carp.Explanation{Cause: carp.CauseAddresses, Addresses: ips("192.0.2.101"), Profile: carp.ProfileStandard}, `cause="other addresses: peer has [192.0.2.101]"`},
	} {
		t.Run(name, func(t *testing.T) {
			sim, e := newSimulation(), &explained{}
			a := newNodeOf(t, sim.LAN, 1, e.tune, config(five, timing(1, 0)))
			b := newNode(t, sim.LAN, 2, config(five), c.change)
			sim.Drive(a.host, a.carp)
			sim.Drive(b.host, b.carp)
			sim.Run(20 * time.Second)
			wantStates(t, []*node{a, b}, carp.Master, carp.Master)
			if len(e.found) == 0 {
				t.Fatal("not explained")
			}
			w := e.found[0]
			if diff := cmp.Diff(c.want, w.Explanation, equalIP()); diff != "" || w.Source != ipv4(2) {
				t.Errorf("from %v (-want +got):\n%s", w.Source, diff)
			}
			if last := a.virtual.Status().WrongDigest; !last.At.After(w.At) || last.Explanation.Cause != c.want.Cause {
				t.Errorf("status %+v", last)
			}
			if line := `level=WARN msg="wrong digest" virtual_host="eth0 VHID 42" source=192.0.2.2 ` + c.log + " suppressed="; !strings.Contains(e.log.String(), line) {
				t.Errorf("the log lacks %s:\n%s", line, &e.log)
			}
			if strings.Contains(e.log.String(), "mekmi") || strings.Contains(e.log.String(), "secret") {
				t.Error("the log shows the passphrase")
			}
			if s := a.virtual.Status().Stats; s.DigestErrors < 10 || s.ReceivedIPv4+s.ReceivedIPv6 > 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// While addresses change on one host after the other, each accepts those of the
// other, and the role is not moved.
func TestAddressesAreChangedOnOneHostAfterTheOther(t *testing.T) {
	before := ips("192.0.2.100", "192.0.2.101", "192.0.2.102", "2001:db8::100", "2001:db8::101")
	after := ips("192.0.2.100", "192.0.2.101", "192.0.2.103", "2001:db8::100", "2001:db8::101")
	accept := func(list ...[]netip.Addr) func(*carp.VirtualHostConfig) {
		return func(c *carp.VirtualHostConfig) { c.AcceptAddresses = list }
	}
	change := func(c *carp.VirtualHostConfig) {
		c.Addresses = prefixes("192.0.2.100/24", "192.0.2.101/24", "192.0.2.103/32", "2001:db8::100/64", "2001:db8::101/128")
	}
	sim, a, b := pair(t, config(five, preempt))
	calls := len(a.addrs.Calls())
	for _, step := range []func(){
		func() { b.reconfigure(t, accept(after)) },
		func() { a.reconfigure(t, accept(before), change) },
		func() { b.reconfigure(t, accept(before), change) },
		func() { a.reconfigure(t, accept()) },
		func() { b.reconfigure(t, accept()) },
	} {
		step()
		sim.Run(20 * time.Second)
		wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
		if n := b.virtual.Status().Stats.DigestErrors; n > 0 {
			t.Fatalf("%d wrong digests", n)
		}
	}
	var touched []string
	for _, call := range a.addrs.Calls()[calls:] {
		if touchedOnly := slices.ContainsFunc(call.Addrs, func(p netip.Prefix) bool {
			return p.Addr() != ips("192.0.2.102")[0] && p.Addr() != ips("192.0.2.103")[0]
		}); !touchedOnly {
			touched = append(touched, fmt.Sprint(call.Addrs))
		}
	}
	if !slices.Equal(touched, []string{"[192.0.2.103/32]", "[192.0.2.102/32]"}) {
		t.Errorf("touched %v", touched)
	}
	if len(a.history()) != 2 || len(b.history()) != 1 || b.path(0).Match != (carp.Match{}) {
		t.Errorf("%v; %v; %+v", a.history(), b.history(), b.path(0).Match)
	}
}

// The match tells who still has the addresses from before.
func TestMatchOfThePeer(t *testing.T) {
	sim := newSimulation()
	var traced carp.Match
	a := newNode(t, sim.LAN, 1, config(timing(1, 0)))
	b := newNodeOf(t, sim.LAN, 2, func(h *carp.HostConfig) {
		h.Trace.Received = func(_ *carp.VirtualHost, _ netip.Addr, _ *carp.Advertisement, m carp.Match) { traced = m }
	}, config(), func(c *carp.VirtualHostConfig) {
		c.Addresses = prefixes("192.0.2.200/24")
		c.AcceptAddresses = [][]netip.Addr{ips("192.0.2.7"), ips("192.0.2.100")}
	})
	sim.Drive(a.host, a.carp)
	sim.Drive(b.host, b.carp)
	sim.Run(10 * time.Second)
	if want := (carp.Match{Set: 2}); b.path(0).Match != want || traced != want || b.state() != carp.Backup {
		t.Errorf("%+v, traced %+v", b.path(0).Match, traced)
	}
}

// However many wrong digests come, from however many sources, few are explained, but
// the first of a source within a while.
func TestWrongDigestsAreExplainedAtABoundedRate(t *testing.T) {
	sim, e := newSimulation(), &explained{}
	a := newNodeOf(t, sim.LAN, 1, e.tune, config(timing(1, 0)))
	sim.Drive(a.host, a.carp)
	sim.Run(5 * time.Second)
	payload := a.sign(t, carp.Advertisement{AdvBase: 1, Counter: 1 << 40})
	flood := func(d time.Duration, sources int) (perSource map[netip.Addr]int) {
		e.found = nil
		for i := range int(d / time.Millisecond) {
			binary.BigEndian.PutUint64(payload[8:], uint64(i))
			mend(payload)
			sim.Inject(netiftest.Packet{Src: netip.AddrFrom4([4]byte{192, 0, 3, byte(1 + i%sources)}), Dst: carp.GroupIPv4(), HopLimit: 255, Payload: payload})
			sim.Run(time.Millisecond)
		}
		perSource = map[netip.Addr]int{}
		for _, w := range e.found {
			perSource[w.Source]++
		}
		return perSource
	}
	if got := flood(60*time.Second, 2); len(got) != 2 || len(e.found) != 12 {
		t.Errorf("of two sources: %v", got)
	}
	sim.Run(time.Minute)
	if got := flood(60*time.Second, 250); len(e.found) > 48 || len(e.found) < 40 {
		t.Errorf("of many sources %d: %v", len(e.found), got)
	}
	for i, w := range e.found[1:] {
		if gap := w.At.Sub(e.found[i].At); gap < 100*time.Millisecond {
			t.Errorf("%v between two", gap)
		}
	}
	if n := a.virtual.Status().Stats.DigestErrors; n != 120000 {
		t.Errorf("%d counted", n)
	}
	if n := strings.Count(e.log.String(), "wrong digest"); n > 60 {
		t.Errorf("%d lines", n)
	}
}

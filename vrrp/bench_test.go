// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vrrp"
)

// The addresses of the tests: this router is in the middle, so that a peer can
// have the lower or the higher address.
var (
	local      = netip.MustParseAddr("192.0.2.2")
	lowerPeer  = netip.MustParseAddr("192.0.2.1")
	higherPeer = netip.MustParseAddr("192.0.2.3")
)

// epoch is when every test begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// bench runs a machine and speaks its language: what it does is a list of lines
// such as "send 100" and "Backup -> Active: no advertisement heard".
type bench struct {
	t   *testing.T
	m   *vrrp.Machine
	now time.Time
	got []string
}

// v3 is a configuration of version 3, priority 100, 1 s.
func v3(change ...func(*vrrp.Config)) vrrp.Config {
	c := vrrp.Config{VRID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}
	for _, f := range change {
		f(&c)
	}
	return c
}

func v2(change ...func(*vrrp.Config)) vrrp.Config {
	return v3(append([]func(*vrrp.Config){func(c *vrrp.Config) { c.Version = vrrp.V2 }}, change...)...)
}

func newBench(t *testing.T, c vrrp.Config) *bench {
	t.Helper()
	m, err := vrrp.NewMachine(c)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, m: m, now: epoch}
}

// backup returns a bench whose machine has just become Backup.
func backup(t *testing.T, c vrrp.Config) *bench {
	b := newBench(t, c)
	b.do(b.m.Startup(b.now, local))
	if b.m.State() != vrrp.Backup {
		t.Fatalf("state %v after startup", b.m.State())
	}
	b.got = nil
	return b
}

// active returns a bench whose machine has just become Active.
func active(t *testing.T, c vrrp.Config) *bench {
	b := newBench(t, c)
	b.do(b.m.Startup(b.now, local))
	for b.m.State() != vrrp.Active {
		b.next()
	}
	b.do(b.m.AddressesAdded(b.now, nil))
	b.got = nil
	return b
}

// do notes the actions.
func (b *bench) do(actions []vrrp.Action) {
	for _, a := range actions {
		b.got = append(b.got, describe(a))
	}
}

func describe(a vrrp.Action) string {
	switch a := a.(type) {
	case vrrp.SendAdvertisement:
		return fmt.Sprintf("send %d", a)
	case vrrp.AddAddresses:
		return "add " + join(a.Addresses)
	case vrrp.RemoveAddresses:
		return "remove " + join(a.Addresses)
	case vrrp.Announce:
		return fmt.Sprintf("announce %s x%d", join(a.Addresses), a.Count)
	case vrrp.Discard:
		return "discard: " + vrrp.Fault(a).String()
	case vrrp.Conflict:
		return fmt.Sprint("conflict: ", netip.Addr(a))
	case vrrp.Notice:
		return "notice: " + a.String()
	case vrrp.Transition:
		return a.String()
	}
	return fmt.Sprintf("unknown action %T", a)
}

func join(addrs []netip.Prefix) string {
	var s []string
	for _, p := range addrs {
		s = append(s, p.Addr().String())
	}
	return strings.Join(s, " ")
}

// want checks what was done since the last call.
func (b *bench) want(lines ...string) {
	b.t.Helper()
	if diff := cmp.Diff(lines, b.got); diff != "" {
		b.t.Errorf("actions (-want +got):\n%s", diff)
	}
	b.got = nil
}

// adv returns an advertisement of the bench's virtual router.
func (b *bench) adv(priority int, change ...func(*vrrp.Advertisement)) *vrrp.Advertisement {
	a := &vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: uint8(priority), Interval: time.Second, Addresses: addrs("192.0.2.100")}
	for _, f := range change {
		f(a)
	}
	return a
}

// hear receives an advertisement.
func (b *bench) hear(src netip.Addr, a *vrrp.Advertisement) { b.do(b.m.Receive(b.now, src, a)) }

// advance lets time pass, expiring each deadline on the dot.
func (b *bench) advance(d time.Duration) {
	end := b.now.Add(d)
	for {
		at, ok := b.m.Deadline()
		if !ok || at.After(end) {
			break
		}
		b.now = at
		b.do(b.m.Expire(at))
	}
	b.now = end
}

// next goes to the next deadline.
func (b *bench) next() {
	b.t.Helper()
	at, ok := b.m.Deadline()
	if !ok {
		b.t.Fatal("no deadline")
	}
	b.advance(at.Sub(b.now))
}

// wantDeadline checks when the next deadline is, counted from now.
func (b *bench) wantDeadline(d time.Duration) {
	b.t.Helper()
	at, ok := b.m.Deadline()
	if !ok || at.Sub(b.now) != d {
		b.t.Errorf("deadline in %v (%v), want %v", at.Sub(b.now), ok, d)
	}
}

func (b *bench) wantState(s vrrp.State) {
	b.t.Helper()
	if b.m.State() != s {
		b.t.Errorf("state %v, want %v", b.m.State(), s)
	}
}

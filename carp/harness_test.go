// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
)

// The addresses of the tests: this host is in the middle, so that a peer can have
// the lower or the higher address.
var (
	local      = netip.MustParseAddr("192.0.2.2")
	lowerPeer  = netip.MustParseAddr("192.0.2.1")
	higherPeer = netip.MustParseAddr("192.0.2.3")
)

// epoch is when every test begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// skew is the unit of advskew.
const skew = 3906250 * time.Nanosecond

// harness runs a machine and speaks its language: what it does is a list of lines
// such as "send 1/100" and "Backup -> Master: master timed out".
type harness struct {
	t   testing.TB
	m   *carp.Machine
	now time.Time
	got []string
}

// config is a configuration of advbase 1 and advskew 100.
func config(change ...func(*carp.Config)) carp.Config {
	c := carp.Config{VHID: 42, AdvSkew: 100, Addresses: prefixes("192.0.2.100/24")}
	for _, f := range change {
		f(&c)
	}
	return c
}

func prefixes(s ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range s {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// timing is a change of the configuration.
func timing(base, skew uint8) func(*carp.Config) {
	return func(c *carp.Config) { c.AdvBase, c.AdvSkew, c.SubSecond = base, skew, base == 0 }
}

func preempt(c *carp.Config) { c.Preempt = true }

func bsd(c *carp.Config) { c.YieldToEqual = true }

func openBSD(c *carp.Config) { c.YieldToEqual, c.OpenBSDTimeout, c.DemoteOctet = true, true, true }

func newHarness(t testing.TB, c carp.Config) *harness {
	t.Helper()
	m, err := carp.NewMachine(c)
	if err != nil {
		t.Fatal(err)
	}
	return &harness{t: t, m: m, now: epoch}
}

// backup returns a harness whose machine has just become Backup.
func backup(t testing.TB, change ...func(*carp.Config)) *harness {
	h := newHarness(t, config(change...))
	h.do(h.m.Startup(h.now, local))
	if h.m.State() != carp.Backup {
		t.Fatalf("state %v after startup", h.m.State())
	}
	h.got = nil
	return h
}

// master returns a harness whose machine has just become Master.
func master(t testing.TB, change ...func(*carp.Config)) *harness {
	h := backup(t, change...)
	h.next()
	if h.m.State() != carp.Master {
		t.Fatalf("state %v after the master-down time", h.m.State())
	}
	h.do(h.m.AddressesAdded(h.now, nil))
	h.got = nil
	return h
}

// do notes the actions.
func (h *harness) do(actions []carp.Action) {
	for _, a := range actions {
		h.got = append(h.got, describe(a))
	}
}

func describe(a carp.Action) string {
	switch a := a.(type) {
	case carp.SendAdvertisement:
		s := fmt.Sprintf("send %d/%d", a.AdvBase, a.AdvSkew)
		if a.Demote > 0 {
			s += fmt.Sprintf(" demote %d", a.Demote)
		}
		return s
	case carp.AddAddresses:
		return "add " + join(a.Addresses)
	case carp.RemoveAddresses:
		return "remove " + join(a.Addresses)
	case carp.Announce:
		return fmt.Sprintf("announce %s x%d", join(a.Addresses), a.Count)
	case carp.Discard:
		return "discard: " + carp.Fault(a).String()
	case carp.Conflict:
		return fmt.Sprint("conflict: ", netip.Addr(a))
	case carp.Notice:
		return "notice: " + a.String()
	case carp.Transition:
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

// taken is what entering Master does in the tests' configuration.
func taken(timing, transition string) []string {
	return []string{"send " + timing, "add 192.0.2.100", "announce 192.0.2.100 x5", transition}
}

// want checks what was done since the last call.
func (h *harness) want(lines ...string) {
	h.t.Helper()
	if diff := cmp.Diff(lines, h.got); diff != "" {
		h.t.Errorf("actions (-want +got):\n%s", diff)
	}
	h.got = nil
}

// adv returns an advertisement of the virtual host.
func adv(base, skew uint8) *carp.Advertisement {
	return &carp.Advertisement{VHID: 42, AdvBase: base, AdvSkew: skew}
}

// demoted returns one with OpenBSD's demotion.
func demoted(base, skew, demote uint8) *carp.Advertisement {
	return &carp.Advertisement{VHID: 42, AdvBase: base, AdvSkew: skew, Demote: demote}
}

// hear receives an advertisement.
func (h *harness) hear(src netip.Addr, a *carp.Advertisement) { h.do(h.m.Receive(h.now, src, a)) }

// follow hears an advertisement every second while Backup.
func (h *harness) follow(d time.Duration, src netip.Addr, a *carp.Advertisement) {
	for end := h.now.Add(d); h.now.Before(end) && h.m.State() == carp.Backup; {
		h.hear(src, a)
		h.advance(time.Second)
	}
}

// advance lets time pass, expiring each deadline on the dot.
func (h *harness) advance(d time.Duration) {
	end := h.now.Add(d)
	for {
		at, ok := h.m.Deadline()
		if !ok || at.After(end) {
			break
		}
		h.now = at
		h.do(h.m.Expire(at))
	}
	h.now = end
}

// next goes to the next deadline.
func (h *harness) next() {
	at, ok := h.m.Deadline()
	if !ok {
		h.t.Helper()
		h.t.Fatal("no deadline")
	}
	h.advance(at.Sub(h.now))
}

// try notes the actions of an input that may be refused, or that it was.
func (h *harness) try(actions []carp.Action, err error) {
	h.do(actions)
	if err != nil {
		h.got = append(h.got, "refused")
	}
}

// reconfigure changes to the tests' configuration with changes.
func (h *harness) reconfigure(change ...func(*carp.Config)) {
	h.try(h.m.Reconfigure(h.now, config(change...)))
}

// wantDeadline checks when the next deadline is, counted from now.
func (h *harness) wantDeadline(d time.Duration) {
	h.t.Helper()
	at, ok := h.m.Deadline()
	if !ok || at.Sub(h.now) != d {
		h.t.Errorf("deadline in %v (%v), want %v", at.Sub(h.now), ok, d)
	}
}

func (h *harness) wantState(s carp.State) {
	h.t.Helper()
	if h.m.State() != s {
		h.t.Errorf("state %v, want %v", h.m.State(), s)
	}
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// reader writes down the events of a node, in short.
func reader(t testing.TB, sim *netiftest.Simulation, n *node) (all func() []string) {
	t.Helper()
	events := n.carp.Events(t.Context())
	return func() []string {
		n.carp.Stop()
		sim.Run(5 * time.Second)
		var lines []string
		for e := range events {
			line := fmt.Sprintf("%d %v", e.Number, e.Kind)
			switch e.Kind {
			case carp.EventTransition:
				line += fmt.Sprintf(": %v", e.Transition)
			case carp.EventConflict:
				line += fmt.Sprintf(": %v by %x", e.Addr, e.MAC)
			case carp.EventNotice:
				line += fmt.Sprintf(": %v of %v", e.Notice, e.Peer)
			case carp.EventFailure:
				line += fmt.Sprintf(": %s: %v", e.What, e.Err)
			case carp.EventAddressesAdded, carp.EventAddressesRemoved:
				line += fmt.Sprintf(": %v", e.Held)
			}
			lines = append(lines, line+fmt.Sprintf(", now %v", e.State))
			if e.VirtualHost != n.virtual || e.Name != n.virtual.Status().Name || e.Link != "eth0" || e.At.IsZero() || e.Lost != 0 {
				t.Errorf("event %+v", e)
			}
		}
		return lines
	}
}

// TestEventsAreInOrder: a reader is told of all that happens, with the state after it, and its reasons.
func TestEventsAreInOrder(t *testing.T) {
	sim := newSimulation()
	n := newNode(t, sim.LAN, 1, config(), func(c *carp.VirtualHostConfig) {
		c.Hooks.AfterAdd = func(context.Context, []netip.Prefix) error { return errors.New("no mail today") }
	})
	all := reader(t, sim, n)
	sim.Drive(n.host, n.carp)
	sim.Run(10 * time.Second)
	claimant := sim.LAN.Host("claimant", linkOf(7, "eth0", ""))
	for range 100 {
		if err := claimant.Network().Announce(t.Context(), "eth0", [6]byte{2, 3, 4, 5, 6, 7}, []netip.Addr{netip.MustParseAddr("192.0.2.100")}); err != nil {
			t.Fatal(err)
		}
		sim.Run(10 * time.Millisecond)
	}
	if diff := cmp.Diff([]string{
		"1 transition: Init -> Backup: startup, now Backup",
		"2 addresses removed: [], now Backup",
		"3 transition: Backup -> Master: master timed out, now Master",
		"4 addresses added: [192.0.2.100/24], now Master",
		"5 failure: hook failed: hook after adding [192.0.2.100/24]: no mail today, now Master",
		"6 conflict: 192.0.2.100 by 020304050607, now Master",
		"7 transition: Master -> Init: shutdown, now Init",
		"8 addresses removed: [], now Init",
	}, all()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestHookForbidsTheRole: an error of the hook before is as if the addresses could not be added: the role goes to another.
func TestHookForbidsTheRole(t *testing.T) {
	sim := newSimulation()
	a := newNode(t, sim.LAN, 1, config(), func(c *carp.VirtualHostConfig) {
		c.Hooks.BeforeAdd = func(context.Context, []netip.Prefix) error { return errors.New("the disk is not mine") }
	})
	b := newNode(t, sim.LAN, 2, config(timing(1, 100)))
	for _, n := range []*node{a, b} {
		sim.Drive(n.host, n.carp)
	}
	sim.Run(10 * time.Second)
	wantStates(t, []*node{a, b}, carp.Backup, carp.Master)
	if last := a.last(); last.Reason != carp.ReasonAddresses || last.Err == nil {
		t.Errorf("transition %v", last)
	}
}

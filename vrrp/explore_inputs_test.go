// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore/exploretest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// operator is what a person or a tracker asks of a router.
func operator(version vrrp.Version) []ownInput {
	list := append(newExploration().Operator(),
		setPriority("priority to=50", lowestPriority),
		setPriority("priority to=250", 250),
		reconfigure("reconfigure nopreempt", noPreempt),
		reconfigure("reconfigure preempt prio=150", func(c *vrrp.Config) { c.NoPreempt, c.Priority = false, 150 }),
	)
	if version != vrrp.V2 { // whose routers reject each other if their intervals differ
		list = append(list, reconfigure("reconfigure interval=500ms", func(c *vrrp.Config) { c.Interval = 500 * time.Millisecond }))
	}
	return list
}

// lowestPriority is what some operators set.
const lowestPriority = 50

func setPriority(line string, p uint8) ownInput {
	return ownInput{Line: line, Do: func(e *explorer, now time.Time) ([]vrrp.Action, error) { return e.Machine.SetPriority(now, p) }}
}

func reconfigure(line string, change func(*vrrp.Config)) ownInput {
	return newExploration().Reconfigure(line, change)
}

// strangeInterval is that of another cluster.
const strangeInterval = 2 * time.Second

// strangers are packets from nobody in the group: the router's own, those of
// another version, of another cluster with the same identifier, and goodbyes.
func strangers() []ownInput {
	stranger := netip.MustParseAddr("192.0.2.9")
	hear := func(line string, src netip.Addr, change func(*vrrp.Advertisement)) ownInput {
		return ownInput{Line: line, Do: func(e *explorer, now time.Time) ([]vrrp.Action, error) {
			c, from := e.Machine.Config(), src
			a := &vrrp.Advertisement{Version: c.Version, VRID: c.VRID, Priority: 150, Interval: c.Interval, Addresses: []netip.Addr{exploretest.ServiceAddress()}}
			change(a)
			if !from.IsValid() {
				from = e.Src
			}
			return receive(e, now, from, a)
		}}
	}
	return []ownInput{
		hear("receive src=SELF prio=255", netip.Addr{}, func(a *vrrp.Advertisement) { a.Priority = 255 }),
		hear("receive src=192.0.2.9 prio=255 version=1", stranger, func(a *vrrp.Advertisement) { a.Priority, a.Version = 255, 1 }),
		hear("receive src=192.0.2.9 prio=150 addresses=198.51.100.1/24", stranger, func(a *vrrp.Advertisement) { a.Addresses = addrs("198.51.100.1") }),
		hear("receive src=192.0.2.9 prio=255 addresses=198.51.100.1/24", stranger, func(a *vrrp.Advertisement) { a.Priority, a.Addresses = 255, addrs("198.51.100.1") }),
		hear("receive src=192.0.2.9 prio=150 interval=2s", stranger, func(a *vrrp.Advertisement) { a.Interval = strangeInterval }),
		hear("receive src=192.0.2.9 prio=0", stranger, func(a *vrrp.Advertisement) { a.Priority = 0 }),
	}
}

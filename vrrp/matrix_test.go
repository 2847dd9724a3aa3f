// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// cell is what a machine of priority 100 does on one input in one state, and
// when its next deadline is then.
type cell string

// matrix has every input in every state, those on which nothing happens too.
// Backup and Active are entered 400 ms before the input, with 3209.375 ms of the
// down timer and 600 ms of the advertisement timer left.
var matrix = []struct {
	input                      string
	do                         func(*bench)
	initialize, backup, active cell
}{
	{"Startup", func(b *bench) { b.do(b.m.Startup(b.now, local)) },
		"remove 192.0.2.100; Initialize -> Backup: startup; 3.609375s",
		"3.209375s",
		"600ms"},
	{"Startup with another source", func(b *bench) { b.do(b.m.Startup(b.now, higherPeer)) },
		"remove 192.0.2.100; Initialize -> Backup: startup; 3.609375s",
		"3.209375s",
		"600ms"},
	{"Shutdown", func(b *bench) { b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown)) },
		"no deadline",
		"Backup -> Initialize: shutdown; no deadline",
		"send 0; Active -> Initialize: shutdown; 1.1s"},
	{"Shutdown for link down", func(b *bench) { b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown)) },
		"no deadline",
		"Backup -> Initialize: link down; no deadline",
		"send 0; remove 192.0.2.100; Active -> Initialize: link down; no deadline"},
	{"Shutdown for maintenance", func(b *bench) { b.do(b.m.Shutdown(b.now, vrrp.ReasonMaintenance)) },
		"no deadline",
		"Backup -> Initialize: maintenance; no deadline",
		"send 0; Active -> Initialize: maintenance; 1.1s"},
	{"Expire early", func(b *bench) { b.do(b.m.Expire(b.now)) },
		"no deadline",
		"3.209375s",
		"600ms"},
	{"Expire on time", func(b *bench) { expire(b, 0) },
		"no deadline",
		"send 100; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Active: no advertisement heard; 1s",
		"send 100; 1s"},
	{"Expire late", func(b *bench) { expire(b, 1500*time.Millisecond) },
		"no deadline",
		"send 100; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Active: no advertisement heard; 1s",
		"send 100; 500ms"},
	{"goodbye", func(b *bench) { b.hear(higherPeer, b.adv(0)) },
		"discard: not taking part; no deadline",
		"609.375ms",
		"send 100; 1s"},
	{"lower priority", func(b *bench) { b.hear(higherPeer, b.adv(99)) },
		"discard: not taking part; no deadline",
		"3.209375s",
		"notice: competing active router; announce 192.0.2.100 x5; send 100; 600ms"},
	{"equal priority, lower address", func(b *bench) { b.hear(lowerPeer, b.adv(100)) },
		"discard: not taking part; no deadline",
		"notice: peer of equal priority; 3.609375s",
		"notice: peer of equal priority; notice: competing active router; announce 192.0.2.100 x5; send 100; 600ms"},
	{"equal priority, higher address", func(b *bench) { b.hear(higherPeer, b.adv(100)) },
		"discard: not taking part; no deadline",
		"notice: peer of equal priority; 3.609375s",
		"notice: peer of equal priority; send 100; Active -> Backup: peer of equal priority has higher address (peer 192.0.2.3, priority 100); 50ms"},
	{"higher priority", func(b *bench) { b.hear(lowerPeer, b.adv(101)) },
		"discard: not taking part; no deadline",
		"3.609375s",
		"send 100; Active -> Backup: peer has higher priority (peer 192.0.2.1, priority 101); 50ms"},
	{"owner", func(b *bench) { b.hear(lowerPeer, b.adv(255)) },
		"discard: not taking part; no deadline",
		"3.609375s",
		"send 100; Active -> Backup: peer has higher priority (peer 192.0.2.1, priority 255); 50ms"},
	{"higher priority, other interval", func(b *bench) {
		b.hear(lowerPeer, b.adv(101, func(a *vrrp.Advertisement) { a.Interval = 100 * time.Millisecond }))
	},
		"discard: not taking part; no deadline",
		"notice: peer has another interval; 360.9375ms",
		"notice: peer has another interval; send 100; Active -> Backup: peer has higher priority (peer 192.0.2.1, priority 101); 50ms"},
	{"higher priority, other addresses", func(b *bench) {
		b.hear(lowerPeer, b.adv(101, func(a *vrrp.Advertisement) { a.Addresses = addrs("192.0.2.7") }))
	},
		"discard: not taking part; no deadline",
		"notice: peer has other addresses; 3.609375s",
		"notice: peer has other addresses; send 100; Active -> Backup: peer has higher priority (peer 192.0.2.1, priority 101); 50ms"},
	{"own packet", func(b *bench) { b.hear(local, b.adv(101)) },
		"discard: not taking part; no deadline",
		"discard: own packet; 3.209375s",
		"discard: own packet; 600ms"},
	{"other version", func(b *bench) { b.hear(lowerPeer, b.adv(101, func(a *vrrp.Advertisement) { a.Version = vrrp.V2 })) },
		"discard: not taking part; no deadline",
		"discard: wrong version; 3.209375s",
		"discard: wrong version; 600ms"},
	{"Resign", func(b *bench) { b.do(b.m.Resign(b.now, 0)) },
		"no deadline",
		"3.209375s",
		"send 0; Active -> Backup: resigned; 1.1s"},
	{"Resign for a minute", func(b *bench) { b.do(b.m.Resign(b.now, time.Minute)) },
		"no deadline",
		"3.209375s",
		"send 0; Active -> Backup: resigned; 1.1s"},
	{"Force", func(b *bench) { b.do(b.m.Force(b.now, 0)) },
		"no deadline",
		"send 254; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Active: forced; 1s",
		"600ms"},
	{"Force for a minute", func(b *bench) { b.do(b.m.Force(b.now, time.Minute)) },
		"no deadline",
		"send 254; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Active: forced; 1s",
		"600ms"},
	{"SetPriority", func(b *bench) { try(b)(b.m.SetPriority(b.now, 200)) },
		"no deadline",
		"2.81875s",
		"600ms"},
	{"Weigh", func(b *bench) { b.do(b.m.Weigh(b.now, 100)) },
		"no deadline",
		"2.81875s",
		"600ms"},
	{"Restrain", func(b *bench) { b.do(b.m.Restrain(b.now, true)) },
		"no deadline",
		"3.209375s",
		"600ms"},
	{"SetPriority 0", func(b *bench) { try(b)(b.m.SetPriority(b.now, 0)) },
		"refused; no deadline",
		"refused; 3.209375s",
		"refused; 600ms"},
	{"Reconfigure unchanged", func(b *bench) { try(b)(b.m.Reconfigure(b.now, v3())) },
		"no deadline",
		"3.209375s",
		"600ms"},
	{"Reconfigure other address", func(b *bench) {
		try(b)(b.m.Reconfigure(b.now, v3(func(c *vrrp.Config) { c.Addresses = prefixes("192.0.2.7/24") })))
	},
		"no deadline",
		"3.209375s",
		"add 192.0.2.7; announce 192.0.2.7 x5; remove 192.0.2.100; 600ms"},
	{"Reconfigure other virtual router", func(b *bench) { try(b)(b.m.Reconfigure(b.now, v2())) },
		"refused; no deadline",
		"refused; 3.209375s",
		"refused; 600ms"},
	{"AddressesAdded", func(b *bench) { b.do(b.m.AddressesAdded(b.now, nil)) },
		"no deadline",
		"3.209375s",
		"600ms"},
	{"AddressesAdded with an error", func(b *bench) { b.do(b.m.AddressesAdded(b.now, errors.New("full"))) },
		"no deadline",
		"3.209375s",
		"send 0; remove 192.0.2.100; Active -> Backup: addresses could not be added: full; 3.609375s"},
	{"AddressesRemoved", func(b *bench) { b.do(b.m.AddressesRemoved(b.now)) },
		"no deadline",
		"3.209375s",
		"600ms"},
	{"Claimed", func(b *bench) { b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.100"))) },
		"no deadline",
		"3.209375s",
		"conflict: 192.0.2.100; announce 192.0.2.100 x1; 600ms"},
	{"Slept", func(b *bench) { b.do(b.m.Slept(b.now)) },
		"no deadline",
		"3.609375s",
		"remove 192.0.2.100; Active -> Backup: slept; 3.609375s"},
}

func TestEveryInputInEveryState(t *testing.T) {
	const wait = 400 * time.Millisecond
	for _, row := range matrix {
		for _, column := range []struct {
			state vrrp.State
			start func() *bench
			want  cell
		}{
			{vrrp.Initialize, func() *bench { return newBench(t, v3()) }, row.initialize},
			{vrrp.Backup, func() *bench { return backup(t, v3()) }, row.backup},
			{vrrp.Active, func() *bench { return active(t, v3()) }, row.active},
		} {
			t.Run(fmt.Sprint(row.input, "/", column.state), func(t *testing.T) {
				b := column.start()
				b.t = t
				b.advance(wait)
				row.do(b)
				if got := b.cell(); got != column.want {
					t.Errorf("got\n%q, want\n%q", got, column.want)
				}
			})
		}
	}
}

// cell describes what happened since the last call.
func (b *bench) cell() cell {
	deadline := "no deadline"
	if at, ok := b.m.Deadline(); ok {
		deadline = at.Sub(b.now).String()
	}
	return cell(strings.Join(append(b.got, deadline), "; "))
}

// expire expires the next deadline, late.
func expire(b *bench, late time.Duration) {
	if at, ok := b.m.Deadline(); ok {
		b.now = at.Add(late)
	}
	b.do(b.m.Expire(b.now))
}

// try notes the actions of an input that may be refused, or that it was.
func try(b *bench) func([]vrrp.Action, error) {
	return func(actions []vrrp.Action, err error) {
		b.do(actions)
		if err != nil {
			b.got = append(b.got, "refused")
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// cell is what a machine of advbase 1 and advskew 100 does on one input in one
// state, and when its next deadline is then.
type cell string

// matrix has every input in every state, those on which nothing happens too.
// Backup and Master are entered 400 ms before the input, with 2990.625 ms of the
// master-down timer and 990.625 ms of the advertisement timer left.
var matrix = []struct {
	input                string
	do                   func(*harness)
	init, backup, master cell
}{
	{"Startup", func(h *harness) { h.do(h.m.Startup(h.now, local)) },
		"remove 192.0.2.100; Init -> Backup: startup; 3.390625s",
		"2.990625s",
		"990.625ms"},
	{"Startup with another source", func(h *harness) { h.do(h.m.Startup(h.now, higherPeer)) },
		"remove 192.0.2.100; Init -> Backup: startup; 3.390625s",
		"2.990625s",
		"990.625ms"},
	{"Shutdown", func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonShutdown)) },
		"no deadline",
		"Backup -> Init: shutdown; no deadline",
		"send 255/255; Master -> Init: shutdown; 1.490625s"},
	{"Shutdown for link down", func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown)) },
		"no deadline",
		"Backup -> Init: link down; no deadline",
		"send 255/255; remove 192.0.2.100; Master -> Init: link down; no deadline"},
	{"Shutdown for maintenance", func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonMaintenance)) },
		"no deadline",
		"Backup -> Init: maintenance; no deadline",
		"send 255/255; Master -> Init: maintenance; 1.490625s"},
	{"Restrain", func(h *harness) { h.do(h.m.Restrain(h.now, true)) },
		"no deadline",
		"2.990625s",
		"990.625ms"},
	{"Expire early", func(h *harness) { h.do(h.m.Expire(h.now)) },
		"no deadline",
		"2.990625s",
		"990.625ms"},
	{"Expire on time", func(h *harness) { expire(h, 0) },
		"no deadline",
		"send 1/100; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Master: master timed out; 1.390625s",
		"send 1/100; 1.390625s"},
	{"Expire late", func(h *harness) { expire(h, 1500*time.Millisecond) },
		"no deadline",
		"send 1/100; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Master: master timed out; 1.390625s",
		"send 1/100; 1.28125s"},
	{"bow-out", func(h *harness) { h.hear(higherPeer, adv(255, 255)) },
		"discard: not taking part; no deadline",
		"send 1/100; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Master: master bowed out (peer 192.0.2.3, advbase 255 advskew 255); 1.390625s",
		"announce 192.0.2.100 x5; send 1/100; 1.390625s"},
	{"worse", func(h *harness) { h.hear(higherPeer, adv(1, 101)) },
		"discard: not taking part; no deadline",
		"3.390625s",
		"notice: competing master; announce 192.0.2.100 x5; send 1/100; 990.625ms"},
	{"equal, of lower address", func(h *harness) { h.hear(lowerPeer, adv(1, 100)) },
		"discard: not taking part; no deadline",
		"notice: peer of equal rank; 3.390625s",
		"notice: peer of equal rank; send 1/101; Master -> Backup: peer of equal rank has lower address (peer 192.0.2.1, advbase 1 advskew 100); 50ms"},
	{"equal, of higher address", func(h *harness) { h.hear(higherPeer, adv(1, 100)) },
		"discard: not taking part; no deadline",
		"notice: peer of equal rank; 3.390625s",
		"notice: peer of equal rank; notice: competing master; announce 192.0.2.100 x5; send 1/100; 990.625ms"},
	{"better", func(h *harness) { h.hear(higherPeer, adv(1, 99)) },
		"discard: not taking part; no deadline",
		"3.390625s",
		"send 1/100; Master -> Backup: more frequent advertisement received (peer 192.0.2.3, advbase 1 advskew 99); 50ms"},
	{"forced", func(h *harness) { h.hear(higherPeer, adv(0, 0)) },
		"discard: not taking part; no deadline",
		"3.390625s",
		"send 1/100; Master -> Backup: more frequent advertisement received (peer 192.0.2.3, advbase 0 advskew 0); 50ms"},
	{"sure to time out", func(h *harness) { h.hear(higherPeer, adv(4, 0)) },
		"discard: not taking part; no deadline",
		"send 1/100; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Master: master will time out (peer 192.0.2.3, advbase 4 advskew 0); 1.390625s",
		"notice: competing master; announce 192.0.2.100 x5; send 1/100; 990.625ms"},
	{"own packet", func(h *harness) { h.hear(local, adv(1, 99)) },
		"discard: not taking part; no deadline",
		"discard: own packet; 2.990625s",
		"discard: own packet; 990.625ms"},
	{"Resign", func(h *harness) { h.do(h.m.Resign(h.now, 0)) },
		"no deadline",
		"2.990625s",
		"send 255/255; Master -> Backup: resigned; 1.490625s"},
	{"Resign for a minute", func(h *harness) { h.do(h.m.Resign(h.now, time.Minute)) },
		"no deadline",
		"2.990625s",
		"send 255/255; Master -> Backup: resigned; 1.490625s"},
	{"Force", func(h *harness) { h.do(h.m.Force(h.now, 0)) },
		"no deadline",
		"send 0/0; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Master: forced; 1.390625s",
		"send 0/0; 1.390625s"},
	{"Force for a second", func(h *harness) { h.do(h.m.Force(h.now, time.Second)) },
		"no deadline",
		"send 0/0; add 192.0.2.100; announce 192.0.2.100 x5; Backup -> Master: forced; 1s",
		"send 0/0; 1s"},
	{"Demote", func(h *harness) { h.do(h.m.Demote(h.now, "test", 50)) },
		"no deadline",
		"3.1859375s",
		"send 1/150; 1.5859375s"},
	{"Undemote", func(h *harness) { h.do(h.m.Undemote(h.now, "test")) },
		"no deadline",
		"2.990625s",
		"990.625ms"},
	{"DemoteHost", func(h *harness) { h.do(h.m.DemoteHost(h.now, 50)) },
		"no deadline",
		"3.1859375s",
		"send 1/150; 1.5859375s"},
	{"Reconfigure unchanged", func(h *harness) { h.reconfigure() },
		"no deadline",
		"2.990625s",
		"990.625ms"},
	{"Reconfigure advskew", func(h *harness) { h.reconfigure(timing(1, 50)) },
		"no deadline",
		"2.7953125s",
		"send 1/50; 1.1953125s"},
	{"Reconfigure advbase", func(h *harness) { h.reconfigure(timing(2, 100)) },
		"no deadline",
		"6.390625s",
		"send 2/100; 2.390625s"},
	{"Reconfigure other address", func(h *harness) {
		h.reconfigure(func(c *carp.Config) { c.Addresses = prefixes("192.0.2.7/24") })
	},
		"no deadline",
		"2.990625s",
		"add 192.0.2.7; announce 192.0.2.7 x5; remove 192.0.2.100; 990.625ms"},
	{"Reconfigure other virtual host", func(h *harness) { h.reconfigure(func(c *carp.Config) { c.VHID = 7 }) },
		"refused; no deadline",
		"refused; 2.990625s",
		"refused; 990.625ms"},
	{"AddressesAdded", func(h *harness) { h.do(h.m.AddressesAdded(h.now, nil)) },
		"no deadline",
		"2.990625s",
		"990.625ms"},
	{"AddressesAdded with an error", func(h *harness) { h.do(h.m.AddressesAdded(h.now, errors.New("full"))) },
		"no deadline",
		"2.990625s",
		"send 255/255; remove 192.0.2.100; Master -> Backup: addresses could not be added: full; 3.390625s"},
	{"AddressesRemoved", func(h *harness) { h.do(h.m.AddressesRemoved(h.now)) },
		"no deadline",
		"2.990625s",
		"990.625ms"},
	{"Claimed", func(h *harness) { h.do(h.m.Claimed(h.now, netip.MustParseAddr("192.0.2.100"))) },
		"no deadline",
		"2.990625s",
		"conflict: 192.0.2.100; announce 192.0.2.100 x1; 990.625ms"},
	{"Slept", func(h *harness) { h.do(h.m.Slept(h.now)) },
		"no deadline",
		"3.390625s",
		"remove 192.0.2.100; Master -> Backup: slept; 3.390625s"},
}

func TestEveryInputInEveryState(t *testing.T) {
	for _, row := range matrix {
		for _, column := range []struct {
			state carp.State
			start func() *harness
			want  cell
		}{
			{carp.Init, func() *harness { return newHarness(t, config()) }, row.init},
			{carp.Backup, func() *harness { return backup(t) }, row.backup},
			{carp.Master, func() *harness { return master(t) }, row.master},
		} {
			t.Run(fmt.Sprint(row.input, "/", column.state), func(t *testing.T) {
				h := column.start()
				h.t = t
				h.advance(400 * time.Millisecond)
				row.do(h)
				if got := h.cell(); got != column.want {
					t.Errorf("got\n%q, want\n%q", got, column.want)
				}
			})
		}
	}
}

// cell describes what happened since the last call.
func (h *harness) cell() cell {
	deadline := "no deadline"
	if at, ok := h.m.Deadline(); ok {
		deadline = at.Sub(h.now).String()
	}
	return cell(strings.Join(append(h.got, deadline), "; "))
}

// expire expires the next deadline, late.
func expire(h *harness, late time.Duration) {
	if at, ok := h.m.Deadline(); ok {
		h.now = at.Add(late)
	}
	h.do(h.m.Expire(h.now))
}

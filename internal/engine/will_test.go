// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// guarded makes a bench with a guard.
func guarded(t *testing.T) *bench {
	guard := &notary{}
	b := newBench(t, func(c *engine.Config) { c.Guard = guard })
	guard.bench = b
	return b
}

// wills returns what the guard was told, and empties the journal.
func (b *bench) wantWills(want ...string) {
	b.t.Helper()
	got := *b.journal
	b.forget()
	for _, line := range got {
		if len(line) > 5 && line[:5] == "will " {
			b.note("%s", line)
		}
	}
	b.want(want...)
}

func TestWill(t *testing.T) {
	b := guarded(t)
	m := b.add(1, with(&backend{bench: b}), func(c *engine.SeatConfig) {
		c.Addresses = prefixes("192.0.2.101/32", "192.0.2.111/32")
		c.Devices = map[netip.Prefix]string{c.Addresses[1]: "dummy0"}
	})
	b.turn()
	b.wantWills() // nothing to leave
	m.hold()
	b.turn()
	held := ` from 192.0.2.1 to 224.0.0.18 on eth0 within 3s, remove [192.0.2.101/32 on eth0 192.0.2.111/32 on dummy0]`
	b.wantWills(`will 0: "goodbye from seat 1"` + held)
	b.advance(5 * time.Second)
	b.wantWills()
	m.seat.GoodbyeChanged()
	m.follow(engine.Holding, m.standing.Deadline)
	b.wantWills(`will 0: "goodbye from seat 1"` + held)
	m.mute = true
	m.seat.GoodbyeChanged()
	m.follow(engine.Holding, m.standing.Deadline)
	b.wantWills(`will 0: ""` + held)
	b.engine.Stop()
	b.turn()
	b.wantWills(`will 0: "" from 192.0.2.1 to 224.0.0.18 on eth0 within 0s, remove [192.0.2.101/32 on eth0 192.0.2.111/32 on dummy0]`)
	b.advance(handOver)
	b.wantWills("will 0: none")
}

// Each leg says goodbye for itself, under an identifier of its own; the first has
// the addresses.
func TestWillOfTwoLegs(t *testing.T) {
	b := guarded(t)
	b.add(9)
	m := b.add(1, both, with(&backend{bench: b}))
	b.turn()
	m.hold()
	b.wantWills(
		`will 1: "goodbye from seat 1" from 192.0.2.1 to 224.0.0.18 on eth0 within 3s, remove [192.0.2.101/32 on eth0]`,
		`will 2: "goodbye from seat 1" from fe80::1 to ff02::12 on eth0 within 3s, remove []`,
	)
	b.network.setAddresses("eth0", "fe80::1") // the first is silent, and keeps the addresses
	b.turn()
	b.wantWills(
		`will 1: "" from invalid IP to 224.0.0.18 on eth0 within 3s, remove [192.0.2.101/32 on eth0]`,
		`will 2: "goodbye from seat 1" from fe80::1 to ff02::12 on eth0 within 3s, remove []`,
	)
	b.network.setAddresses("eth0", "192.0.2.1") // both are told of one after the other
	b.turn()
	b.forget()
	m.follow(engine.Releasing, time.Time{})
	b.wantWills(
		`will 1: "" from 192.0.2.1 to 224.0.0.18 on eth0 within 0s, remove [192.0.2.101/32 on eth0]`,
		"will 2: none",
	)
	m.letGo()
	b.turn()
	b.wantWills("will 1: none", "will 2: none")
}

// What could not be removed stays in the will until it is.
func TestWillOfWhatIsLeft(t *testing.T) {
	b := guarded(t)
	d := &backend{bench: b, fails: map[string]error{"remove": os.ErrPermission}}
	m := b.add(1, with(d))
	b.turn()
	m.hold()
	b.turn()
	b.forget()
	m.letGo()
	b.turn()
	b.wantWills(`will 0: "" from 192.0.2.1 to 224.0.0.18 on eth0 within 0s, remove [192.0.2.101/32 on eth0]`)
	delete(d.fails, "remove")
	b.advance(time.Second)
	b.wantWills("will 0: none")
}

// Without a backend, or with addresses that stay for good, there is nothing to
// remove.
func TestWillWithoutAddresses(t *testing.T) {
	for name, change := range map[string]func(*engine.SeatConfig){
		"no backend": func(*engine.SeatConfig) {},
		"for good":   func(c *engine.SeatConfig) { c.Addresses = nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := guarded(t)
			m := b.add(1, change)
			b.turn()
			m.hold()
			b.wantWills(`will 0: "goodbye from seat 1" from 192.0.2.1 to 224.0.0.18 on eth0 within 3s, remove []`)
		})
	}
}

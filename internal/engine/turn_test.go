// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// What has arrived comes before links, claims, posted functions and deadlines, and
// what is sent leaves before the guard is told that the loop is alive.
func TestTurnOrder(t *testing.T) {
	var guard *notary
	b := newBench(t, func(c *engine.Config) { guard = &notary{}; c.Guard = guard })
	guard.bench = b
	m := b.add(1, with(&backend{bench: b}))
	keeper := b.add(2)
	b.turn()
	m.hold()
	keeper.hold()
	b.turn()
	keeper.follow(engine.Releasing, time.Time{})
	b.forget()
	guard.tells = true

	b.now = b.now.Add(time.Second)
	b.network.inbox = []packet{{src: addr("192.0.2.9"), at: b.now, payload: "\x01hello"}}
	b.network.setAddresses("eth0", "192.0.2.8")
	b.network.claims = []claim{{0, addr("192.0.2.102"), [6]byte{2, 0, 0, 0, 0, 9}}}
	m.seat.Holder.Add(m.addrs)
	b.engine.Turn()
	b.want(
		"seat 1: hears hello from 192.0.2.9 at +1s",
		"seat 1: startup from 192.0.2.8",
		`will 0: "goodbye from seat 1" from 192.0.2.8 to 224.0.0.18 on eth0 within 3s, remove [192.0.2.101/32 on eth0]`,
		"seat 2: startup from 192.0.2.8",
		`will 1: "" from 192.0.2.8 to 224.0.0.18 on eth0 within 0s, remove []`,
		"seat 1: 192.0.2.102 is claimed by 02:00:00:00:00:09",
		"seat 2: 192.0.2.102 is claimed by 02:00:00:00:00:09",
		"port 0 sends hold from 192.0.2.8 to 224.0.0.18",
		"beat",
		"add [192.0.2.101/32]",
	)
}

func TestArrivalTimeIsWithinTheTurns(t *testing.T) {
	b := newBench(t)
	b.add(1)
	b.now = epoch.Add(time.Second)
	b.turn()
	b.now = epoch.Add(3 * time.Second)
	for _, at := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second} {
		b.network.inbox = append(b.network.inbox, packet{src: addr("192.0.2.9"), at: epoch.Add(at), payload: "\x01x"})
	}
	b.network.inbox = append(b.network.inbox, packet{port: 5, payload: "\x01x"}) // of nobody
	b.forget()
	b.engine.Turn()
	b.want(
		"seat 1: hears x from 192.0.2.9 at +1s",
		"seat 1: hears x from 192.0.2.9 at +1s",
		"seat 1: hears x from 192.0.2.9 at +2s",
		"seat 1: hears x from 192.0.2.9 at +3s",
	)
}

func TestClockDoesNotRunBackwards(t *testing.T) {
	b := newBench(t)
	b.now = epoch.Add(-time.Hour)
	b.turn()
	if got := b.engine.Now(); got != epoch {
		t.Errorf("now %v", got)
	}
}

// A loop that is later than the peers are patient tells so before anything else, and
// what has arrived meanwhile is distrusted for that turn.
func TestSlept(t *testing.T) {
	for name, c := range map[string]struct {
		late  time.Duration
		slept bool
	}{
		"as long as the peers wait": {patience, false},
		"longer":                    {patience + 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.add(1).hold()
			until, _ := b.turn()
			b.forget()
			b.now = until.Add(c.late)
			b.network.inbox = []packet{{payload: "\x01x", src: addr("192.0.2.9"), at: epoch}}
			b.engine.Turn()
			if c.slept {
				b.want("seat 1: slept", "seat 1: asleep")
			} else {
				b.want("seat 1: hears x from 192.0.2.9 at +0s", "port 0 sends hold from 192.0.2.1 to 224.0.0.18")
			}
			b.forget()
			b.network.inbox = []packet{{payload: "\x01y", src: addr("192.0.2.9"), at: b.now}}
			b.turn()
			if got := (*b.journal)[0]; !strings.HasPrefix(got, "seat 1: hears y") {
				t.Errorf("in the next turn: %q", got)
			}
		})
	}
}

// One whose turn takes long asks for the next while it is behind: that alone is
// no sleep, and is told once.
func TestSleepIsToldOnce(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	m.hold()
	until, _ := b.turn()
	b.forget()
	b.now = until.Add(time.Minute)
	_ = m.seat.Do(func(time.Time) error { return nil }) // notices it too
	b.turn()
	if (*b.journal)[0] != "seat 1: slept" || len(*b.journal) > 2 {
		t.Errorf("%q", *b.journal)
	}
}

func TestSuspendedCountsAsSleep(t *testing.T) {
	var s *suspending
	b := newBench(t)
	s = &suspending{network: b.network, total: time.Hour} // what was before doesn't count
	b.engine = engine.New(engine.Config{Protocol: "test", Closed: errClosed, Network: s, Now: func() time.Time { return b.now }, Receive: b.receive})
	b.add(1).hold()
	b.turn()
	b.forget()
	b.advance(10 * time.Second)
	if len(*b.journal) != 10 {
		t.Errorf("%q", *b.journal)
	}
	b.forget()
	s.total += 10 * time.Second
	b.turn()
	b.want("seat 1: slept", "seat 1: removed")
}

// How long a holder was silent is what the clock says since its last advertisement
// and what the clock doesn't say.
func TestSuspendedCountsAsSilence(t *testing.T) {
	var s *suspending
	b := newBench(t)
	s = &suspending{network: b.network}
	b.engine = engine.New(engine.Config{Protocol: "test", Closed: errClosed, Network: s, Now: func() time.Time { return b.now }, Receive: b.receive})
	m := b.add(1)
	m.hold()
	b.turn()
	if err := m.seat.Do(func(now time.Time) error {
		m.seat.Follow(engine.Standing{Role: engine.Holding, Deadline: now.Add(time.Second), Spoke: now, Patience: patience})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	b.turn()
	b.forget()
	b.now = b.now.Add(700 * time.Millisecond)
	s.total += patience - 500*time.Millisecond
	b.turn()
	b.want("seat 1: slept", "seat 1: removed")
}

// Claims are told to who has addresses, or keeps them, on the link.
func TestClaims(t *testing.T) {
	b := newBench(t)
	onEth1 := func(c *engine.SeatConfig) { c.Link = "eth1" }
	releasing, elsewhere, holding := b.add(1), b.add(2, onEth1), b.add(3)
	b.add(4)
	b.turn()
	for _, m := range []*election{releasing, elsewhere} {
		m.follow(engine.Releasing, time.Time{})
	}
	holding.hold()
	b.turn()
	b.forget()
	b.network.claims = []claim{{0, addr("192.0.2.101"), [6]byte{2}}, {7, addr("192.0.2.101"), [6]byte{2}}}
	b.turn()
	b.want("seat 1: 192.0.2.101 is claimed by 02:00:00:00:00:00", "seat 3: 192.0.2.101 is claimed by 02:00:00:00:00:00", "seat 1: removed")
}

// What the network could not send is counted, and told at a bounded rate.
func TestUnsent(t *testing.T) {
	b := newBench(t)
	b.add(1).hold()
	b.network.refused = errors.New("no buffer space")
	b.advance(5 * time.Second)
	var unsent uint64
	b.engine.Do(func() { unsent = b.engine.Unsent() })
	if unsent != 5 {
		t.Errorf("%d packets unsent", unsent)
	}
	b.wantLog(`msg="packet not sent" link=eth0 error="no buffer space" suppressed=0`, 1)
	b.wantLog("packet not sent", 1)
}

// A packet whose port is gone meanwhile counts, and is no matter for the log.
func TestUnsentOnAFormerPort(t *testing.T) {
	b := newBench(t)
	b.network.queue = []packet{{port: 3}}
	b.network.refused = errors.New("gone")
	b.turn()
	if b.engine.Unsent() != 1 || b.log.Len() > 0 {
		t.Errorf("%d, %s", b.engine.Unsent(), b.log)
	}
}

// A turn in which nothing changes takes no memory.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	b := newBench(t)
	b.network.quiet = true
	m := b.add(1, both)
	word := []byte("hold")
	m.hold()
	b.turn()
	if n := testing.AllocsPerRun(100, func() {
		b.now = b.now.Add(time.Second)
		b.engine.Turn()
		m.seat.Send(m.seat.Leg(0), group4, word)
	}); n != 0 {
		t.Errorf("%v allocations in a turn", n)
	}
}

func BenchmarkTurn(b *testing.B) {
	bench := newBench(b)
	bench.network.quiet = true
	for i := range 150 {
		bench.add(uint8(i+1), func(c *engine.SeatConfig) { c.Addresses = nil }).hold()
	}
	bench.turn()
	b.ReportAllocs()
	for b.Loop() {
		bench.now = bench.now.Add(time.Second)
		bench.engine.Turn()
	}
}

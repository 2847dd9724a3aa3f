// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// linesWith returns the lines of the journal that contain text, and empties it.
func (b *bench) linesWith(text string) (lines []string) {
	for _, line := range *b.journal {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	b.forget()
	return lines
}

// leases returns the lines about leases, and empties the journal.
func (b *bench) leases() []string { return b.linesWith("lease") }

// wantLeases compares the lines about leases, in whatever order.
func (b *bench) wantLeases(want ...string) {
	b.t.Helper()
	got := b.leases()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		b.t.Errorf("leases %q, want %q", got, want)
	}
}

// Seats with the same backend and lease have it renewed in one call; another
// backend, or another lease, is a call of its own.
func TestLeasesAreRenewedTogether(t *testing.T) {
	b := newBench(t)
	one, other := leasing{&backend{bench: b, name: "one: "}}, leasing{&backend{bench: b, name: "other: "}}
	b.add(1, with(one)).hold()
	b.add(2, with(one)).hold()
	b.add(3, with(other)).hold()
	b.add(4, with(one), func(c *engine.SeatConfig) { c.Interval = 2 * time.Second }).hold()
	b.advance(10 * time.Second)
	b.forget()
	b.advance(2 * time.Second)
	b.wantLeases(
		"one: lease [192.0.2.101/32 192.0.2.102/32] for 3s", "other: lease [192.0.2.103/32] for 3s",
		"one: lease [192.0.2.101/32 192.0.2.102/32] for 3s", "other: lease [192.0.2.103/32] for 3s", "one: lease [192.0.2.104/32] for 6s",
	)
}

// A lease is the largest whole number of seconds in three intervals, two at least,
// and renewed before half of it is over.
func TestLeaseTime(t *testing.T) {
	for interval, want := range map[time.Duration]string{
		10 * time.Millisecond:   "for 2s",
		time.Second:             "for 3s",
		1300 * time.Millisecond: "for 3s",
		40 * time.Second:        "for 2m0s",
	} {
		b := newBench(t)
		b.add(1, with(leasing{&backend{bench: b}}), func(c *engine.SeatConfig) { c.Interval = interval }).hold()
		b.advance(2 * time.Minute)
		lines := b.leases()
		if len(lines) == 0 || !strings.HasSuffix(lines[0], want) {
			t.Errorf("interval %v: %q", interval, lines)
		}
		lifetime, _ := time.ParseDuration(strings.TrimPrefix(want, "for "))
		if least := int(2 * time.Minute / lifetime * 2); len(lines) < least {
			t.Errorf("interval %v: %d leases in two minutes, want %d", interval, len(lines), least)
		}
	}
}

// Only who holds the role has its addresses leased again, and only while it can be
// heard.
func TestLeaseFollowsTheRole(t *testing.T) {
	b := newBench(t)
	m := b.add(1, with(leasing{&backend{bench: b}}))
	m.loyal = true
	b.turn()
	m.send("word")
	b.turn()
	b.wantLeases()
	m.hold()
	b.advance(2 * time.Second)
	if len(b.leases()) < 2 {
		t.Error("no leases")
	}
	b.network.setAddresses("eth0")
	b.advance(5 * time.Second)
	b.wantLeases()
	b.network.setAddresses("eth0", "192.0.2.1")
	b.advance(2 * time.Second)
	if len(b.leases()) == 0 {
		t.Error("not leased again")
	}
	m.letGo()
	b.advance(5 * time.Second)
	b.wantLeases()
}

// If a lease can't be renewed each seat asks by itself, and learns whether its own
// addresses are there.
func TestLeaseThatIsNotRenewed(t *testing.T) {
	b := newBench(t)
	d := leasing{&backend{bench: b, fails: map[string]error{}}}
	b.add(1, with(d)).hold()
	b.add(2, with(d))
	b.advance(5 * time.Second)
	b.forget()
	d.fails["lease"] = errors.New("out of memory")
	b.advance(time.Second)
	b.want(
		"port 0 sends hold from 192.0.2.1 to 224.0.0.18",
		"lease [192.0.2.101/32] for 3s", // the renewal
		"lease [192.0.2.101/32] for 3s", // its own
		"seat 1: failed: addresses not added: out of memory, and 0 more",
		"seat 1: added: out of memory",
		"remove [192.0.2.101/32]",
		"seat 1: removed",
	)
	b.wantLog(`msg="leases not renewed" error="out of memory" suppressed=0`, 1)
}

// Addresses are held for good where they can't be leased, or are not to be.
func TestHeldWithoutLease(t *testing.T) {
	for name, c := range map[string]struct {
		backend func(*backend) engine.Backend
		never   bool
		want    string
	}{
		"no leaser":       {func(d *backend) engine.Backend { return d }, false, "add [192.0.2.101/32]"},
		"not wished for":  {func(d *backend) engine.Backend { return leasing{d} }, true, "add [192.0.2.101/32]"},
		"incomparable":    {func(d *backend) engine.Backend { return incomparable{leasing: leasing{d}} }, false, "add [192.0.2.101/32]"},
		"not implemented": {func(d *backend) engine.Backend { return leasing{d} }, false, "lease [192.0.2.101/32] for 3s"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			d := c.backend(&backend{bench: b, fails: map[string]error{"lease": errors.ErrUnsupported}})
			m := b.add(1, with(d), func(s *engine.SeatConfig) { s.NoLease = c.never })
			b.turn()
			b.forget()
			m.hold()
			b.turn()
			if got := (*b.journal)[1]; got != c.want || !slices.Contains(*b.journal, "add [192.0.2.101/32]") || len(m.seat.Holder.Held()) != 1 {
				t.Errorf("%q", *b.journal)
			}
			b.forget()
			b.advance(5 * time.Second)
			if slices.Contains(*b.journal, "add [192.0.2.101/32]") || m.standing.Role != engine.Holding {
				t.Errorf("%q", *b.journal)
			}
		})
	}
}

// Another interval is another lease, at once.
func TestConfigureAnotherLease(t *testing.T) {
	b := newBench(t)
	d := leasing{&backend{bench: b}}
	m := b.add(1, with(d))
	b.add(2, with(d)).hold()
	m.hold()
	b.advance(3 * time.Second)
	b.forget()
	m.seat.Configure(engine.Settings{Interval: 5 * time.Second, Addresses: m.addrs})
	m.interval = 5 * time.Second
	b.advance(time.Second)
	b.wantLeases("lease [192.0.2.102/32] for 3s", "lease [192.0.2.101/32] for 15s")
}

// Addresses whose renewal fell to a moment in which others were added are leased
// again when that is done, and not with the next advertisement.
func TestLeaseRenewedAfterAdding(t *testing.T) {
	b := newBench(t)
	m := b.add(1, with(leasing{&backend{bench: b}}))
	m.hold()
	b.advance(3 * time.Second)
	b.forget()
	if err := m.seat.Do(func(now time.Time) error {
		m.seat.Configure(engine.Settings{Interval: time.Second, Addresses: slices.Concat(m.addrs, prefixes("192.0.2.201/32"))})
		m.seat.Holder.Add(prefixes("192.0.2.201/32"))
		m.follow(engine.Holding, now.Add(m.interval))
		m.send("hold")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	b.turn()
	b.wantLeases("lease [192.0.2.201/32] for 3s", "lease [192.0.2.101/32 192.0.2.201/32] for 3s")
}

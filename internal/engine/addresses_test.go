// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// The outcome of address work comes back as an event.
func TestAddressesAdded(t *testing.T) {
	for name, fails := range map[string]error{"done": nil, "refused": os.ErrPermission} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			m := b.add(1, with(&backend{bench: b, fails: map[string]error{"add": fails}}))
			b.turn()
			m.hold()
			b.forget()
			b.turn()
			want := []string{"port 0 sends hold from 192.0.2.1 to 224.0.0.18", "add [192.0.2.101/32]", "seat 1: added: <nil>"}
			if fails != nil {
				want = append(want[:2], "seat 1: failed: addresses not added: permission denied, and 0 more", "seat 1: added: permission denied",
					"remove [192.0.2.101/32]", "seat 1: removed")
			}
			b.want(want...)
			if !errors.Is(m.seat.LastError(), fails) {
				t.Errorf("last error %v", m.seat.LastError())
			}
		})
	}
}

// A removal that failed is tried again at growing intervals, up to a minute, until
// it is done; the next failure begins from the start.
func TestRemovalIsRetried(t *testing.T) {
	b := newBench(t)
	d := &backend{bench: b, fails: map[string]error{"remove": os.ErrPermission}}
	m := b.add(1, with(d))
	b.turn()
	attempts := func(d time.Duration) (gaps []time.Duration) {
		b.t.Helper()
		last := b.now
		for end := b.now.Add(d); b.now.Before(end); {
			b.forget()
			b.advance(100 * time.Millisecond)
			if slices.Contains(*b.journal, "remove [192.0.2.101/32]") {
				gaps, last = append(gaps, b.now.Sub(last)), b.now
			}
		}
		return gaps
	}
	m.hold()
	b.turn()
	m.letGo()
	want := []time.Duration{100 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute}
	if got := attempts(4 * time.Minute); !slices.EqualFunc(got, want, near) {
		t.Errorf("attempts after %v, want %v", got, want)
	}
	delete(d.fails, "remove")
	if got := attempts(5 * time.Minute); len(got) != 1 || len(m.seat.Holder.Held()) > 0 {
		t.Errorf("%d attempts after the cause was gone, left %v", len(got), m.seat.Holder.Held())
	}
	d.fails["remove"] = os.ErrPermission
	m.hold()
	b.turn()
	m.letGo()
	if got := attempts(4 * time.Second); !slices.EqualFunc(got, want[:3], near) {
		t.Errorf("the next time: attempts after %v", got)
	}
}

// Addresses that go one after the other, as the successor announces each, and can't,
// are one failure.
func TestRemovalsThatFailAreRetriedTogether(t *testing.T) {
	b := newBench(t)
	d := &backend{bench: b, fails: map[string]error{"remove": os.ErrPermission}}
	m := b.add(1, with(d))
	m.addrs = prefixes("192.0.2.101/32", "192.0.2.102/32", "192.0.2.103/32")
	m.hold()
	b.turn()
	m.follow(engine.Watching, time.Time{})
	for i := range m.addrs {
		m.seat.Holder.Remove(m.addrs[i : i+1])
		b.turn()
	}
	b.forget()
	for _, want := range []int{0, 1, 1, 1, 1, 2, 2, 2} {
		b.advance(500 * time.Millisecond)
		if got := len(*b.journal); got != want {
			t.Errorf("%d attempts until %v, want %d: %q", got, b.now.Sub(epoch), want, *b.journal)
		}
	}
}

// Who has taken the role in between begins anew with the attempts.
func TestRemovalIsRetriedSoonAfterAnotherTerm(t *testing.T) {
	b := newBench(t)
	d := &backend{bench: b, fails: map[string]error{"remove": os.ErrPermission}}
	m := b.add(1, with(d))
	m.hold()
	b.turn()
	m.letGo()
	b.advance(20 * time.Second)
	m.hold()
	b.advance(time.Minute)
	m.letGo()
	b.turn()
	b.forget()
	b.advance(time.Second)
	b.want("remove [192.0.2.101/32]")
}

// near reports whether two times differ by the resolution of the test.
func near(a, b time.Duration) bool { return max(a, b)-min(a, b) <= 100*time.Millisecond }

// At the end a removal that failed before is tried once more, and not waited for.
func TestRemovalIsTriedAgainAtTheEnd(t *testing.T) {
	b := newBench(t)
	d := &backend{bench: b, fails: map[string]error{"remove": os.ErrPermission}}
	m := b.add(1, with(d))
	b.turn()
	m.hold()
	b.turn()
	m.letGo()
	b.turn()
	b.forget()
	delete(d.fails, "remove")
	b.engine.Stop()
	if _, done := b.turn(); !done || len(m.seat.Holder.Held()) > 0 {
		t.Errorf("done %v, left %v", done, m.seat.Holder.Held())
	}
	b.want("seat 1: shutdown, stopping", "remove [192.0.2.101/32]", "seat 1: removed")
}

// An address that one seat gives up and another one on the link takes is there in the
// end, although the removal comes last.
func TestAddressGivenUpIsPassedOn(t *testing.T) {
	b := newBench(t)
	d := &backend{bench: b}
	first, second := b.add(1, with(d)), b.add(2, with(d))
	elsewhere := b.add(3, with(d), func(c *engine.SeatConfig) { c.Link = "eth1" })
	b.turn()
	for _, m := range []*election{first, second, elsewhere} {
		m.hold()
	}
	b.turn()
	b.move(first, second)
	b.want("add [192.0.2.200/32]", "remove [192.0.2.200/32]", "seat 2: added: <nil>", "seat 1: removed", "add [192.0.2.200/32]", "seat 2: added: <nil>")
}

// move has an address that one seat holds besides its own given up, and taken by another
// one before it is removed.
func (b *bench) move(from, to *election) {
	moved := prefixes("192.0.2.200/32")
	both := append(prefixes("192.0.2.101/32"), moved...)
	from.seat.Configure(engine.Settings{Name: "seat 1", Interval: time.Second, Addresses: both})
	from.seat.Holder.Add(moved)
	b.turn()
	from.seat.Configure(engine.Settings{Name: "seat 1", Interval: time.Second, Addresses: both[:1]})
	to.seat.Configure(engine.Settings{Name: "seat 2", Interval: time.Second, Addresses: moved})
	to.seat.Holder.Add(moved)
	from.seat.Holder.Remove(moved)
	b.forget()
	b.turn()
}

// A removal that failed may have removed some of the addresses, and each further attempt
// may: those that another seat has taken are there after each.
func TestAddressGivenUpIsPassedOnAfterEachAttempt(t *testing.T) {
	b := newBench(t)
	d := &backend{bench: b, fails: map[string]error{"remove": os.ErrPermission}}
	first, second := b.add(1, with(d)), b.add(2, with(d))
	b.turn()
	first.hold()
	second.hold()
	b.turn()
	b.move(first, second)
	again := []string{"add [192.0.2.200/32]", "seat 2: added: <nil>"}
	b.want(append([]string{"add [192.0.2.200/32]", "remove [192.0.2.200/32]", "seat 2: added: <nil>",
		"seat 1: failed: addresses not removed: permission denied, and 0 more"}, again...)...)
	b.advance(2 * time.Second)
	b.wantWork(append([]string{"remove [192.0.2.200/32]"}, again...)...)
	delete(d.fails, "remove")
	b.advance(4 * time.Second)
	b.wantWork(append([]string{"remove [192.0.2.200/32]", "seat 1: removed"}, again...)...)
	b.advance(time.Minute)
	b.wantWork()
}

// wantWork is want, but for what is sent.
func (b *bench) wantWork(lines ...string) {
	b.t.Helper()
	*b.journal = slices.DeleteFunc(*b.journal, func(line string) bool { return strings.HasPrefix(line, "port ") })
	if len(*b.journal) == 0 {
		b.forget()
	}
	b.want(lines...)
}

// The network announces, from the seat's MAC address, unless something else does.
func TestAnnouncements(t *testing.T) {
	b := newBench(t)
	network := &announcing{network: b.network}
	b.engine = engine.New(engine.Config{Protocol: "test", Noun: "seat", Closed: errClosed, Network: network,
		Now: func() time.Time { return b.now }, Receive: b.receive})
	m := b.add(1, func(c *engine.SeatConfig) { c.MAC = [6]byte{0, 0, 0x5e, 0, 1, 1} })
	b.turn()
	b.forget()
	m.seat.Holder.Announce(m.addrs, 2)
	b.turn()
	network.fails = errors.New("link is down")
	m.seat.Holder.Announce(m.addrs, 1)
	b.turn()
	line := "announce [192.0.2.101] on eth0 by 00:00:5e:00:01:01"
	b.want(line, line, line, "seat 1: failed: addresses not announced: link is down, and 0 more")
	if got := m.seat.Announced(); got != (engine.Announced{Calls: 3, Errors: 1}) || m.seat.LastError() != network.fails {
		t.Errorf("%+v, last error %v", got, m.seat.LastError())
	}
}

func TestFailuresAreLoggedAtABoundedRate(t *testing.T) {
	b := newBench(t)
	m := b.add(1)
	for range 100 {
		m.seat.Failed("nothing done", os.ErrPermission)
	}
	b.wantLog(`msg="nothing done" seat="seat 1" error="permission denied" suppressed=0`, 1)
	b.now = b.now.Add(time.Minute)
	b.turn()
	m.seat.Failed("nothing done", os.ErrPermission)
	b.wantLog("suppressed=99", 1)
}

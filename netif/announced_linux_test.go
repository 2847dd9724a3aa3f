// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var announced4 = netip.MustParseAddr("192.0.2.1")

// announcedTable returns a table with two links, to which an address was announced at the time 1 unless that is 0.
func announcedTable(at bool) *recorder {
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	r.apply(unix.RTM_NEWLINK, linkBody(3, "eth1", flagsUp))
	if at {
		r.announced.add(1, []netip.Addr{announced4})
	}
	return r
}

// TestAnnouncedAddresses: an address counts from its announcement on, which is a change once, and told once until the loop
// looks.
func TestAnnouncedAddresses(t *testing.T) {
	s := &announcedSet{}
	second, mapped, global := announced4.Next(), netip.AddrFrom16(announced4.As16()), netip.MustParseAddr("2001:db8::1")
	add := func(what string, tell bool, changes uint64, addrs ...netip.Addr) {
		t.Helper()
		if got := s.add(1, addrs); got != tell || s.version() != changes {
			t.Errorf("%s: tells %v, version %d; want %v, %d", what, got, s.version(), tell, changes)
		}
	}
	add("of IPv6, and none", false, 0, global, netip.Addr{})
	add("new", true, 1, announced4)
	add("known", false, 1, announced4, mapped)
	add("new, before the loop looks", false, 2, second)
	s.look()
	add("known, after the loop looked", false, 2, announced4, second)
	add("new, after the loop looked", true, 3, second.Next(), announced4)
	for a, want := range map[netip.Addr]bool{announced4: true, second: true, second.Next().Next(): false, global: false, {}: false} {
		if s.has(a) != want {
			t.Errorf("%v: %v, want %v", a, !want, want)
		}
	}
	if got := s.appendKeys(nil); !slices.Equal(got, []uint32{0xc0000201, 0xc0000202, 0xc0000203}) {
		t.Errorf("keys %x", got)
	}
}

// TestAnnouncedAddressesOfThousands are noted in parts, and told once.
func TestAnnouncedAddressesOfThousands(t *testing.T) {
	s := &announcedSet{}
	var addrs []netip.Addr
	for a := netip.MustParseAddr("10.0.0.0"); len(addrs) < 1000; a = a.Next() {
		addrs = append(addrs, a)
	}
	if !s.add(1, addrs) || s.add(2, addrs) || len(s.list) != len(addrs) {
		t.Errorf("%d addresses", len(s.list))
	}
}

// TestAnnouncedAddressIsForgotten when the kernel tells of its removal, unless it was announced so late that it may have
// been added again since, or another link is known to have it.
func TestAnnouncedAddressIsForgotten(t *testing.T) {
	body := func(index int) []byte { return addressBody(index, "192.0.2.1/32", permanent, 0) }
	for _, tt := range []struct {
		name    string
		happens func(r *recorder)
		want    bool
	}{
		{"removed", func(r *recorder) { r.settled = 2; r.apply(unix.RTM_DELADDR, body(2)) }, false},
		{"removed from a link that is not known", func(r *recorder) { r.settled = 2; r.apply(unix.RTM_DELADDR, body(9)) }, false},
		{"another one removed", func(r *recorder) {
			r.settled = 2
			r.apply(unix.RTM_DELADDR, addressBody(2, "192.0.2.2/32", permanent, 0))
		}, true},
		{"announced after the last look", func(r *recorder) { r.settled = 1; r.apply(unix.RTM_DELADDR, body(2)) }, true},
		{"announced again after the last look", func(r *recorder) {
			r.settled = 2
			r.announced.add(2, []netip.Addr{announced4})
			r.apply(unix.RTM_DELADDR, body(2))
		}, true},
		{"removed once more", func(r *recorder) {
			r.apply(unix.RTM_DELADDR, body(2))
			r.settled = 2
			r.apply(unix.RTM_DELADDR, body(2))
		}, false},
		{"another link has it", func(r *recorder) {
			r.settled = 2
			r.apply(unix.RTM_NEWADDR, body(3))
			r.apply(unix.RTM_DELADDR, body(2))
		}, true},
		{"no link has it any more", func(r *recorder) {
			r.settled = 2
			r.apply(unix.RTM_NEWADDR, body(3))
			r.apply(unix.RTM_DELADDR, body(2))
			r.apply(unix.RTM_DELADDR, body(3))
		}, false},
	} {
		r := announcedTable(true)
		before := r.version(true)
		tt.happens(r)
		if r.has(announced4) != tt.want || len(r.ranges(true)) > 0 != tt.want {
			t.Errorf("%s: %v, ranges %v", tt.name, r.has(announced4), r.ranges(true))
		}
		if !tt.want && r.version(true) == before {
			t.Errorf("%s: the same version", tt.name)
		}
	}
}

// TestAnnouncedAddressInDumps: one that a dump does not list goes if it was announced before that was asked for, and the
// dump was clean.
func TestAnnouncedAddressInDumps(t *testing.T) {
	for _, tt := range []struct {
		name                        string
		before, after, lists, dirty bool
		want                        bool
	}{
		{"listed", true, false, true, false, true},
		{"not listed", true, false, false, false, false},
		{"not listed, and not clean", true, false, false, true, true},
		{"announced while it went on", false, true, false, false, true},
		{"announced before and while it went on", true, true, false, false, true},
	} {
		r := announcedTable(tt.before)
		s := &routeSocket{fd: -1, log: slog.New(slog.DiscardHandler), table: r.linkTable, synced: func() {}, stage: unix.RTM_GETADDR, dirty: tt.dirty}
		r.beginDump()
		for index, name := range []string{"eth0", "eth1"} {
			r.apply(unix.RTM_NEWLINK, linkBody(2+index, name, flagsUp))
		}
		if tt.after {
			r.announced.add(r.began, []netip.Addr{announced4})
		}
		if tt.lists {
			r.apply(unix.RTM_NEWADDR, addressBody(3, "192.0.2.1/32", permanent, 0))
		}
		s.finish(nil)
		if r.has(announced4) != tt.want {
			t.Errorf("%s: %v", tt.name, !tt.want)
		}
	}
}

// TestAddressesListedAndAnnounced: an address that was there before, and is announced, goes with its removal.
func TestAddressesListedAndAnnounced(t *testing.T) {
	r := announcedTable(false)
	body := addressBody(2, "192.0.2.1/32", permanent, 0)
	r.apply(unix.RTM_NEWADDR, body)
	r.announced.add(1, []netip.Addr{announced4})
	if got := r.ranges(true); !slices.Equal(got, []keyRange{{0xc0000201, 0xc0000201}}) {
		t.Errorf("ranges %x", got)
	}
	r.settled = 2
	r.apply(unix.RTM_DELADDR, body)
	if r.has(announced4) || r.announced.list != nil {
		t.Errorf("still there: %v", r.announced.list)
	}
}

// TestRouteSocketSettles: only where nothing is unread is known what was before.
func TestRouteSocketSettles(t *testing.T) {
	s := &routeSocket{table: newRecorder().linkTable}
	s.looked(1)
	s.ready = true
	s.looked(2)
	s.ready, s.resting = false, true
	s.looked(3)
	if s.table.settled != 1 {
		t.Errorf("settled at %d", s.table.settled)
	}
}

// TestAnnouncedAddressesFromAnyGoroutine has many announce while the loop looks.
func TestAnnouncedAddressesFromAnyGoroutine(t *testing.T) {
	r := announcedTable(false)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 200 {
				r.announced.add(1, []netip.Addr{netip.AddrFrom4([4]byte{10, 0, byte(i), byte(j)})})
			}
		})
	}
	for range 200 {
		r.announced.look()
		r.ranges(true)
		r.has(announced4)
		r.settled = 1
		r.apply(unix.RTM_DELADDR, addressBody(2, "10.0.1.7/32", permanent, 0))
	}
	wg.Wait()
	if got := r.ranges(true); len(got) != 4 || got[3].last != 0x0a0003c7 {
		t.Errorf("ranges %x", got)
	}
}

// TestAnnouncementWakesTheLoop: a loop that has nothing to do makes a turn for a new address, and then one more when the
// filters are to be made anew. What comes in between is in these.
func TestAnnouncementWakesTheLoop(t *testing.T) {
	onHost(t, func(n *network) error {
		turn := func() {
			n.waker.drain()
			n.links(func(int, bool, []netip.Addr, error) {})
		}
		announce := func(what string, a netip.Addr, wakes bool) {
			t.Helper()
			if n.announced([]netip.Addr{a}); n.waker.pending.Load() != wakes {
				t.Errorf("%s: wakes the loop: %v", what, !wakes)
			}
		}
		for a := announced4; a != announced4.Next().Next().Next().Next(); a = a.Next().Next() {
			announce("new", a, true)
			if turn(); n.filterAt.IsZero() {
				t.Error("filters are not made anew")
			}
			announce("new, before the filters are made anew", a.Next(), false)
			n.filterAt = time.Now()
			if turn(); !n.filterAt.IsZero() {
				t.Error("filters are made anew for what is in them")
			}
			announce("known", a, false)
		}
		return nil
	})
}

// TestAnnouncementWhileFiltersAreMade: one that comes just when the filters are made anew is in them, or is told. Those after
// it are told in any case.
func TestAnnouncementWhileFiltersAreMade(t *testing.T) {
	n := &network{route: &routeSocket{table: newRecorder().linkTable}}
	s := &n.route.table.announced
	next := announced4
	for round := range 5000 {
		s.add(1, []netip.Addr{next})
		n.filterAt = time.Now()
		var meanwhile sync.WaitGroup
		meanwhile.Go(func() { s.add(1, []netip.Addr{next.Next()}) })
		n.refilter()
		meanwhile.Wait()
		if n.filtered == n.versions() && s.told {
			t.Fatalf("round %d: nothing is left to be done, and what is announced next is not told", round)
		}
		next = next.Next().Next()
	}
}

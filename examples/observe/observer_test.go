// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/vrrp"
)

// scene is an observer and the time.
type scene struct {
	*observer
	t  testing.TB
	at time.Time
}

func newScene(t testing.TB) *scene {
	return &scene{observer: newObserver("eth0"), t: t, at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

// wait has the time go on.
func (s *scene) wait(d time.Duration) { s.at = s.at.Add(d); s.tick(s.at) }

var (
	one  = netip.MustParseAddr("192.0.2.1")
	two  = netip.MustParseAddr("192.0.2.2")
	vip1 = netip.MustParseAddr("192.0.2.100")
	vip2 = netip.MustParseAddr("192.0.2.101")
)

// macOf is the one of a station.
func macOf(a netip.Addr) [6]byte { return [6]byte{2, 0, 0, 0, 0, a.As4()[3]} }

// vrrpFrame is an advertisement of version 3 at an interval of a second.
func vrrpFrame(t testing.TB, src netip.Addr, id, priority uint8, addrs ...netip.Addr) []byte {
	t.Helper()
	a := vrrp.Advertisement{Version: vrrp.V3, VRID: id, Priority: priority, Interval: time.Second, Addresses: addrs}
	payload, err := a.Append(nil, src, vrrp.GroupIPv4(), vrrp.ChecksumMessage)
	if err != nil {
		t.Fatal(err)
	}
	return frame.AppendIP(nil, frame.MulticastMAC(vrrp.GroupIPv4()), macOf(src), 0xc0, src, vrrp.GroupIPv4(), payload)
}

// carpFrame is an advertisement with a digest of zeros, which nobody looks at here.
func carpFrame(src netip.Addr, id uint8, rank carp.Rank) []byte {
	a := carp.Advertisement{VHID: id, AdvBase: rank.AdvBase, AdvSkew: rank.AdvSkew, Demote: rank.Demote, Counter: 1}
	payload, _ := a.Append(nil) // fails without an identifier
	return frame.AppendIP(nil, frame.MulticastMAC(carp.GroupIPv4()), macOf(src), 0xc0, src, carp.GroupIPv4(), payload)
}

// vrrp hears an advertisement of a virtual router 51 with the address vip1.
func (s *scene) vrrp(src netip.Addr, priority uint8) {
	s.t.Helper()
	s.frame(s.at, "eth0", vrrpFrame(s.t, src, 51, priority, vip1))
}

// every hears advertisements, one a second.
func (s *scene) every(n int, src netip.Addr, priority uint8) {
	s.t.Helper()
	for range n {
		s.wait(time.Second)
		s.vrrp(src, priority)
	}
}

// texts are the events so far.
func (s *scene) texts() (list []string) {
	all, _ := s.events.after(0)
	for _, e := range all {
		list = append(list, e.Cluster+": "+e.Text)
	}
	return list
}

// want compares the events so far.
func (s *scene) want(want ...string) {
	s.t.Helper()
	for i := range want {
		want[i] = "eth0 VRRP 51 IPv4: " + want[i]
	}
	if diff := cmp.Diff(want, s.texts()); diff != "" {
		s.t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestGoodbye(t *testing.T) {
	s := newScene(t)
	s.every(3, one, 200)
	s.wait(500 * time.Millisecond)
	s.vrrp(one, 0)
	s.wait(609 * time.Millisecond)
	s.vrrp(two, 100)
	s.want("192.0.2.1 is Active, priority 200",
		"nobody is Active: 192.0.2.1 said goodbye",
		"192.0.2.2 is Active, priority 100; 192.0.2.1 said goodbye, 609ms before")
}

// TestSilence finds the end of a router when its most eager backup does, though the next
// frame comes later.
func TestSilence(t *testing.T) {
	s := newScene(t)
	s.every(2, one, 200)
	s.wait(10 * time.Second)
	s.vrrp(two, 100)
	s.want("192.0.2.1 is Active, priority 200",
		"nobody is Active: 192.0.2.1 was silent for 3.219s",
		"192.0.2.2 is Active, priority 100; 192.0.2.1 was silent for 3.219s, 6.781s before")
	events, _ := s.events.after(1)
	if got := events[1].At.Sub(events[0].At); got != 10*time.Second-3218750*time.Microsecond {
		t.Errorf("the second event is %v after the first", got)
	}
}

// TestPreemption: who was overruled stops by itself, and one advertisement of it may be
// under way.
func TestPreemption(t *testing.T) {
	s := newScene(t)
	s.every(2, one, 100)
	s.wait(time.Second)
	s.vrrp(two, 200)
	s.vrrp(one, 100)
	s.every(3, two, 200)
	s.want("192.0.2.1 is Active, priority 100", "192.0.2.2 is Active, priority 200; 192.0.2.1 was overruled")
}

func TestTwoActive(t *testing.T) {
	s := newScene(t)
	s.every(2, one, 200)
	for range 3 {
		s.wait(500 * time.Millisecond)
		s.vrrp(two, 100)
		s.wait(500 * time.Millisecond)
		s.vrrp(one, 200)
	}
	v := s.view(0)
	if got := v.Clusters[0].Findings; !slices.Contains(got, "2 are Active at once") {
		t.Errorf("findings %q", got)
	}
	s.every(2, one, 200)
	s.want("192.0.2.1 is Active, priority 200",
		"2 are Active at once: 192.0.2.1 (priority 200), 192.0.2.2 (priority 100)",
		"192.0.2.1 is Active, priority 200, alone again")
}

func TestChanges(t *testing.T) {
	s := newScene(t)
	s.every(2, one, 200)
	s.every(1, one, 190)
	s.wait(time.Second)
	s.frame(s.at, "eth0", vrrpFrame(t, one, 51, 190, vip2))
	s.want("192.0.2.1 is Active, priority 200",
		"192.0.2.1 says priority 190, before priority 200",
		"192.0.2.1 has addresses 192.0.2.101, before 192.0.2.100")
}

// TestMargins: two thirds and the skew are left on time, and nothing when a backup is about
// to claim.
func TestMargins(t *testing.T) {
	s := newScene(t)
	s.every(3, one, 255)
	s.wait(2 * time.Second)
	s.vrrp(one, 255)
	s.wait(3 * time.Second)
	s.vrrp(one, 255)
	got := s.sorted()[0].speakers[0].margins
	if diff := cmp.Diff(margins{66, 66, 33, 0}, got); diff != "" {
		t.Errorf("margins (-want +got):\n%s", diff)
	}
	for range 2 * maxMargins {
		s.every(1, one, 255)
	}
	if got := s.sorted()[0].speakers[0].margins; len(got) != maxMargins || slices.Min(got) != 66 {
		t.Errorf("%d margins, the lowest %d", len(got), slices.Min(got))
	}
}

func TestFindings(t *testing.T) {
	for _, tt := range []struct {
		name   string
		frames func(s *scene)
		want   string
	}{
		{"foreign", func(s *scene) {
			s.vrrp(one, 200)
			s.frame(s.at, "eth0", vrrpFrame(t, two, 51, 100, vip2))
		}, "foreign cluster: 192.0.2.1 and 192.0.2.2 have this VRID for other addresses"},
		{"addresses", func(s *scene) {
			s.vrrp(one, 200)
			s.frame(s.at, "eth0", vrrpFrame(t, two, 51, 100, vip1, vip2))
		}, "192.0.2.1 and 192.0.2.2 differ in their addresses"},
		{"both protocols", func(s *scene) {
			s.vrrp(one, 200)
			s.frame(s.at, "eth0", carpFrame(two, 51, carp.Rank{AdvBase: 1}))
		}, "has the identifier and virtual MAC address of eth0 VRRP 51 IPv4"},
		{"equal ranks", func(s *scene) {
			s.frame(s.at, "eth0", carpFrame(one, 7, carp.Rank{AdvBase: 1}))
			s.frame(s.at, "eth0", carpFrame(two, 7, carp.Rank{AdvBase: 1}))
		}, "2 are Master at once"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.wait(time.Second)
			tt.frames(s)
			var all []string
			for _, c := range s.view(0).Clusters {
				all = append(all, c.Findings...)
			}
			if !slices.Contains(all, tt.want) {
				t.Errorf("findings %q, want %q", all, tt.want)
			}
		})
	}
}

// TestClaims: the addresses of CARP are known by who announces them from the virtual MAC
// address, and who else takes an address is told.
func TestClaims(t *testing.T) {
	s := newScene(t)
	s.frame(s.at, "eth0", carpFrame(one, 7, carp.Rank{AdvBase: 1}))
	s.frame(s.at, "eth0", frame.AppendGratuitousARP(nil, frame.Request, [6]byte{0, 0, 0x5e, 0, 1, 7}, vip1))
	s.frame(s.at, "eth0", frame.AppendGratuitousARP(nil, frame.Request, macOf(two), vip2))
	s.frame(s.at, "eth0", frame.AppendGratuitousARP(nil, frame.Reply, macOf(one), vip1))
	want := []string{"eth0 CARP 7 IPv4: 192.0.2.1 is Master, advbase 1 advskew 0",
		"eth0 CARP 7 IPv4: 192.0.2.100 is claimed by 02:00:00:00:00:01, 192.0.2.1"}
	if diff := cmp.Diff(want, s.texts()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"192.0.2.100 at 02:00:00:00:00:01, 192.0.2.1"}, s.view(0).Clusters[0].Claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

// TestRejected tells the first packet of a kind, and counts the others.
func TestRejected(t *testing.T) {
	s := newScene(t)
	b := vrrpFrame(t, one, 51, 200, vip1)
	b[len(b)-1] ^= 1
	for range 5 {
		s.frame(s.at, "eth0", slices.Clone(b))
	}
	want := []string{"eth0: packets of 192.0.2.1 are rejected: VRRP: " + vrrp.FaultChecksum.String()}
	if diff := cmp.Diff(want, s.texts()); diff != "" || s.view(0).Rejected != 5 {
		t.Errorf("%d rejected, events (-want +got):\n%s", s.view(0).Rejected, diff)
	}
}

func TestFreeIdentifiers(t *testing.T) {
	for _, tt := range []struct {
		used []int
		want string
	}{
		{nil, "1-255"}, {[]int{1}, "2-255"}, {[]int{255}, "1-254"}, {[]int{51}, "1-50, 52-255"}, {[]int{2, 254}, "1, 3-253, 255"},
	} {
		var ids identifiers
		for _, id := range tt.used {
			ids[id] = true
		}
		if got := ids.free(); got != tt.want {
			t.Errorf("%v used: free %s, want %s", tt.used, got, tt.want)
		}
	}
}

// TestBounds: whatever is sent, as much is kept as there is room for, and those that are
// active stay.
func TestBounds(t *testing.T) {
	s := newScene(t)
	s.vrrp(one, 200)
	for i := range 5000 {
		src := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		s.frame(s.at, fmt.Sprintf("eth%d", i/300), vrrpFrame(t, src, byte(1+i%255), byte(1+i%254), vip1))
		s.frame(s.at, fmt.Sprintf("eth%d", i/300), frame.AppendGratuitousARP(nil, frame.Request, [6]byte{0, 0, 0x5e, 0, 1, byte(i)}, src))
		s.at = s.at.Add(time.Millisecond)
	}
	if len(s.clusters) > maxClusters || len(s.rejected) > maxRejected {
		t.Errorf("%d clusters, %d rejections", len(s.clusters), len(s.rejected))
	}
	for _, c := range s.clusters {
		if len(c.speakers) > maxSpeakers || len(c.claims) > maxClaims || len(c.timeline) > maxSpans {
			t.Errorf("%v has %d speakers, %d claims, %d spans", c.clusterKey, len(c.speakers), len(c.claims), len(c.timeline))
		}
	}
	if list, lost := s.events.after(0); len(list) > maxEvents || lost+uint64(len(list)) != s.events.last {
		t.Errorf("%d events, %d lost of %d", len(list), lost, s.events.last)
	}
}

func TestEventsAfter(t *testing.T) {
	var l events
	for range maxEvents + 10 {
		l.add(event{})
	}
	for _, tt := range []struct {
		after       uint64
		first, lost uint64
		n           int
	}{{0, 11, 10, maxEvents}, {10, 11, 0, maxEvents}, {1000, 1001, 0, 10}, {1009, 1010, 0, 1}, {1010, 0, 0, 0}} {
		list, lost := l.after(tt.after)
		if len(list) != tt.n || lost != tt.lost || tt.n > 0 && list[0].Seq != tt.first {
			t.Errorf("after %d: %d events, %d lost", tt.after, len(list), lost)
		}
	}
}

// TestTable has in it what is asked for.
func TestTable(t *testing.T) {
	s := newScene(t)
	s.every(3, one, 200)
	var b strings.Builder
	v := s.view(0)
	if err := writeTable(&b, &v); err != nil {
		t.Fatal(err)
	}
	want := `eth0 VRRP 51 IPv4  192.0.2.100
  Active  192.0.2.1  priority 200  every 1s  margin 68 %  lowest 68 %  0s ago
    192.0.2.1: version 3, checksum message, from 02:00:00:00:00:01

eth0: free identifiers 1-50, 52-255
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

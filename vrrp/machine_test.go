// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// downInterval is Active_Down_Interval of priority 100 at 1 s.
const downInterval = 3609375 * time.Microsecond

// taken is what entering Active does in the tests' configuration.
func taken(priority, transition string) []string {
	return []string{"send " + priority, "add 192.0.2.100", "announce 192.0.2.100 x5", transition}
}

func prefixes(s ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range s {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func priority(p uint8) func(*vrrp.Config) { return func(c *vrrp.Config) { c.Priority = p } }

func noPreempt(c *vrrp.Config) { c.NoPreempt = true }

// Section 6.1: Skew_Time and Active_Down_Interval.
func TestSection6_1_Timers(t *testing.T) {
	for _, c := range []struct {
		name       string
		config     vrrp.Config
		skew, down time.Duration
	}{
		{"defaults", v3(), 609375 * time.Microsecond, downInterval},
		{"version 2", v2(), 609375 * time.Microsecond, downInterval},
		{"version 2, 3 s: the skew is of a second", v2(func(c *vrrp.Config) { c.Interval = 3 * time.Second }), 609375 * time.Microsecond, 9609375 * time.Microsecond},
		{"version 3, 3 s: the skew is of the interval", v3(func(c *vrrp.Config) { c.Interval = 3 * time.Second }), 1828125 * time.Microsecond, 10828125 * time.Microsecond},
		{"priority 254, 10 ms", v3(priority(254), func(c *vrrp.Config) { c.Interval = 10 * time.Millisecond }), 78125, 30078125},
		{"priority 1, 40.95 s", v3(priority(1), func(c *vrrp.Config) { c.Interval = 40950 * time.Millisecond }), 40790039062, 163640039062},
		{"five intervals", v3(func(c *vrrp.Config) { c.DownIntervals = 5 }), 609375 * time.Microsecond, 5609375 * time.Microsecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := backup(t, c.config)
			if b.m.SkewTime() != c.skew || b.m.DownInterval() != c.down {
				t.Errorf("skew time %v, down interval %v, want %v, %v", b.m.SkewTime(), b.m.DownInterval(), c.skew, c.down)
			}
			b.wantDeadline(c.down)
		})
	}
}

func TestSection6_4_1_StartupBackup(t *testing.T) {
	b := newBench(t, v3())
	if _, ok := b.m.Deadline(); ok {
		t.Error("a deadline before startup")
	}
	b.do(b.m.Startup(b.now, local))
	b.want("remove 192.0.2.100", "Initialize -> Backup: startup")
	b.wantDeadline(downInterval)
}

func TestSection6_4_1_StartupOwner(t *testing.T) {
	b := newBench(t, v3(priority(255)))
	b.do(b.m.Startup(b.now, local))
	b.want("send 255", "announce 192.0.2.100 x5", "Initialize -> Active: address owner")
	b.wantDeadline(time.Second)
	b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown))
	b.want("send 0", "Active -> Initialize: shutdown")
}

func TestOwnerAdds(t *testing.T) {
	b := newBench(t, v3(priority(255), func(c *vrrp.Config) { c.OwnerAdds = true }))
	b.do(b.m.Startup(b.now, local))
	b.want("send 255", "add 192.0.2.100", "announce 192.0.2.100 x5", "Initialize -> Active: address owner")
	b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown))
	b.want("send 0", "remove 192.0.2.100", "Active -> Initialize: link down")
}

func TestSection6_4_1_StartupEager(t *testing.T) {
	b := backup(t, v3(func(c *vrrp.Config) { c.EagerStart = true }))
	b.wantDeadline(time.Second + time.Second/256)
	b.hear(lowerPeer, b.adv(100))
	b.wantDeadline(downInterval)
}

func TestStartupHold(t *testing.T) {
	hold := func(c *vrrp.Config) { c.StartupHold = 10 * time.Second }
	t.Run("silence", func(t *testing.T) {
		backup(t, v3(hold)).wantDeadline(10 * time.Second)
	})
	t.Run("an Active Router is heard", func(t *testing.T) {
		b := backup(t, v3(hold))
		b.advance(2 * time.Second)
		b.hear(higherPeer, b.adv(200))
		b.wantDeadline(downInterval)
	})
	t.Run("one of lower priority is heard", func(t *testing.T) {
		b := backup(t, v3(hold))
		b.advance(2 * time.Second)
		b.hear(higherPeer, b.adv(50))
		b.wantDeadline(downInterval - 2*time.Second)
	})
	t.Run("a rejected packet", func(t *testing.T) {
		b := backup(t, v2(hold))
		b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Version, a.Interval = vrrp.V2, 7*time.Second }))
		b.want("discard: wrong advertisement interval")
		b.wantDeadline(10 * time.Second)
	})
}

func TestSection6_4_2_Shutdown(t *testing.T) {
	b := backup(t, v3())
	b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown))
	b.want("Backup -> Initialize: shutdown")
	if _, ok := b.m.Deadline(); ok {
		t.Error("a timer runs on")
	}
}

func TestSection6_4_2_DownTimer(t *testing.T) {
	b := backup(t, v3())
	b.hear(higherPeer, b.adv(200))
	b.advance(downInterval - 1)
	b.want()
	b.wantState(vrrp.Backup)
	b.advance(1)
	b.want(taken("100", "Backup -> Active: no advertisement heard (peer 192.0.2.3, priority 200)")...)
	b.wantDeadline(time.Second)
}

func TestSection6_4_2_Goodbye(t *testing.T) {
	b := backup(t, v3())
	b.hear(higherPeer, b.adv(200))
	b.hear(higherPeer, b.adv(0))
	b.wantDeadline(609375 * time.Microsecond)
	b.next()
	b.want(taken("100", "Backup -> Active: active router left (peer 192.0.2.3, priority 0)")...)
}

func TestSection6_4_2_AcceptedAdvertisement(t *testing.T) {
	for _, prio := range []int{100, 101, 254, 255} {
		for _, src := range []netip.Addr{lowerPeer, higherPeer} { // no comparison of addresses here
			b := backup(t, v3())
			b.advance(3 * time.Second)
			b.hear(src, b.adv(prio))
			b.got = nil
			b.wantDeadline(downInterval)
		}
	}
}

func TestSection6_4_2_LowerPriorityIsPreempted(t *testing.T) {
	b := backup(t, v3())
	for range 3 {
		b.advance(time.Second)
		b.hear(higherPeer, b.adv(99))
	}
	b.want()
	b.wantDeadline(downInterval - 3*time.Second)
	b.next()
	b.want(taken("100", "Backup -> Active: active router has lower priority (peer 192.0.2.3, priority 99)")...)
}

func TestSection6_4_2_LowerPriorityWithoutPreemption(t *testing.T) {
	b := backup(t, v3(noPreempt))
	b.advance(3 * time.Second)
	b.hear(higherPeer, b.adv(1))
	b.wantDeadline(downInterval)
}

func TestSection6_4_2_LearnsInterval(t *testing.T) {
	b := backup(t, v3())
	b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Interval = 2 * time.Second }))
	b.want("notice: peer has another interval")
	b.wantDeadline(2 * downInterval)
	b.next()
	b.got = nil
	b.wantDeadline(time.Second) // the own interval is for the own advertisements
}

func TestSection6_4_2_GoodbyeUsesLearnedInterval(t *testing.T) {
	b := backup(t, v3())
	b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Interval = 100 * time.Millisecond }))
	b.hear(higherPeer, b.adv(0))
	b.wantDeadline(60937500)
}

func TestSection6_4_3_Shutdown(t *testing.T) {
	b := active(t, v3())
	b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown))
	b.want("send 0", "Active -> Initialize: shutdown")
	b.wantDeadline(1100 * time.Millisecond) // addresses go
	b.next()
	b.want("remove 192.0.2.100")
	if b.m.Releasing() {
		t.Error("still releasing")
	}
}

func TestSection6_4_3_AdverTimer(t *testing.T) {
	b := active(t, v3(func(c *vrrp.Config) { c.Announcements.Delay = -1 }))
	b.advance(3 * time.Second)
	b.want("send 100", "send 100", "send 100")
	b.wantDeadline(time.Second)
}

func TestSection6_4_3_AdverTimerKeepsItsGrid(t *testing.T) {
	b := active(t, v3(func(c *vrrp.Config) { c.Announcements.Delay = -1 }))
	b.now = b.now.Add(1400 * time.Millisecond)
	b.do(b.m.Expire(b.now))
	b.want("send 100")
	b.wantDeadline(600 * time.Millisecond)
	b.now = b.now.Add(4600 * time.Millisecond) // four whole periods: one advertisement
	b.do(b.m.Expire(b.now))
	b.want("send 100")
	b.wantDeadline(time.Second)
}

func TestSection6_4_3_Goodbye(t *testing.T) {
	b := active(t, v3())
	b.advance(400 * time.Millisecond)
	b.hear(higherPeer, b.adv(0))
	b.want("send 100")
	b.wantDeadline(time.Second)
}

func TestSection6_4_3_HigherPriority(t *testing.T) {
	b := active(t, v3(noPreempt)) // Preempt_Mode isn't asked here
	b.hear(lowerPeer, b.adv(101, func(a *vrrp.Advertisement) { a.Interval = 2 * time.Second }))
	b.want("notice: peer has another interval", "send 100", "Active -> Backup: peer has higher priority (peer 192.0.2.1, priority 101)")
	b.wantDeadline(50 * time.Millisecond)
	b.next()
	b.want("remove 192.0.2.100")
	b.wantDeadline(2*downInterval - 50*time.Millisecond)
}

func TestSection6_4_3_EqualPriority(t *testing.T) {
	b := active(t, v3())
	b.hear(lowerPeer, b.adv(100))
	b.wantState(vrrp.Active)
	b.hear(higherPeer, b.adv(100))
	b.wantState(vrrp.Backup)
}

func TestSection6_4_3_EqualPriorityComparesUnsigned(t *testing.T) {
	b := newBench(t, v3())
	b.do(b.m.Startup(b.now, netip.MustParseAddr("127.0.0.1")))
	b.next()
	b.hear(netip.MustParseAddr("128.0.0.1"), b.adv(100))
	b.wantState(vrrp.Backup)
}

func TestSection6_4_3_LowerPriorityIsAnsweredAtOnce(t *testing.T) {
	b := active(t, v3())
	b.advance(1400 * time.Millisecond)
	b.got = nil
	b.hear(higherPeer, b.adv(99))
	b.want("notice: competing active router", "announce 192.0.2.100 x5", "send 100")
	b.wantDeadline(600 * time.Millisecond) // Adver_Timer is not reset
}

func TestRFC3768Section6_4_3_LowerPriorityIsDiscarded(t *testing.T) {
	b := active(t, v2())
	b.advance(1400 * time.Millisecond)
	b.got = nil
	b.hear(higherPeer, b.adv(99, func(a *vrrp.Advertisement) { a.Version = vrrp.V2 }))
	b.want("notice: competing active router", "announce 192.0.2.100 x5")
}

func TestAnswersAtMostOnceInATenthOfAnInterval(t *testing.T) {
	for _, prio := range []int{0, 50} {
		b := active(t, v3())
		sent := 0
		for range 1000 { // one packet a millisecond for a second
			b.advance(time.Millisecond)
			b.hear(higherPeer, b.adv(prio))
			for _, line := range b.got {
				if line == "send 100" {
					sent++
				}
			}
			b.got = nil
		}
		if sent < 10 || sent > 11 {
			t.Errorf("priority %d: %d advertisements in a second, want 10 answers and at most one that was due", prio, sent)
		}
	}
}

// A goodbye right after an advertisement is answered as soon as that is allowed:
// a Backup may be about to claim.
func TestGoodbyeWithinATenthOfAnInterval(t *testing.T) {
	b := active(t, v3())
	b.advance(time.Second)
	b.got = nil
	b.advance(time.Millisecond)
	b.hear(higherPeer, b.adv(0))
	b.want()
	b.wantDeadline(99 * time.Millisecond)
	b.next()
	b.want("send 100")
}

func TestRFC3768Section7_1_OwnerListensToNobody(t *testing.T) {
	b := newBench(t, v2(priority(255)))
	b.do(b.m.Startup(b.now, local))
	b.got = nil
	b.hear(higherPeer, b.adv(255, func(a *vrrp.Advertisement) { a.Version = vrrp.V2 }))
	b.want("discard: heard by the address owner")
}

func TestErratum8298_SecondOwner(t *testing.T) {
	b := newBench(t, v3(priority(255)))
	b.do(b.m.Startup(b.now, local))
	b.got = nil
	b.hear(lowerPeer, b.adv(255))
	b.wantState(vrrp.Active)
	b.got = nil
	b.hear(higherPeer, b.adv(255))
	b.want("notice: second address owner", "send 255", "Active -> Backup: peer of equal priority has higher address (peer 192.0.2.3, priority 255)")
}

func TestOwnerPreemptsAlways(t *testing.T) {
	b := newBench(t, v3(priority(255), noPreempt))
	b.do(b.m.Startup(b.now, local))
	b.hear(higherPeer, b.adv(255))
	b.wantState(vrrp.Backup)
	b.hear(lowerPeer, b.adv(200))
	b.next()
	b.wantState(vrrp.Active)
}

func TestRFC3768Section7_1_Drops(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*vrrp.Advertisement)
		want   []string
	}{
		{"interval", func(a *vrrp.Advertisement) { a.Interval = 7 * time.Second }, []string{"discard: wrong advertisement interval"}},
		{"addresses", func(a *vrrp.Advertisement) { a.Addresses = addrs("192.0.2.101") }, []string{"discard: wrong address list"}},
		{"more addresses", func(a *vrrp.Advertisement) { a.Addresses = addrs("192.0.2.100", "192.0.2.101") }, []string{"discard: wrong address list"}},
		{"addresses of their owner", func(a *vrrp.Advertisement) { a.Priority, a.Addresses = 255, addrs("192.0.2.101") },
			[]string{"notice: peer has other addresses", "send 100", "Active -> Backup: peer has higher priority (peer 192.0.2.3, priority 255)"}},
		{"version", func(a *vrrp.Advertisement) { a.Version = vrrp.V3 }, []string{"discard: wrong version"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := active(t, v2())
			b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Version = vrrp.V2; c.change(a) }))
			b.want(c.want...)
		})
	}
}

func TestSection7_1_AddressListMismatchIsNoticed(t *testing.T) {
	for _, list := range [][]netip.Addr{addrs("192.0.2.101"), addrs("192.0.2.100", "192.0.2.101")} {
		b := backup(t, v3())
		b.advance(time.Second)
		b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Addresses = list }))
		b.want("notice: peer has other addresses")
		b.wantDeadline(downInterval)
	}
	b := backup(t, v3(func(c *vrrp.Config) { c.Addresses = prefixes("192.0.2.100/32", "192.0.2.101/32") }))
	b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Addresses = addrs("192.0.2.101", "192.0.2.101") }))
	b.want("notice: peer has other addresses") // one of them twice
	b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Addresses = addrs("192.0.2.101", "192.0.2.100") }))
	b.want() // their order doesn't matter
}

func TestPreemptDelay(t *testing.T) {
	delay := func(c *vrrp.Config) { c.PreemptDelay = 10 * time.Second }
	hear := func(b *bench, d time.Duration, prio int) {
		for end := b.now.Add(d); b.now.Before(end) && b.m.State() == vrrp.Backup; {
			b.hear(higherPeer, b.adv(prio))
			b.advance(time.Second)
		}
	}
	t.Run("delays", func(t *testing.T) {
		b := backup(t, v3(delay))
		hear(b, 20*time.Second, 50)
		b.want(taken("100", "Backup -> Active: active router has lower priority (peer 192.0.2.3, priority 50)")...)
		if got := b.now.Sub(epoch); got < 10*time.Second+3*time.Second || got > 15*time.Second {
			t.Errorf("after %v", got)
		}
	})
	t.Run("an equal or higher one cancels it", func(t *testing.T) {
		b := backup(t, v3(delay))
		hear(b, 9*time.Second, 50)
		hear(b, time.Second, 100)
		hear(b, 9*time.Second, 50)
		b.wantState(vrrp.Backup)
	})
	t.Run("not for a failure", func(t *testing.T) {
		b := backup(t, v3(delay))
		b.hear(higherPeer, b.adv(50))
		b.wantDeadline(downInterval)
	})
}

func TestRejectedPacketsChangeNothing(t *testing.T) {
	for name, spoil := range map[string]func(*vrrp.Advertisement){
		"interval": func(a *vrrp.Advertisement) { a.Interval = 7 * time.Second },
		"list":     func(a *vrrp.Advertisement) { a.Addresses = addrs("192.0.2.101") },
		"version":  func(a *vrrp.Advertisement) { a.Version = vrrp.V3 },
	} {
		for _, b := range []*bench{backup(t, v2()), active(t, v2())} {
			before, _ := b.m.Deadline()
			state := b.m.State()
			for range 1000 {
				b.now = b.now.Add(time.Microsecond)
				b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Version = vrrp.V2; spoil(a) }))
			}
			if after, _ := b.m.Deadline(); after != before || b.m.State() != state {
				t.Errorf("%s: %v, deadline moved by %v", name, b.m.State(), after.Sub(before))
			}
		}
	}
}

func TestOwnPacketIsDiscarded(t *testing.T) {
	for _, b := range []*bench{backup(t, v3()), active(t, v3())} {
		b.hear(local, b.adv(200))
		b.want("discard: own packet")
	}
}

func TestHandOver(t *testing.T) {
	three := func(c *vrrp.Config) {
		c.Addresses = prefixes("192.0.2.100/32", "192.0.2.101/32")
		c.Excluded = prefixes("2001:db8::1/128")
	}
	t.Run("the successor announces", func(t *testing.T) {
		b := active(t, v3(three))
		b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown))
		b.got = nil
		b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.101")))
		b.want("remove 192.0.2.101")
		b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.101")))
		b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.7")))
		b.want()
		b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.100")))
		b.do(b.m.Claimed(b.now, netip.MustParseAddr("2001:db8::1")))
		b.want("remove 192.0.2.100", "remove 2001:db8::1")
		if _, ok := b.m.Deadline(); ok || b.m.Releasing() {
			t.Error("still releasing")
		}
	})
	t.Run("the successor advertises", func(t *testing.T) {
		b := active(t, v3(three))
		b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown))
		b.got = nil
		b.hear(lowerPeer, b.adv(0)) // a third router's goodbye: no successor
		b.wantDeadline(1100 * time.Millisecond)
		b.hear(lowerPeer, b.adv(50))
		b.wantDeadline(50 * time.Millisecond)
		b.advance(20 * time.Millisecond)
		b.hear(lowerPeer, b.adv(50)) // once is enough
		b.wantDeadline(30 * time.Millisecond)
		b.got = nil
		b.next()
		b.want("remove 192.0.2.100 192.0.2.101 2001:db8::1")
	})
	t.Run("nobody comes", func(t *testing.T) {
		b := active(t, v3())
		b.do(b.m.Resign(b.now, 0))
		b.want("send 0", "Active -> Backup: resigned")
		b.wantDeadline(1100 * time.Millisecond)
		b.next()
		b.want("remove 192.0.2.100")
		b.wantDeadline(downInterval - 1100*time.Millisecond)
	})
	t.Run("the link goes down meanwhile", func(t *testing.T) {
		b := active(t, v3())
		b.do(b.m.Resign(b.now, 0))
		b.got = nil
		b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown))
		b.want("remove 192.0.2.100", "Backup -> Initialize: link down")
		if b.m.Releasing() {
			t.Error("still releasing")
		}
	})
	t.Run("back before the end", func(t *testing.T) {
		b := active(t, v3(func(c *vrrp.Config) { c.Interval = 10 * time.Millisecond }))
		b.do(b.m.Resign(b.now, 0))
		b.got = nil
		b.next() // the down timer, 36 ms, is earlier than 110 ms
		b.want(taken("100", "Backup -> Active: no advertisement heard")...)
		if b.m.Releasing() {
			t.Error("still releasing while Active")
		}
	})
	t.Run("back with other addresses", func(t *testing.T) {
		b := active(t, v3(three))
		b.do(b.m.Resign(b.now, 0))
		if _, err := b.m.Reconfigure(b.now, v3()); err != nil {
			t.Fatal(err)
		}
		b.got = nil
		b.do(b.m.Force(b.now, 0))
		b.want("send 254", "add 192.0.2.100", "remove 192.0.2.100 192.0.2.101 2001:db8::1", "announce 192.0.2.100 x5", "Backup -> Active: forced")
	})
	t.Run("release first", func(t *testing.T) {
		b := active(t, v3(func(c *vrrp.Config) { c.ReleaseFirst = true }))
		b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown))
		b.want("remove 192.0.2.100", "Active -> Initialize: shutdown")
		if !b.m.Releasing() {
			t.Error("done before the goodbye")
		}
		b.do(b.m.AddressesRemoved(b.now))
		b.do(b.m.AddressesRemoved(b.now))
		b.want("send 0")
	})
	t.Run("release first, and no goodbye about the successor", func(t *testing.T) {
		for name, event := range map[string]func(*bench){
			"successor heard": func(b *bench) { b.hear(lowerPeer, b.adv(200)) },
			"link down":       func(b *bench) { b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown)) },
			"slept":           func(b *bench) { b.do(b.m.Slept(b.now)) },
		} {
			b := active(t, v3(func(c *vrrp.Config) { c.ReleaseFirst = true }))
			b.do(b.m.Resign(b.now, 0))
			event(b)
			b.got = nil
			b.do(b.m.AddressesRemoved(b.now))
			if len(b.got) > 0 {
				t.Errorf("%s: %v", name, b.got)
			}
		}
	})
}

func TestResign(t *testing.T) {
	follow := func(b *bench, d time.Duration) {
		for end := b.now.Add(d); b.now.Before(end) && b.m.State() == vrrp.Backup; {
			b.hear(lowerPeer, b.adv(50))
			b.advance(time.Second)
		}
	}
	t.Run("once", func(t *testing.T) {
		b := active(t, v3())
		b.do(b.m.Resign(b.now, 0))
		follow(b, 10*time.Second)
		b.wantState(vrrp.Active) // preempts as always
	})
	t.Run("for a time", func(t *testing.T) {
		b := active(t, v3())
		b.do(b.m.Resign(b.now, time.Minute))
		follow(b, 59*time.Second)
		b.wantState(vrrp.Backup)
		follow(b, 10*time.Second)
		b.wantState(vrrp.Active)
	})
	t.Run("for a time without preemption", func(t *testing.T) {
		b := active(t, v3(noPreempt))
		b.do(b.m.Resign(b.now, 0))
		follow(b, time.Minute)
		b.wantState(vrrp.Backup)
	})
	t.Run("nobody else", func(t *testing.T) {
		b := active(t, v3())
		b.do(b.m.Resign(b.now, time.Hour))
		b.advance(downInterval)
		b.wantState(vrrp.Active)
	})
}

func TestForce(t *testing.T) {
	t.Run("until Resign", func(t *testing.T) {
		b := backup(t, v3())
		b.hear(higherPeer, b.adv(200))
		b.do(b.m.Force(b.now, 0))
		b.want(taken("254", "Backup -> Active: forced")...)
		b.hear(higherPeer, b.adv(200)) // yields to 254
		b.wantState(vrrp.Active)
		b.got = nil
		b.advance(time.Hour)
		if b.m.Priority() != vrrp.PriorityForced {
			t.Errorf("priority %d", b.m.Priority())
		}
		b.do(b.m.Resign(b.now, 0))
		if b.m.Priority() != 100 {
			t.Errorf("priority %d after Resign", b.m.Priority())
		}
	})
	t.Run("for a time", func(t *testing.T) {
		b := backup(t, v3())
		b.do(b.m.Force(b.now, time.Minute))
		b.advance(59500 * time.Millisecond)
		if b.m.Priority() != vrrp.PriorityForced {
			t.Errorf("priority %d", b.m.Priority())
		}
		b.advance(time.Second)
		b.wantState(vrrp.Active) // stays until somebody preempts
		if b.m.Priority() != 100 {
			t.Errorf("priority %d", b.m.Priority())
		}
	})
	t.Run("while Active", func(t *testing.T) {
		b := active(t, v3())
		b.do(b.m.Force(b.now, 0))
		b.want()
		b.advance(time.Second)
		b.want("send 254")
	})
	t.Run("an owner overrules", func(t *testing.T) {
		b := backup(t, v3())
		b.do(b.m.Force(b.now, 0))
		b.hear(higherPeer, b.adv(255))
		b.wantState(vrrp.Backup)
		if b.m.Priority() != 100 {
			t.Errorf("priority %d", b.m.Priority())
		}
	})
}

func TestSetPriority(t *testing.T) {
	b := backup(t, v3())
	b.advance(time.Second)
	actions, err := b.m.SetPriority(b.now, 200)
	if err != nil || len(actions) != 0 {
		t.Errorf("SetPriority = %v, %v", actions, err)
	}
	b.wantDeadline(3*time.Second + 218750*time.Microsecond - time.Second) // the running timer follows
	eager := backup(t, v3(priority(1), func(c *vrrp.Config) { c.EagerStart = true }))
	if _, err := eager.m.SetPriority(eager.now, 254); err != nil {
		t.Error(err)
	}
	eager.wantDeadline(time.Second + time.Second/256)
	for _, p := range []uint8{0, 255} {
		var value *vrrp.ValueError
		if _, err := b.m.SetPriority(b.now, p); !errors.As(err, &value) {
			t.Errorf("SetPriority(%d) = %v", p, err)
		}
	}
	owner := newBench(t, v3(priority(255)))
	if _, err := owner.m.SetPriority(b.now, 100); err == nil {
		t.Error("priority of an owner changed")
	}
}

func TestAddressesFailed(t *testing.T) {
	b := active(t, v3())
	cause := errors.New("no such device")
	b.do(b.m.AddressesAdded(b.now, cause))
	b.want("send 0", "remove 192.0.2.100", "Active -> Backup: addresses could not be added: no such device")
	b.hear(lowerPeer, b.adv(50))
	for _, wait := range []time.Duration{downInterval, downInterval, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		b.wantDeadline(wait)
		b.next()
		b.wantState(vrrp.Active)
		b.do(b.m.AddressesAdded(b.now, cause))
	}
	b.next()
	b.do(b.m.AddressesAdded(b.now, nil))
	b.do(b.m.AddressesAdded(b.now, cause))
	b.wantDeadline(downInterval) // success ended the succession
}

func TestAddressesFailedAfterLeaving(t *testing.T) {
	b := active(t, v3())
	b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown))
	b.got = nil
	b.do(b.m.AddressesAdded(b.now, errors.New("late")))
	b.want()
}

func TestSlept(t *testing.T) {
	b := active(t, v3())
	b.advance(10 * time.Second)
	b.got = nil
	b.do(b.m.Slept(b.now))
	b.want("remove 192.0.2.100", "Active -> Backup: slept") // without a word
	b.wantDeadline(downInterval)
	b = backup(t, v3())
	b.now = b.now.Add(time.Hour)
	b.do(b.m.Slept(b.now))
	b.want()
	b.wantDeadline(downInterval)
	b = active(t, v3())
	b.do(b.m.Resign(b.now, 0))
	b.got = nil
	b.do(b.m.Slept(b.now))
	b.want("remove 192.0.2.100")
}

func TestAnnouncements(t *testing.T) {
	const burst, refresh = "announce 192.0.2.100 x5", "announce 192.0.2.100 x1"
	announced := func(b *bench, d time.Duration) (at []time.Duration) { // refreshes as negative times
		start, end := b.now, b.now.Add(d)
		for {
			next, ok := b.m.Deadline()
			if !ok || next.After(end) {
				return at
			}
			b.next()
			for _, line := range b.got {
				switch line {
				case burst:
					at = append(at, b.now.Sub(start))
				case refresh:
					at = append(at, -b.now.Sub(start))
				}
			}
			b.got = nil
		}
	}
	check := func(t *testing.T, got []time.Duration, want ...time.Duration) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("announced at %v, want %v", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("announced at %v, want %v", got, want)
			}
		}
	}
	t.Run("second burst", func(t *testing.T) {
		check(t, announced(active(t, v3()), time.Minute), 5*time.Second)
	})
	t.Run("none", func(t *testing.T) {
		check(t, announced(active(t, v3(func(c *vrrp.Config) { c.Announcements.Delay = -1 })), time.Minute))
	})
	t.Run("refresh", func(t *testing.T) {
		b := active(t, v3(func(c *vrrp.Config) { c.Announcements.Refresh = 20 * time.Second }))
		check(t, announced(b, time.Minute), 5*time.Second, -25*time.Second, -45*time.Second)
	})
	t.Run("refresh without second burst", func(t *testing.T) {
		b := active(t, v3(func(c *vrrp.Config) { c.Announcements.Delay, c.Announcements.Refresh = -1, 20*time.Second }))
		check(t, announced(b, time.Minute), -20*time.Second, -40*time.Second, -60*time.Second)
	})
	t.Run("a competitor was heard and went", func(t *testing.T) {
		b := active(t, v3(func(c *vrrp.Config) { c.Announcements.Delay = -1 }))
		for range 3 {
			b.hear(lowerPeer, b.adv(50))
			b.advance(500 * time.Millisecond)
		}
		b.got = nil
		check(t, announced(b, time.Minute), 2500*time.Millisecond)
		b.advance(500 * time.Millisecond)
		b.got = nil
		b.hear(lowerPeer, b.adv(50))
		b.want("notice: competing active router", burst, "send 100")
	})
	t.Run("nothing after leaving", func(t *testing.T) {
		b := active(t, v3(func(c *vrrp.Config) { c.Announcements.Refresh = time.Second }))
		b.hear(lowerPeer, b.adv(50))
		b.do(b.m.Resign(b.now, time.Hour))
		b.got = nil
		check(t, announced(b, 3*time.Second))
	})
}

func TestReconfigure(t *testing.T) {
	two := func(c *vrrp.Config) { c.Addresses = prefixes("192.0.2.101/24", "192.0.2.100/24") }
	t.Run("addresses while Active", func(t *testing.T) {
		b := active(t, v3())
		b.reconfigure(v3(two))
		b.want("add 192.0.2.101", "announce 192.0.2.101 x5")
		b.reconfigure(v3())
		b.want("remove 192.0.2.101")
		b.reconfigure(v3(func(c *vrrp.Config) { c.Addresses = prefixes("192.0.2.100/32") }))
		b.want("add 192.0.2.100", "announce 192.0.2.100 x5", "remove 192.0.2.100") // another prefix, first there, then gone
	})
	t.Run("addresses while Backup", func(t *testing.T) {
		b := backup(t, v3())
		b.reconfigure(v3(two))
		b.want()
		b.next()
		b.want("send 100", "add 192.0.2.101 192.0.2.100", "announce 192.0.2.101 192.0.2.100 x5", "Backup -> Active: no advertisement heard")
	})
	t.Run("interval", func(t *testing.T) {
		faster := func(c *vrrp.Config) { c.Interval = 100 * time.Millisecond }
		b := active(t, v3())
		b.reconfigure(v3(faster))
		b.want("send 100")
		b.wantDeadline(100 * time.Millisecond)
		b = active(t, v3(faster))
		b.reconfigure(v3())
		b.wantDeadline(100 * time.Millisecond) // peers still count by the shorter one
		b = backup(t, v2())
		b.reconfigure(v2(func(c *vrrp.Config) { c.Interval = 2 * time.Second }))
		if got := b.m.DownInterval(); got != 6609375*time.Microsecond {
			t.Errorf("down interval %v", got)
		}
	})
	t.Run("priority", func(t *testing.T) {
		b := backup(t, v3())
		b.reconfigure(v3(priority(200)))
		b.wantDeadline(3*time.Second + 218750*time.Microsecond)
	})
	t.Run("interval without a peer", func(t *testing.T) {
		b := backup(t, v3(func(c *vrrp.Config) { c.Interval = 40 * time.Second }))
		b.reconfigure(v3())
		b.wantDeadline(downInterval)
	})
	t.Run("no preemption any more", func(t *testing.T) {
		b := backup(t, v3())
		b.advance(3 * time.Second)
		b.hear(higherPeer, b.adv(50))
		b.reconfigure(v3(noPreempt))
		b.wantDeadline(downInterval)
	})
	t.Run("refresh from now on", func(t *testing.T) {
		quiet := func(c *vrrp.Config) { c.Announcements.Delay = -1 }
		b := active(t, v3(quiet))
		b.reconfigure(v3(quiet, func(c *vrrp.Config) { c.Announcements.Refresh = 500 * time.Millisecond }))
		b.next()
		b.want("announce 192.0.2.100 x1")
	})
	t.Run("refused", func(t *testing.T) {
		b := active(t, v3())
		for _, c := range []vrrp.Config{v2(), v3(priority(255)), v3(func(c *vrrp.Config) { c.VRID = 7 }), {},
			v3(func(c *vrrp.Config) { c.Addresses = prefixes("fe80::1/64") })} {
			if actions, err := b.m.Reconfigure(b.now, c); err == nil || len(actions) != 0 {
				t.Errorf("Reconfigure(%+v) = %v, %v", c, actions, err)
			}
		}
	})
	t.Run("owner", func(t *testing.T) {
		b := newBench(t, v3(priority(255)))
		b.do(b.m.Startup(b.now, local))
		b.got = nil
		b.reconfigure(v3(priority(255), two))
		b.want()
	})
}

func (b *bench) reconfigure(c vrrp.Config) {
	b.t.Helper()
	actions, err := b.m.Reconfigure(b.now, c)
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(actions)
}

func TestSourceAddressChanges(t *testing.T) {
	b := active(t, v3())
	b.do(b.m.Startup(b.now, netip.MustParseAddr("192.0.2.200")))
	b.want()
	b.hear(higherPeer, b.adv(100)) // now the lower address
	b.wantState(vrrp.Active)
}

func TestMachineDoesNotAllocateInSteadyState(t *testing.T) {
	a, b := active(t, v3()), backup(t, v3())
	adv := b.adv(200)
	if n := testing.AllocsPerRun(1000, func() {
		a.now = a.now.Add(time.Second)
		a.m.Expire(a.now)
		b.m.Receive(a.now, higherPeer, adv)
		a.m.Receive(a.now, local, adv)
	}); n > 0.01 {
		t.Errorf("%v allocations", n)
	}
}

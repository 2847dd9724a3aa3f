// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// ifconfig em0 vhid 42 state backup: the successor is a temporary Master, which
// yields again under preemption and stays without it.
func TestResign(t *testing.T) {
	t.Run("preemption", func(t *testing.T) {
		h := master(t, preempt)
		h.do(h.m.Resign(h.now, 0))
		h.follow(3*time.Second, lowerPeer, adv(1, 200))
		h.wantState(carp.Backup) // not before the master-down time
		h.follow(2*time.Second, lowerPeer, adv(1, 200))
		h.wantState(carp.Master)
	})
	t.Run("preemption after a time", func(t *testing.T) {
		h := master(t, preempt)
		h.do(h.m.Resign(h.now, time.Minute))
		h.follow(59*time.Second, lowerPeer, adv(1, 200))
		h.wantState(carp.Backup)
		h.follow(10*time.Second, lowerPeer, adv(1, 200))
		h.wantState(carp.Master)
	})
	t.Run("no preemption", func(t *testing.T) {
		h := master(t)
		h.do(h.m.Resign(h.now, 0))
		h.follow(time.Hour, lowerPeer, adv(1, 200))
		h.wantState(carp.Backup)
	})
	t.Run("the successor leaves", func(t *testing.T) {
		h := master(t)
		h.do(h.m.Resign(h.now, time.Hour))
		h.hear(lowerPeer, adv(1, 200))
		h.hear(lowerPeer, adv(255, 255))
		h.wantState(carp.Master)
	})
	t.Run("the successor is demoted", func(t *testing.T) {
		h := master(t, openBSD)
		h.do(h.m.Resign(h.now, time.Minute))
		h.follow(59*time.Second, lowerPeer, demoted(1, 100, 1))
		h.wantState(carp.Backup)
		h.follow(10*time.Second, lowerPeer, demoted(1, 100, 1))
		h.wantState(carp.Master)
	})
	t.Run("nobody else", func(t *testing.T) {
		h := master(t)
		h.do(h.m.Resign(h.now, time.Hour))
		h.advance(3390625 * time.Microsecond)
		h.wantState(carp.Master)
	})
}

// ifconfig em0 vhid 42 state master, on the worse of two hosts.
func TestForce(t *testing.T) {
	t.Run("until Resign", func(t *testing.T) {
		h := backup(t)
		h.hear(higherPeer, adv(1, 0))
		h.do(h.m.Force(h.now, 0))
		h.want(taken("0/0", "Backup -> Master: forced")...)
		h.hear(higherPeer, adv(1, 0)) // its last word
		h.wantState(carp.Master)
		h.advance(time.Hour)
		if h.m.Rank() != (carp.Rank{}) {
			t.Errorf("%v", h.m.Rank())
		}
		h.do(h.m.Resign(h.now, 0))
		if want := (carp.Rank{AdvBase: 1, AdvSkew: 100}); h.m.Rank() != want {
			t.Errorf("%v after Resign", h.m.Rank())
		}
	})
	t.Run("for a time", func(t *testing.T) {
		h := backup(t, quiet)
		h.do(h.m.Force(h.now, time.Minute))
		h.advance(time.Minute - 1)
		h.got = nil
		h.advance(1)
		h.want("send 1/100") // at once, for those who preempt
		h.wantState(carp.Master)
	})
	t.Run("another interval", func(t *testing.T) {
		h := backup(t, timing(10, 0), quiet)
		h.hear(higherPeer, adv(1, 0))
		h.do(h.m.Force(h.now, time.Minute))
		h.wantDeadline(time.Second) // by which the other hosts have set their timers
		h.advance(time.Minute)
		h.wantDeadline(10 * time.Second)
	})
	t.Run("another interval after another forced one", func(t *testing.T) {
		h := backup(t, timing(10, 0), quiet)
		h.hear(higherPeer, adv(1, 0))
		h.hear(lowerPeer, adv(0, 0))
		h.do(h.m.Force(h.now, 0))
		h.wantDeadline(time.Second)
	})
	t.Run("both forced", func(t *testing.T) {
		h := backup(t)
		h.do(h.m.Force(h.now, 0))
		h.hear(lowerPeer, adv(0, 0))
		h.wantState(carp.Backup)
		if want := (carp.Rank{AdvBase: 1, AdvSkew: 100}); h.m.Rank() != want {
			t.Errorf("%v", h.m.Rank())
		}
	})
	t.Run("once more, for another time", func(t *testing.T) {
		h := backup(t)
		h.do(h.m.Force(h.now, time.Minute))
		h.do(h.m.Force(h.now, 0))
		h.advance(time.Hour)
		if h.m.Rank() != (carp.Rank{}) {
			t.Errorf("%v", h.m.Rank())
		}
	})
	t.Run("ends what was resigned", func(t *testing.T) {
		h := master(t, preempt)
		h.do(h.m.Resign(h.now, time.Hour))
		h.do(h.m.Force(h.now, time.Minute))
		h.advance(time.Minute)
		h.hear(lowerPeer, adv(1, 50))
		h.wantState(carp.Backup)
		h.hear(lowerPeer, adv(1, 150))
		h.wantState(carp.Master)
	})
	t.Run("ends with the role", func(t *testing.T) {
		for name, leave := range map[string]func(*harness){
			"addresses": func(h *harness) { h.do(h.m.AddressesAdded(h.now, errors.New("full"))) },
			"slept":     func(h *harness) { h.do(h.m.Slept(h.now)) },
			"link down": func(h *harness) { h.do(h.m.Shutdown(h.now, carp.ReasonLinkDown)) },
		} {
			h := backup(t)
			h.do(h.m.Force(h.now, 0))
			leave(h)
			if want := (carp.Rank{AdvBase: 1, AdvSkew: 100}); h.m.Rank() != want {
				t.Errorf("%s: %v", name, h.m.Rank())
			}
		}
	})
	t.Run("a demoted one", func(t *testing.T) {
		h := backup(t, openBSD)
		h.do(h.m.Demote(h.now, "test", 3))
		h.do(h.m.Force(h.now, 0))
		h.hear(higherPeer, demoted(1, 0, 0))
		h.wantState(carp.Master)
	})
}

// Two hosts, of which the worse one is forced: it is a temporary Master, which
// yields again to one that preempts and stays beside one that doesn't.
func TestTemporaryMaster(t *testing.T) {
	for _, preempts := range []bool{true, false} {
		for name, better := range map[string]speaker{
			"this package": newHost(t, ips(lowest), epoch, timing(1, 0), func(c *carp.Config) { c.Preempt = preempts }),
			"a BSD":        &kernel{local: ips(lowest)[0], base: 1, preempts: preempts, timer: epoch.Add(3 * time.Second)},
			"ucarp":        &ucarp{local: ips(lowest)[0], base: 1, preempts: preempts, timer: epoch.Add(3 * time.Second)},
		} {
			t.Run(fmt.Sprint(name, ", preempt ", preempts), func(t *testing.T) {
				worse := newHost(t, ips(highest), epoch)
				l := newLAN(1, better, worse)
				l.run(10 * time.Second)
				l.wantMaster(t, better)
				l.send(1, worse.do(worse.m.Force(l.now, 10*time.Second)))
				l.run(9 * time.Second)
				l.wantMaster(t, worse)
				l.run(time.Minute)
				l.wantMaster(t, map[bool]speaker{true: better, false: worse}[preempts])
			})
		}
	}
}

// A primary for good is preemption with the lower advskew.
func TestPrimary(t *testing.T) {
	a := newHost(t, ips(highest), epoch.Add(time.Minute), timing(1, 0), preempt)
	b := newHost(t, ips(lowest), epoch, timing(1, 1), preempt)
	l := newLAN(1, a, b)
	l.up[0] = false
	l.run(time.Minute)
	l.wantMaster(t, b)
	l.up[0] = true
	l.run(2 * time.Second)
	l.wantMaster(t, a)
}

func TestReconfigureAddresses(t *testing.T) {
	two := func(c *carp.Config) { c.Addresses = prefixes("192.0.2.101/24", "192.0.2.100/24") }
	h := master(t)
	h.reconfigure(two)
	h.want("add 192.0.2.101", "announce 192.0.2.101 x5")
	h.reconfigure()
	h.want("remove 192.0.2.101")
	h.reconfigure(func(c *carp.Config) { c.Addresses = prefixes("192.0.2.100/32") })
	h.want("add 192.0.2.100", "announce 192.0.2.100 x5", "remove 192.0.2.100") // another prefix, first there, then gone
	h = backup(t)
	h.reconfigure(two)
	h.want()
	h.next()
	h.want("send 1/100", "add 192.0.2.101 192.0.2.100", "announce 192.0.2.101 192.0.2.100 x5", "Backup -> Master: master timed out")
}

func TestReconfigureRank(t *testing.T) {
	t.Run("a Master says so at once", func(t *testing.T) {
		h := master(t, quiet)
		h.advance(time.Second)
		h.reconfigure(timing(1, 254), quiet)
		h.want("send 1/254")
		h.wantDeadline(1992187500)
		h.reconfigure(timing(1, 0), quiet) // a moment later
		h.want()
		h.wantDeadline(100 * time.Millisecond)
		h.next()
		h.want("send 1/0")
	})
	t.Run("a Backup waits as long as before", func(t *testing.T) {
		h := backup(t, timing(10, 0))
		h.advance(5 * time.Second)
		h.reconfigure(timing(1, 0)) // the Master may still advertise every ten seconds
		h.wantDeadline(3 * time.Second)
	})
	t.Run("no preemption any more", func(t *testing.T) {
		h := master(t, preempt)
		h.do(h.m.AddressesAdded(h.now, errors.New("full")))
		h.hear(lowerPeer, adv(1, 200))
		h.wantDeadline(time.Second)
		h.reconfigure()
		h.wantDeadline(3390625 * time.Microsecond)
	})
	t.Run("not of interest to a claim that is due", func(t *testing.T) {
		h := master(t, openBSD)
		h.do(h.m.AddressesAdded(h.now, errors.New("full")))
		h.hear(lowerPeer, adv(255, 255))
		h.reconfigure(timing(1, 254), openBSD) // 1.8 s more
		h.wantDeadline(time.Second)
	})
	t.Run("refresh from now on", func(t *testing.T) {
		h := master(t, quiet)
		h.reconfigure(quiet, func(c *carp.Config) { c.Announcements.Refresh = 500 * time.Millisecond })
		h.next()
		h.want("announce 192.0.2.100 x1")
	})
}

func TestReconfigureRefused(t *testing.T) {
	h := master(t)
	for _, c := range []carp.Config{{}, config(timing(1, 255)), config(func(c *carp.Config) { c.VHID = 7 })} {
		var value *carp.ValueError
		if actions, err := h.m.Reconfigure(h.now, c); !errors.As(err, &value) || len(actions) != 0 {
			t.Errorf("Reconfigure(%+v) = %v, %v", c, actions, err)
		}
	}
	if want := (carp.Rank{AdvBase: 1, AdvSkew: 100}); h.m.Rank() != want {
		t.Errorf("%v", h.m.Rank())
	}
}

func TestAnnouncements(t *testing.T) {
	const burst, refresh = "announce 192.0.2.100 x5", "announce 192.0.2.100 x1"
	every := func(d time.Duration) func(*carp.Config) { return func(c *carp.Config) { c.Announcements.Refresh = d } }
	for _, c := range []struct {
		name    string
		change  changes
		bursts  []time.Duration
		refresh []time.Duration
	}{
		{"second burst", nil, []time.Duration{5 * time.Second}, nil},
		{"none", changes{quiet}, nil, nil},
		{"refresh", changes{every(20 * time.Second)}, []time.Duration{5 * time.Second}, []time.Duration{25 * time.Second, 45 * time.Second}},
		{"refresh without second burst", changes{quiet, every(20 * time.Second)}, nil, []time.Duration{20 * time.Second, 40 * time.Second, 60 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := master(t, c.change...)
			got := map[string][]time.Duration{}
			for start := h.now; h.now.Before(start.Add(time.Minute)); h.got = nil {
				h.next()
				for _, line := range h.got {
					got[line] = append(got[line], h.now.Sub(start))
				}
			}
			if fmt.Sprint(got[burst], got[refresh]) != fmt.Sprint(c.bursts, c.refresh) {
				t.Errorf("bursts at %v, refreshes at %v, want %v, %v", got[burst], got[refresh], c.bursts, c.refresh)
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// successor makes a host that takes over from old in its first turn, as transfer has it. It has the same
// addresses, and a host of the LAN of its own, as two processes have a socket each.
func successor(t testing.TB, sim *netiftest.Simulation, old *node, n int, transfer func(carp.Transfer) carp.Transfer, change ...func(*carp.VirtualHostConfig)) (*node, *error) {
	t.Helper()
	failed := new(error)
	inherit := func(take carp.Transfer) error {
		*failed = old.carp.HandOver(t.Context(), transfer(take))
		return *failed
	}
	change = append(change, func(c *carp.VirtualHostConfig) { c.Backend = old.addrs })
	heir := newNodeOf(t, sim.LAN, n, func(c *carp.HostConfig) { c.Inherit, c.Random = inherit, random(rand.IntN(1<<30)) }, old.cfg.Config, change...)
	heir.addrs = old.addrs
	sim.Drive(heir.host, heir.carp)
	return heir, failed
}

// direct is the transfer within one program.
func direct(take carp.Transfer) carp.Transfer { return take }

// tempo notes when it is advertised in IPv4 from an address, and with which advskew.
type tempo struct {
	at   []time.Time
	skew []uint8
}

func tempoOf(sim *netiftest.Simulation, n int) *tempo {
	w := &tempo{}
	sim.Tap(func(p netiftest.Packet) {
		if p.Src == ipv4(n) {
			w.at, w.skew = append(w.at, p.At), append(w.skew, p.Payload[2])
		}
	})
	return w
}

// longest returns the longest time between two of them.
func (w *tempo) longest() (gap time.Duration) {
	for i := 1; i < len(w.at); i++ {
		gap = max(gap, w.at[i].Sub(w.at[i-1]))
	}
	return gap
}

// removals returns the calls that have removed addresses.
func removals(n *node) []viptest.Call {
	return slices.DeleteFunc(n.addrs.Calls(), func(c viptest.Call) bool { return c.Op != vip.OpRemove })
}

// lasting returns of a status what a hand-over doesn't change, and what a turn doesn't.
func lasting(s carp.Status) string {
	s.Stats.SentIPv4, s.Stats.SentIPv6, s.Margin = 0, 0, carp.Margin{}
	return fmt.Sprintf("%+v", s)
}

// TestHandOverMaster: Master and Backup are replaced at any moment, time and again: no advertisement is
// missed, no address is touched, and neither peer notices anything.
func TestHandOverMaster(t *testing.T) {
	for name, change := range map[string]func(*carp.VirtualHostConfig){
		"plain": func(*carp.VirtualHostConfig) {}, "strict": func(c *carp.VirtualHostConfig) { c.Strict = true },
	} {
		t.Run(name, func(t *testing.T) {
			config := carp.Config{VHID: 7, Preempt: true}
			five(&config)
			sim, a, b := pair(t, config, change)
			w := tempoOf(sim, 1)
			random := rand.New(rand.NewPCG(1, 2))
			transitions, touched := len(b.history()), len(removals(a))
			if err := errors.Join(a.virtual.Demote("mine", 3)); err != nil {
				t.Fatal(err)
			}
			a.carp.Demote("all", 2)
			sim.Run(time.Second)
			for i := range 10 {
				sim.Run(time.Duration(random.Int64N(int64(3 * time.Second))))
				before := a.virtual.Status()
				heirA, errA := successor(t, sim, a, 1, direct, change)
				heirB, errB := successor(t, sim, b, 2, direct, change, func(c *carp.VirtualHostConfig) { c.Config = b.cfg.Config })
				sim.Run(time.Millisecond)
				if *errA != nil || *errB != nil || len(heirA.history())+len(heirB.history()) > 0 {
					t.Fatalf("%d: %v, %v, transitions %v and %v", i, *errA, *errB, heirA.history(), heirB.history())
				}
				if was, is := lasting(before), lasting(heirA.virtual.Status()); was != is {
					t.Errorf("%d: status before:\n%s\nafter:\n%s", i, was, is)
				}
				if got := heirA.carp.Demotions(); len(got) != 1 || got[0].Weight != 2 {
					t.Errorf("demotions %v", got)
				}
				a, b = heirA, heirB
			}
			sim.Run(10 * time.Second)
			wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
			if gap := w.longest(); gap > 1100*time.Millisecond || slices.Contains(w.skew, 255) {
				t.Errorf("longest time between advertisements %v, advskew %v", gap, w.skew)
			}
			if removed := removals(a); transitions == 0 || len(b.history()) > 0 || len(removed) > touched {
				t.Errorf("the peer noticed %v, removed were %v", b.history(), removed[touched:])
			}
			if s := b.virtual.Status().Stats; s.DigestErrors > 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestHandOverFails: whatever is wrong with the new host, the old one goes on, and the new one has done nothing.
func TestHandOverFails(t *testing.T) {
	broken := errors.New("broken")
	for name, transfer := range map[string]func(carp.Transfer) carp.Transfer{
		"not asked": func(carp.Transfer) carp.Transfer {
			return func(context.Context, []byte) ([]byte, error) { return nil, broken }
		},
		"garbled": func(take carp.Transfer) carp.Transfer {
			return func(ctx context.Context, legacy []byte) ([]byte, error) { return take(ctx, legacy[1:]) }
		},
		"other version": func(take carp.Transfer) carp.Transfer {
			return func(ctx context.Context, legacy []byte) ([]byte, error) {
				return take(ctx, []byte(`{"protocol":"carp","version":999}`))
			}
		},
		"lost on the way back": func(take carp.Transfer) carp.Transfer {
			return func(ctx context.Context, legacy []byte) ([]byte, error) {
				if _, err := take(ctx, legacy); err != nil {
					t.Error(err)
				}
				return nil, broken
			}
		},
		"receipt": func(take carp.Transfer) carp.Transfer {
			return func(ctx context.Context, legacy []byte) ([]byte, error) { return []byte(`{"taken":[7]}`), nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := carp.Config{VHID: 7}
			five(&config)
			sim, a, b := pair(t, config)
			transitions, touched := len(b.history()), len(removals(a))
			w := tempoOf(sim, 1)
			sim.Run(300 * time.Millisecond)
			heir, err := successor(t, sim, a, 1, transfer)
			sim.Run(10 * time.Second)
			if *err == nil || len(heir.history()) > 0 || errors.Is(*err, carp.ErrLegacy) != (name == "other version") {
				t.Errorf("error %v, transitions %v", *err, heir.history())
			}
			if w.longest() > 1100*time.Millisecond || len(b.history()) != transitions || len(removals(a)) != touched {
				t.Errorf("longest gap %v, peer %v", w.longest(), b.history()[transitions:])
			}
			wantStates(t, []*node{a, b}, carp.Master, carp.Backup)
		})
	}
}

// TestHandOverBackupClaims when the host before it would have.
func TestHandOverBackupClaims(t *testing.T) {
	claimed := func(handOver time.Duration) time.Duration {
		config := carp.Config{VHID: 7}
		five(&config)
		sim, a, b := pair(t, config)
		sim.Run(300 * time.Millisecond)
		sim.Crash(a.host)
		start := sim.Now()
		if handOver > 0 {
			sim.Run(handOver)
			b, _ = successor(t, sim, b, 2, direct)
		}
		sim.Run(10 * time.Second)
		if b.state() != carp.Master || b.last().Reason != carp.ReasonTimedOut {
			t.Fatalf("%v: %v", handOver, b.last())
		}
		return b.last().At.Sub(start)
	}
	want := claimed(0)
	for _, at := range []time.Duration{1, 1500 * time.Millisecond, want - 1} {
		if got := claimed(at); got != want {
			t.Errorf("handed over after %v: claimed after %v, want %v", at, got, want)
		}
	}
}

// TestHandOverOtherVirtualHosts: those that the new host doesn't have bow out, those that it alone has begin, and
// what is configured differently is changed.
func TestHandOverOtherVirtualHosts(t *testing.T) {
	config := carp.Config{VHID: 7}
	five(&config)
	sim, a, b := pair(t, config)
	transitions := len(b.history())
	gone := carp.VirtualHostConfig{Config: carp.Config{VHID: 8, Addresses: prefixes("192.0.2.108/32")}, Link: "eth0", Backend: a.addrs}
	if _, err := a.carp.Add(gone); err != nil {
		t.Fatal(err)
	}
	sim.Run(5 * time.Second)
	heir, failed := successor(t, sim, a, 1, direct, func(c *carp.VirtualHostConfig) { c.AdvSkew = 5 })
	begun := carp.VirtualHostConfig{Config: carp.Config{VHID: 9, Addresses: prefixes("192.0.2.109/32")}, Link: "eth0", Backend: a.addrs}
	v, err := heir.carp.Add(begun)
	if err != nil {
		t.Fatal(err)
	}
	sim.Run(10 * time.Second)
	if *failed != nil || v.Status().State != carp.Master || heir.state() != carp.Master || len(b.history()) != transitions {
		t.Errorf("%v, %v, %v, peer %v", *failed, v.Status().State, heir.state(), b.history())
	}
	if slices.Contains(heir.addrs.Held(), gone.Addresses[0]) || heir.virtual.Status().Rank.AdvSkew != 5 {
		t.Errorf("held %v, rank %v", heir.addrs.Held(), heir.virtual.Status().Rank)
	}
}

// TestHandOverGroup: the members of a group, and the group, are where they were, on both sides and while one of them
// has the others demoted or keeps them from taking part.
func TestHandOverGroup(t *testing.T) {
	for name, g := range map[string]carp.GroupConfig{"demoted": {}, "leave": {Leave: true}} {
		t.Run(name, func(t *testing.T) {
			sim, a, b := duo(t, g)
			replace := func(old *rig, n int, skew uint8, links ...string) *rig {
				t.Helper()
				next := newRig(t, sim.LAN, n, skew, g)
				h, err := carp.NewHost(carp.HostConfig{Network: next.host.Network(), Now: sim.Now, LinkDownDemotion: -1, Random: random(rand.IntN(1 << 30)),
					Trace:   carp.Trace{Transition: next.changed, Moved: next.moved},
					Inherit: func(take carp.Transfer) error { return old.carp.HandOver(t.Context(), take) }})
				if err != nil {
					t.Fatal(err)
				}
				next.carp = h
				var members []*carp.VirtualHost
				for _, name := range []string{"a", "b"} {
					cfg := rigConfig(name, skew)
					cfg.Preempt, cfg.Backend, next.addrs[name] = !g.Leave, old.addrs[name], old.addrs[name]
					if next.virtual[name], err = h.Add(cfg); err != nil {
						t.Fatal(err)
					}
					members = append(members, next.virtual[name])
				}
				g := g
				g.Name = "g"
				if next.group, err = h.NewGroup(g, members...); err != nil {
					t.Fatal(err)
				}
				for _, l := range links {
					next.link(l, false)
				}
				sim.Drive(next.host, h)
				sim.Run(5 * time.Second)
				next.want()
				return next
			}
			a, b = replace(a, 1, 0), replace(b, 2, 100)
			a.is("a Master, b Master")
			b.is("a Backup, b Backup")
			a.link("eth1", false)
			sim.Run(10 * time.Second)
			b.is("a Master, b Master")
			a.log, b.log = nil, nil
			a = replace(a, 1, 0, "eth1")
			b.want()
			a.link("eth1", true)
			sim.Run(20 * time.Second)
			if g.Leave {
				b.is("a Master, b Master") // nobody preempts
			} else {
				a.is("a Master, b Master")
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// seconds is an advertisement interval of a peer.
func seconds(n int) func(*vrrp.Advertisement) {
	return func(a *vrrp.Advertisement) { a.Interval = time.Duration(n) * time.Second }
}

// Section 6.4.1 (155): Active_Adver_Interval is the own interval until another is learned, and so it is again when what was
// learned can be out of date.
func TestSection6_4_1_IntervalIsTheOwnAtFirst(t *testing.T) {
	m, err := vrrp.NewMachine(v3())
	if err != nil {
		t.Fatal(err)
	}
	if m.ActiveInterval() != time.Second || m.DownInterval() != downInterval {
		t.Errorf("before startup: %v, %v", m.ActiveInterval(), m.DownInterval())
	}
	for name, forget := range map[string]func(*bench){
		"link down and up": func(b *bench) {
			b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown))
			b.do(b.m.Startup(b.now, local))
		},
		"slept": func(b *bench) { b.do(b.m.Slept(b.now)) },
		"Active itself": func(b *bench) {
			b.await(vrrp.Active)
			if b.m.ActiveInterval() != time.Second {
				t.Errorf("as Active: %v", b.m.ActiveInterval())
			}
			b.do(b.m.AddressesAdded(b.now, nil))
			b.do(b.m.Slept(b.now))
		},
		"Active, and resigned": func(b *bench) {
			b.await(vrrp.Active)
			b.do(b.m.Resign(b.now, 0))
			b.next() // the addresses go
			b.now = b.now.Add(-1100 * time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := backup(t, v3())
			b.hear(higherPeer, b.adv(200, seconds(2)))
			forget(b)
			b.wantState(vrrp.Backup)
			b.wantDeadline(downInterval)
		})
	}
}

// Section 6.4.1: nothing is known of a peer from before.
func TestSection6_4_1_NoPeerAtFirst(t *testing.T) {
	b := backup(t, v3())
	b.hear(higherPeer, b.adv(200))
	b.do(b.m.Shutdown(b.now, vrrp.ReasonLinkDown))
	b.do(b.m.Startup(b.now, local))
	at, _ := b.m.Deadline()
	b.now = at
	for _, action := range b.m.Expire(at) {
		if tr, ok := action.(vrrp.Transition); ok && (tr.Peer.IsValid() || tr.PeerPriority != 0) {
			t.Errorf("%+v", tr)
		}
	}
	b.wantState(vrrp.Active)
}

// Section 6.4.2: the transition tells how late the timer was.
func TestSection6_4_2_DownTimerTellsHowLate(t *testing.T) {
	b := backup(t, v3())
	at, _ := b.m.Deadline()
	for _, action := range b.m.Expire(at.Add(1500 * time.Millisecond)) {
		if tr, ok := action.(vrrp.Transition); ok && tr.Late != 1500*time.Millisecond {
			t.Errorf("%+v", tr)
		}
	}
	b.wantState(vrrp.Active)
}

// EagerStart is for the first wait alone: after that the timer follows another priority.
func TestEagerStartIsOver(t *testing.T) {
	b := backup(t, v3(func(c *vrrp.Config) { c.EagerStart = true }))
	b.hear(higherPeer, b.adv(200))
	if _, err := b.m.SetPriority(b.now, 200); err != nil {
		t.Fatal(err)
	}
	b.wantDeadline(3*time.Second + 218750*time.Microsecond)
}

// Another interval is for the wait of a Backup in version 2, where it must be that of the peers; in version 3 as long as
// no peer was heard, from which it is learned.
func TestReconfigureTheIntervalOfABackup(t *testing.T) {
	two := func(c *vrrp.Config) { c.Interval = 2 * time.Second }
	asV2 := func(a *vrrp.Advertisement) { a.Version = vrrp.V2 }
	for _, c := range []struct {
		name   string
		before vrrp.Config
		after  vrrp.Config
		peer   []func(*vrrp.Advertisement) // nil: not heard
		want   time.Duration
	}{
		{"version 2, a peer is heard", v2(), v2(two), []func(*vrrp.Advertisement){asV2}, 6609375 * time.Microsecond},
		{"version 2, none", v2(), v2(two), nil, 6609375 * time.Microsecond},
		{"version 3, a peer is heard", v3(), v3(two), []func(*vrrp.Advertisement){}, downInterval - time.Second},
		{"version 3, none", v3(), v3(two), nil, 2 * downInterval},
		{"version 3, the same", v3(), v3(), nil, downInterval - time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := backup(t, c.before)
			if c.peer != nil {
				b.hear(higherPeer, b.adv(200, c.peer...))
			}
			b.advance(time.Second)
			try(b)(b.m.Reconfigure(b.now, c.after))
			b.want()
			b.wantDeadline(c.want)
		})
	}
}

// Ownership can't be changed, whoever adds the addresses.
func TestReconfigureIntoAnOwner(t *testing.T) {
	b := backup(t, v3())
	try(b)(b.m.Reconfigure(b.now, v3(priority(255), func(c *vrrp.Config) { c.OwnerAdds = true })))
	b.want("refused")
}

// An Active Router that was about to be preempted is let be when it has become as good, and what ends its role then is
// its silence.
func TestPreemptionIsTakenBack(t *testing.T) {
	b := backup(t, v3())
	b.hear(higherPeer, b.adv(99))
	b.advance(time.Second)
	try(b)(b.m.SetPriority(b.now, 99))
	b.wantDeadline(3*time.Second + 157*time.Second/256)
	b.next()
	b.want(taken("99", "Backup -> Active: no advertisement heard (peer 192.0.2.3, priority 99)")...)
}

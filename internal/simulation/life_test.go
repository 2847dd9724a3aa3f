// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"net/netip"
	"slices"
	"time"
)

// program is a vrrp.Router or a carp.Host.
type program interface {
	Turn() (until time.Time, done bool)
	Stop()
}

// place is a vrrp.VirtualRouter or a carp.VirtualHost.
type place interface {
	reconfigure(s *seat) error
	resign(d time.Duration) error
	force(d time.Duration) error
	setPriority(rank uint8) error
	demote(weight int) error
}

// life is one run of a program on a host.
type life struct {
	c       *cluster
	st      *station
	wire    *wire
	wills   *wills
	program program
	tamper  func(leaser) leaser // with the backend; nil: nobody does

	begun    time.Time
	ended    bool // crashed
	stopping bool
	done     bool // a turn that stood still has found that the hand-over is done
	paused   map[*run]bool
	running  *run // the turn under way, if it can stand still

	lost  time.Duration // by the clock in suspensions, at the last turn
	at    time.Time     // of the last turn
	until time.Time     // by its own clock, as the last turn returned it
	seen  activity      // in this turn
}

// activity is what a program did in one turn.
type activity struct{ accepted, rejected, sent, changed int }

// now is the clock of the program.
func (l *life) now() time.Time { return l.st.node.clock.local(l.c.now()) }

// Turn steps the program, and has the judge look at what comes of it.

func (l *life) Turn() (until time.Time, done bool) {
	if l.c.judge.advance(); l.c.over() {
		return time.Time{}, true
	}
	if l.done {
		l.st.ended()
		return time.Time{}, true
	}
	asked, idle := l.until, l.wire.wakes == 0 && l.st.node.latency == 0 && l.lost == l.st.node.clock.lost
	idle = idle && (asked.IsZero() || l.now().Before(asked))
	l.lost, l.wire.wakes, l.wire.others, l.seen = l.st.node.clock.lost, 0, 0, activity{}
	slept := l.at.Before(l.st.node.thawAt)
	l.at = l.c.now()
	until, done = l.step()
	if slept {
		l.awoken()
	}
	if idle && l.wire.others == 0 && l.seen.rejected > 0 && l.seen.accepted == 0 {
		l.rejectedOnly(asked, until)
	}
	l.until = until
	if done {
		l.st.ended()
	}
	l.c.judge.look()
	return l.st.node.clock.actual(until), done
}

// stop ends it as planned, which takes no longer than a hand-over.
func (l *life) stop() {
	l.stopping = true
	l.program.Stop()
	begun, bound := l.c.now(), time.Duration(0)
	for _, s := range l.st.seats {
		bound = max(bound, s.group.handOver())
	}
	l.c.after(l.c.atMost(bound), func() {
		if n := l.st.node; !l.ended && !n.trouble() && !n.frail.After(begun) && !n.thawAt.After(begun) {
			l.c.violated(ruleRun, "node %d was asked to stop %v ago", n.index, l.c.now().Sub(begun))
		}
	})
}

// announcing is called when it announces addresses.
func (l *life) announcing(addrs []netip.Addr) {
	for _, s := range l.st.seats {
		if !s.active && slices.Contains(addrs, s.pool[0].Addr()) {
			l.c.violated(ruleAnnounce, "node %d group %d announces %v and is not Active", s.st.node.index, s.group.index, addrs)
		}
	}
}

// station is the place of a program: a host of its own, with its addresses and
// seats.
type station struct {
	c     *cluster
	node  *node
	carp  bool
	host  hostOnLAN
	seats []*seat
	book  book
	life  *life // nil: it doesn't run
	died  time.Time
	will  bool // was carried out
}

// start starts the program, in the place of one that has crashed or is done.
func (st *station) start() {
	l := &life{c: st.c, st: st, begun: st.c.now(), paused: map[*run]bool{}}
	l.wire = newWire(l)
	l.wills = &wills{life: l, list: map[int]will{}}
	st.life = l
	for _, s := range st.seats {
		s.begin()
	}
	l.program = st.c.make(l)
	st.c.sim.Drive(st.host, l)
}

// ended notes that the program has come to its end as planned.
func (st *station) ended() {
	st.life.ended = true
	st.life.abandon()
	st.life, st.died, st.will = nil, st.c.now(), st.node.sound()
	for _, s := range st.seats {
		s.end()
	}
}

// crash ends the program without a word.
func (st *station) crash() {
	st.life.ended = true
	st.c.sim.Crash(st.host)
	st.life.abandon()
	st.life, st.died, st.will = nil, st.c.now(), false
	for _, s := range st.seats {
		s.end()
	}
}

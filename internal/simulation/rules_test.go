// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"fmt"
	"time"
)

// rule is what must hold.
type rule string

// The rules.
const (
	ruleOne      rule = "after a quiet time of twice the down interval one is Active in each connected part"
	ruleTwo      rule = "never two are Active for longer than a down interval in a healthy LAN"
	rulePresent  rule = "addresses are present where the role is"
	ruleAbsent   rule = "addresses are absent where the role is not, after a hand-over"
	ruleRejected rule = "a packet that is rejected causes nothing"
	ruleLease    rule = "addresses outlive a program by no more than a lease"
	ruleRemove   rule = "nothing is removed that both configurations hold"
	ruleAnnounce rule = "addresses are announced where the role is"
	ruleSlept    rule = "who stood still for longer than peers wait is Backup on waking"
	ruleRun      rule = "the program does as it is asked"
)

// violation is a rule that was broken.
type violation struct {
	at   time.Duration
	rule rule
	text string
}

func (v *violation) Error() string { return fmt.Sprintf("after %v: %s: %s", v.at, v.rule, v.text) }

// violated notes that a rule was broken, if it is the first.
func (c *cluster) violated(r rule, format string, args ...any) {
	if c.judge.found == nil {
		c.judge.found = &violation{c.now().Sub(c.epoch), r, fmt.Sprintf(format, args...)}
		c.note(-1, "%v", c.judge.found.Error())
	}
}

// rejectedOnly holds a turn in which nothing but rejected packets came, and nothing
// was due, to nothing having come of it. A later turn is nothing: the one asked for
// before was as early as it had to be for deadlines that were put off long ago.
func (l *life) rejectedOnly(before, until time.Time) {
	if a := l.seen; a.sent > 0 || a.changed > 0 || before.IsZero() != until.IsZero() || until.Before(before) {
		l.c.violated(ruleRejected, "node %d rejects %d packets, sends %d, changes %d states, and its deadline from %v to %v",
			l.st.node.index, a.rejected, a.sent, a.changed, before.Sub(l.c.epoch), until.Sub(l.c.epoch))
	}
}

// awoken holds the first turn after a freeze to who was Active before a long one not
// being that any more: peers that it hasn't heard may be.
func (l *life) awoken() {
	n := l.st.node
	for _, s := range l.st.seats {
		if slept := n.thawAt.Sub(n.frozeAt); s.active && s.since.Before(n.frozeAt) && slept > l.c.atMost(s.group.down()) {
			l.c.violated(ruleSlept, "node %d group %d is Active after it stood still for %v", n.index, s.group.index, slept)
		}
	}
}

// judgeSeat says when addresses of a seat will have been there, or not, for too
// long.
func (j *judge) judgeSeat(s *seat) {
	n, now := s.st.node, j.c.now()
	switch {
	case s.fixed() || n.suspended:
	case s.st.life == nil:
		j.judgeGone(s, s.st.died, s.st.will && s.started)
	case n.frozen():
		j.judgeGone(s, n.frozeAt, false)
	case n.failing > 0 || n.latency > 0:
	case s.active:
		j.judgeActive(s, now)
	case s.started:
		j.judgeOther(s, now)
	}
}

// judgeGone: the addresses of a program that can't remove them are leased, unless
// it was asked for no lease, or its will was carried out.
func (j *judge) judgeGone(s *seat, since time.Time, removed bool) {
	limit := since.Add(j.c.atMost(s.group.lease()))
	if removed {
		limit = since
	} else if s.is.NoLease {
		return
	}
	for _, p := range s.pool {
		if s.st.book.has(p, j.c.now()).After(limit) {
			j.expect(limit, ruleLease, s, nil)
		}
	}
}

// judgeActive: who is Active has the addresses, from the moment on in which it
// becomes that, and those only.
func (j *judge) judgeActive(s *seat, now time.Time) {
	for i, p := range s.pool {
		until, wanted := s.st.book.has(p, now), s.is.addresses&(1<<i) != 0
		switch {
		case wanted && until.IsZero():
			j.expect(later(now, s.st.node.busy), rulePresent, s, nil)
		case wanted:
			j.expect(later(until, s.st.node.busy), rulePresent, s, nil)
		case !until.IsZero():
			j.judgeLingering(s, until)
		}
	}
}

// judgeOther: who isn't Active has none of them.
func (j *judge) judgeOther(s *seat, now time.Time) {
	for _, p := range s.pool {
		if until := s.st.book.has(p, now); !until.IsZero() {
			j.judgeLingering(s, until)
		}
	}
}

// judgeLingering: addresses that are not to be there go after a hand-over.
func (j *judge) judgeLingering(s *seat, until time.Time) {
	limit := later(later(s.since, s.changed), s.st.node.thawAt).Add(j.c.atMost(s.group.handOver()))
	if limit = later(limit, s.st.node.frail); until.After(limit) {
		j.expect(limit, ruleAbsent, s, nil)
	}
}

// judgeGroup says when a group will have had no Active node, or two, for too long
// among nodes that hear each other.
func (j *judge) judgeGroup(g *group, p *islet) {
	members, active, trouble, excused := 0, 0, false, time.Time{}
	for _, s := range g.seats {
		if !p.has(s.st.node.index) || s.st.life == nil || s.st.life.stopping {
			continue
		}
		if members++; members == 1 || s.excused.Before(excused) {
			excused = s.excused
		}
		if s.active {
			active++
		}
		trouble = trouble || s.st.node.trouble()
	}
	none, two := &p.none[g.index], &p.two[g.index]
	hold(none, active == 0, j.c.now())
	hold(two, active > 1, j.c.now())
	if members == 0 || !p.healthy || j.noise > 0 {
		return
	}
	if active == 0 && !trouble {
		j.expect(later(*none, later(j.quiet, excused).Add(j.c.atMost(2*g.down()))), ruleOne, nil, g)
	}
	if active > 1 {
		j.expect(later(*two, j.quiet).Add(j.c.atMost(g.overlap())), ruleTwo, nil, g)
	}
}

// hold keeps since when something is so, the zero time while it isn't.
func hold(since *time.Time, is bool, now time.Time) {
	switch {
	case !is:
		*since = time.Time{}
	case since.IsZero():
		*since = now
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/explore"
)

// judge holds one input of a machine to what is true of all of them.
func (e *explorer) judge(now time.Time, before *carp.Machine, succeeded bool, kind explore.EventKind, actions []carp.Action) error {
	var transitions int
	var change carp.Reason
	for _, a := range actions {
		if t, ok := a.(carp.Transition); ok {
			transitions++
			change = t.Reason
		}
	}
	for _, a := range actions {
		var err error
		switch a := a.(type) {
		case carp.SendAdvertisement:
			err = e.judgeSend(now, kind, succeeded, change, carp.Rank(a))
		case carp.AddAddresses:
			err = e.only(carp.Master, "adds addresses")
		case carp.Announce:
			err = e.only(carp.Master, "announces addresses")
		case carp.Transition:
			err = e.judgeTransition(now, before, a)
		}
		if err != nil {
			return err
		}
	}
	changed := 0
	if before.State() != e.m.State() {
		changed = 1
	}
	if transitions != changed {
		return fmt.Errorf("%d transitions are reported from %v to %v", transitions, before.State(), e.m.State())
	}
	if err := e.judgeBowOut(actions); err != nil {
		return err
	}
	return e.m.Consistent()
}

// judgeBowOut: one who leaves the role of its own accord bows out, now or when the
// addresses are gone.
func (e *explorer) judgeBowOut(actions []carp.Action) error {
	said := slices.Contains(actions, carp.Action(carp.SendAdvertisement(carp.BowOut())))
	for _, a := range actions {
		t, ok := a.(carp.Transition)
		if !ok || t.From != carp.Master || said || e.cfg.ReleaseFirst && e.m.Releasing() {
			continue
		}
		switch t.Reason {
		case carp.ReasonShutdown, carp.ReasonLinkDown, carp.ReasonResigned, carp.ReasonAddresses:
			return fmt.Errorf("leaves the role without a bow-out: %v", t)
		}
	}
	return nil
}

// judgeSend: only the Master advertises, with its rank, only one that isn't bows out,
// and not about its successor, and no answer comes within a tenth of an interval. One
// that yields to a better one advertises once more.
func (e *explorer) judgeSend(now time.Time, kind explore.EventKind, succeeded bool, change carp.Reason, r carp.Rank) error {
	if r.IsBowOut() {
		if e.m.State() == carp.Master {
			return errors.New("bows out and is Master")
		}
		if kind == explore.Removed && succeeded {
			return errors.New("bows out after it has heard its successor")
		}
		return nil
	}
	gap := now.Sub(e.sent)
	switch change {
	case carp.ReasonMoreFrequent, carp.ReasonLessDemoted, carp.ReasonLowerAddress, carp.ReasonEqualStays:
		return nil // its last word
	case carp.ReasonNone:
		if kind == explore.Receive && gap < e.m.Interval()/10 {
			return fmt.Errorf("answers %v after its last advertisement", gap)
		}
	}
	if r != e.m.Rank() {
		return fmt.Errorf("advertises %v and is %v", r, e.m.Rank())
	}
	return e.only(carp.Master, "advertises")
}

func (e *explorer) only(state carp.State, what string) error {
	if e.m.State() != state {
		return fmt.Errorf("%s and is %v", what, e.m.State())
	}
	return nil
}

// judgeTransition: it is the one that took place, and the reason is one for which
// it may.
func (e *explorer) judgeTransition(now time.Time, before *carp.Machine, t carp.Transition) error {
	if t.From != before.State() || t.To != e.m.State() || t.From == t.To || t.At != now {
		return fmt.Errorf("from %v to %v is reported as %v at %v", before.State(), e.m.State(), t, t.At)
	}
	order := t.PeerRank.Compare(before.Rank())
	for _, c := range []struct {
		reason carp.Reason
		wrong  bool
		err    string
	}{
		{carp.ReasonPreempt, order <= 0, "preempts one that isn't worse"},
		{carp.ReasonPreempt, before.Resigned(now), "preempts although it has resigned for a time that isn't over"},
		{carp.ReasonPreempt, !before.Config().Preempt, "preempts although it must not"},
		{carp.ReasonWillTimeOut, t.PeerRank.Interval() <= before.DownInterval(), "claims from one that doesn't time out"},
		{carp.ReasonBowOut, !t.PeerRank.IsBowOut(), "claims for a bow-out that there wasn't"},
		{carp.ReasonDemoted, t.PeerRank.Demote <= before.Rank().Demote, "claims from one that isn't more demoted"},
		{carp.ReasonMoreFrequent, order >= 0, "yields to one that isn't better"},
		{carp.ReasonLowerAddress, order != 0 || !t.Peer.Less(e.src), "yields to a higher address or another rank"},
		{carp.ReasonEqualStays, order != 0, "yields to another rank"},
		{carp.ReasonEqual, order != 0 || !before.Config().YieldToEqual, "yields to an equal"},
	} {
		if t.Reason == c.reason && c.wrong {
			return errors.New(c.err)
		}
	}
	return nil
}

// Probe holds a machine between two inputs to: its timers are those of its state,
// what isn't due yet isn't done, and asking changes nothing.
func (e *explorer) Probe(now time.Time) error {
	at, ok := e.m.Deadline()
	if again, still := e.m.Deadline(); again != at || still != ok {
		return fmt.Errorf("two deadlines, %v and %v", at, again)
	}
	if ok && !at.After(now) {
		return nil
	}
	e.before = e.group.codec.Exact(e.before[:0], e.m)
	early := []time.Time{now, at.Add(-1)}
	if !ok {
		early = early[:1]
	}
	for _, t := range early {
		if actions := e.m.Expire(t); len(actions) > 0 {
			return fmt.Errorf("%d actions %v before the deadline", len(actions), at.Sub(t))
		}
	}
	if field := e.group.codec.Changed(e.before, e.m); field != "" {
		return fmt.Errorf("%s changes before the deadline", field)
	}
	return nil
}

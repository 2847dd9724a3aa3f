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
func judge(e *explorer, now time.Time, before *carp.Machine, kind explore.EventKind, actions []carp.Action) error {
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
			err = judgeSend(e, now, kind, change, carp.Rank(a))
		case carp.AddAddresses:
			err = onlyAs(e.Machine, carp.Master, "adds addresses")
		case carp.Announce:
			err = onlyAs(e.Machine, carp.Master, "announces addresses")
		case carp.Transition:
			err = judgeTransition(e, now, before, a)
		}
		if err != nil {
			return err
		}
	}
	changed := 0
	if before.State() != e.Machine.State() {
		changed = 1
	}
	if transitions != changed {
		return fmt.Errorf("%d transitions are reported from %v to %v", transitions, before.State(), e.Machine.State())
	}
	return judgeBowOut(e, actions)
}

// judgeBowOut: one who leaves the role of its own accord bows out, now or when the
// addresses are gone.
func judgeBowOut(e *explorer, actions []carp.Action) error {
	said := slices.Contains(actions, carp.Action(carp.SendAdvertisement(carp.BowOut())))
	for _, a := range actions {
		t, ok := a.(carp.Transition)
		if !ok || t.From != carp.Master || said || e.Config.ReleaseFirst && e.Machine.Releasing() {
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
func judgeSend(e *explorer, now time.Time, kind explore.EventKind, change carp.Reason, r carp.Rank) error {
	if r.IsBowOut() {
		if e.Machine.State() == carp.Master {
			return errors.New("bows out and is Master")
		}
		if kind == explore.Removed && e.Succeeded {
			return errors.New("bows out after it has heard its successor")
		}
		return nil
	}
	gap := now.Sub(e.Sent)
	switch change {
	case carp.ReasonMoreFrequent, carp.ReasonLessDemoted, carp.ReasonLowerAddress, carp.ReasonEqualStays:
		return nil // its last word
	case carp.ReasonNone:
		if kind == explore.Receive && gap < e.Machine.Interval()/10 {
			return fmt.Errorf("answers %v after its last advertisement", gap)
		}
	}
	if r != e.Machine.Rank() {
		return fmt.Errorf("advertises %v and is %v", r, e.Machine.Rank())
	}
	return onlyAs(e.Machine, carp.Master, "advertises")
}

func onlyAs(m *carp.Machine, state carp.State, what string) error {
	if m.State() != state {
		return fmt.Errorf("%s and is %v", what, m.State())
	}
	return nil
}

// judgeTransition: it is the one that took place, and the reason is one for which
// it may.
func judgeTransition(e *explorer, now time.Time, before *carp.Machine, t carp.Transition) error {
	if t.From != before.State() || t.To != e.Machine.State() || t.From == t.To || t.At != now {
		return fmt.Errorf("from %v to %v is reported as %v at %v", before.State(), e.Machine.State(), t, t.At)
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
		{carp.ReasonLowerAddress, order != 0 || !t.Peer.Less(e.Src), "yields to a higher address or another rank"},
		{carp.ReasonEqualStays, order != 0, "yields to another rank"},
		{carp.ReasonEqual, order != 0 || !before.Config().YieldToEqual, "yields to an equal"},
	} {
		if t.Reason == c.reason && c.wrong {
			return errors.New(c.err)
		}
	}
	return nil
}

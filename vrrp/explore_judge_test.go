// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
	"github.com/go-fhrp/fhrp/vrrp"
)

// judge holds one input of a machine to what is true of all of them.
func (e *explorer) judge(now time.Time, before *vrrp.Machine, succeeded bool, kind explore.EventKind, actions []vrrp.Action) error {
	var transitions int
	yields := slices.ContainsFunc(actions, func(a vrrp.Action) bool {
		t, ok := a.(vrrp.Transition)
		return ok && (t.Reason == vrrp.ReasonHigherPriority || t.Reason == vrrp.ReasonHigherAddress)
	})
	for _, a := range actions {
		var err error
		switch a := a.(type) {
		case vrrp.SendAdvertisement:
			err = e.judgeSend(now, kind, succeeded, yields, uint8(a))
		case vrrp.AddAddresses:
			err = e.only(vrrp.Active, "adds addresses")
		case vrrp.Announce:
			err = e.only(vrrp.Active, "announces addresses")
		case vrrp.Transition:
			transitions++
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
	if err := e.judgeGoodbye(actions); err != nil {
		return err
	}
	return e.m.Consistent()
}

// judgeGoodbye: one who leaves the role of its own accord says goodbye, now or when
// the addresses are gone.
func (e *explorer) judgeGoodbye(actions []vrrp.Action) error {
	said := slices.Contains(actions, vrrp.Action(vrrp.SendAdvertisement(vrrp.PriorityGoodbye)))
	for _, a := range actions {
		t, ok := a.(vrrp.Transition)
		if !ok || t.From != vrrp.Active || said || e.cfg.ReleaseFirst && e.m.Releasing() {
			continue
		}
		switch t.Reason {
		case vrrp.ReasonShutdown, vrrp.ReasonLinkDown, vrrp.ReasonResigned, vrrp.ReasonAddresses:
			return fmt.Errorf("leaves the role without a goodbye: %v", t)
		}
	}
	return nil
}

// judgeWait: one who has heard a goodbye claims the role after its Skew_Time.
func (e *explorer) judgeWait(now time.Time, priority uint8) error {
	at, _ := e.m.Deadline()
	if e.m.State() != vrrp.Backup || priority != vrrp.PriorityGoodbye || !at.After(now.Add(e.m.SkewTime())) || e.m.Excused().After(now) {
		return nil
	}
	return fmt.Errorf("waits for %v after a goodbye, longer than %v", at.Sub(now), e.m.SkewTime())
}

// judgeSend: only the Active Router advertises, only one that isn't says goodbye,
// and not about its successor, and no answer comes within a tenth of an interval. One
// that yields advertises once more.
func (e *explorer) judgeSend(now time.Time, kind explore.EventKind, succeeded, yields bool, priority uint8) error {
	if priority == vrrp.PriorityGoodbye {
		if e.m.State() == vrrp.Active {
			return errors.New("says goodbye and is Active")
		}
		if kind == explore.Removed && succeeded {
			return errors.New("says goodbye after it has heard its successor")
		}
		return nil
	}
	if yields {
		return nil // its last word
	}
	interval := e.m.Config().Interval
	if gap := now.Sub(e.sent); kind == explore.Receive && gap < interval/10 {
		return fmt.Errorf("answers %v after its last advertisement", gap)
	}
	return e.only(vrrp.Active, "advertises")
}

func (e *explorer) only(state vrrp.State, what string) error {
	if e.m.State() != state {
		return fmt.Errorf("%s and is %v", what, e.m.State())
	}
	return nil
}

// judgeTransition: it is the one that took place, and a claim to a role that
// somebody of lower priority has is one that may be made.
func (e *explorer) judgeTransition(now time.Time, before *vrrp.Machine, t vrrp.Transition) error {
	if t.From != before.State() || t.To != e.m.State() || t.From == t.To || t.At != now {
		return fmt.Errorf("from %v to %v is reported as %v at %v", before.State(), e.m.State(), t, t.At)
	}
	if t.Reason != vrrp.ReasonPreempt {
		return nil
	}
	switch {
	case t.PeerPriority >= before.Priority():
		return errors.New("preempts one that isn't worse")
	case before.Resigned(now):
		return errors.New("preempts although it has resigned for a time that isn't over")
	case before.Config().NoPreempt && !before.Owner():
		return errors.New("preempts although it must not")
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

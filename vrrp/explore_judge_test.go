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
func judge(e *explorer, now time.Time, before *vrrp.Machine, kind explore.EventKind, actions []vrrp.Action) error {
	var transitions int
	yields := slices.ContainsFunc(actions, func(a vrrp.Action) bool {
		t, ok := a.(vrrp.Transition)
		return ok && (t.Reason == vrrp.ReasonHigherPriority || t.Reason == vrrp.ReasonHigherAddress)
	})
	for _, a := range actions {
		var err error
		switch a := a.(type) {
		case vrrp.SendAdvertisement:
			err = judgeSend(e, now, kind, yields, uint8(a))
		case vrrp.AddAddresses:
			err = onlyAs(e.Machine, vrrp.Active, "adds addresses")
		case vrrp.Announce:
			err = onlyAs(e.Machine, vrrp.Active, "announces addresses")
		case vrrp.Transition:
			transitions++
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
	return judgeGoodbye(e, actions)
}

// judgeGoodbye: one who leaves the role of its own accord says goodbye, now or when
// the addresses are gone.
func judgeGoodbye(e *explorer, actions []vrrp.Action) error {
	said := slices.Contains(actions, vrrp.Action(vrrp.SendAdvertisement(vrrp.PriorityGoodbye)))
	for _, a := range actions {
		t, ok := a.(vrrp.Transition)
		if !ok || t.From != vrrp.Active || said || e.Config.ReleaseFirst && e.Machine.Releasing() {
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
func judgeWait(e *explorer, now time.Time, priority uint8) error {
	at, _ := e.Machine.Deadline()
	if e.Machine.State() != vrrp.Backup || priority != vrrp.PriorityGoodbye || !at.After(now.Add(e.Machine.SkewTime())) || e.Machine.Excused().After(now) {
		return nil
	}
	return fmt.Errorf("waits for %v after a goodbye, longer than %v", at.Sub(now), e.Machine.SkewTime())
}

// judgeSend: only the Active Router advertises, only one that isn't says goodbye,
// and not about its successor, and no answer comes within a tenth of an interval. One
// that yields advertises once more.
func judgeSend(e *explorer, now time.Time, kind explore.EventKind, yields bool, priority uint8) error {
	if priority == vrrp.PriorityGoodbye {
		if e.Machine.State() == vrrp.Active {
			return errors.New("says goodbye and is Active")
		}
		if kind == explore.Removed && e.Succeeded {
			return errors.New("says goodbye after it has heard its successor")
		}
		return nil
	}
	if yields {
		return nil // its last word
	}
	interval := e.Machine.Config().Interval
	if gap := now.Sub(e.Sent); kind == explore.Receive && gap < interval/10 {
		return fmt.Errorf("answers %v after its last advertisement", gap)
	}
	return onlyAs(e.Machine, vrrp.Active, "advertises")
}

func onlyAs(m *vrrp.Machine, state vrrp.State, what string) error {
	if m.State() != state {
		return fmt.Errorf("%s and is %v", what, m.State())
	}
	return nil
}

// judgeTransition: it is the one that took place, and a claim to a role that
// somebody of lower priority has is one that may be made.
func judgeTransition(e *explorer, now time.Time, before *vrrp.Machine, t vrrp.Transition) error {
	if t.From != before.State() || t.To != e.Machine.State() || t.From == t.To || t.At != now {
		return fmt.Errorf("from %v to %v is reported as %v at %v", before.State(), e.Machine.State(), t, t.At)
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

// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"errors"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/explore"
)

// NewMachineCodec returns what copies machines and writes them down. A field that
// is new is taken in by itself, as part of the state. The configuration is not if it
// is fixed: nobody asks for another one.
func NewMachineCodec(fixed bool) (*explore.Codec[Machine], error) {
	derived := []string{"held", "buffer"} // of cfg; of no meaning between two calls
	shared := []string{"releasing"}
	if fixed {
		derived = append(derived, "cfg")
	} else {
		shared = append(shared, "cfg")
	}
	return explore.NewCodec[Machine](explore.Fields{
		Clock:   "clock",
		Derived: derived,
		Memos:   []string{"listed", "compared"},
		Shared:  shared,
		Past: map[string]time.Duration{
			"holdUntil": 0, "backOffUntil": 0, "resignedUntil": 0, "preemptAt": 0, // bounds that have passed
			"sentAt": time.Second, "activeSince": time.Second, // an interval at most
		},
	})
}

// Excused returns until when the machine leaves the role alone although nobody
// has it.
func (m *Machine) Excused() time.Time {
	return m.clock.Time(deadline.Later(m.holdUntil, m.backOffUntil))
}

// Config returns the configuration, with defaults.
func (m *Machine) Config() Config { return m.cfg }

// Owner reports whether the machine is the address owner.
func (m *Machine) Owner() bool { return m.cfg.owner() }

// Resigned reports whether it has been asked not to preempt.
func (m *Machine) Resigned(now time.Time) bool { return m.clock.Instant(now).Before(m.resignedUntil) }

// Consistent returns an error if a timer runs in a state that hasn't it, or
// doesn't in one that has.
func (m *Machine) Consistent() error {
	for _, c := range []struct {
		wrong bool
		err   string
	}{
		{(m.state == Backup) == m.downAt.IsZero(), "Active_Down_Timer"},
		{(m.state == Active) == m.adverAt.IsZero(), "Adver_Timer"},
		{m.state != Active && !(m.announceAt.IsZero() && m.quietAt.IsZero() && m.forcedUntil.IsZero()), "a timer of state Active"},
		{m.state != Backup && !(m.holdUntil.IsZero() && m.backOffUntil.IsZero()), "a bound of state Backup"},
		{m.state != Active && (m.forced || len(m.defended) > 0), "what belongs to the role"},
		{m.state == Active && m.Releasing(), "hand-over while Active"},
		{(len(m.releasing) > 0) == m.releaseAt.IsZero(), "addresses that are kept, or their timer"},
	} {
		if c.wrong {
			return errors.New("inconsistent in state " + m.state.String() + ": " + c.err)
		}
	}
	return nil
}

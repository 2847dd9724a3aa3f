// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"errors"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/explore"
)

// NewMachineCodec returns what copies machines and writes them down. A field that
// is new is taken in by itself, as part of the state. The configuration is not if it
// is fixed: nobody asks for another one.
func NewMachineCodec(fixed bool) (*explore.Codec[Machine], error) {
	derived := []string{"adver", "adverRank"} // of what is advertised next
	shared := []string{"releasing"}
	if fixed {
		derived = append(derived, "cfg")
	} else {
		shared = append(shared, "cfg")
	}
	return explore.NewCodec[Machine](explore.Fields{
		Buffers: []string{"actions"},
		Derived: derived,
		Shared:  shared,
		Past: map[string]time.Duration{
			"holdUntil": 0, "backOffUntil": 0, "resignedUntil": 0, "preemptAt": 0, // bounds that have passed
			"sentAt": time.Second, "equals.yieldedAt": 2 * time.Second, // an interval at most
			"equals.heardAt": quietIntervals * 2 * time.Second,
		},
	})
}

// Excused returns until when the machine leaves the role alone although nobody
// has it.
func (m *Machine) Excused() time.Time { return deadline.Later(m.holdUntil, m.backOffUntil) }

// Resigned reports whether it has been asked not to preempt.
func (m *Machine) Resigned(now time.Time) bool { return now.Before(m.resignedUntil) }

// Beside reports whether one that is at least as good is known to be Master, and
// src is another.
func (m *Machine) Beside(src netip.Addr) bool { return m.better.beside(src) }

// Consistent returns an error if a timer runs in a state that hasn't it, or
// doesn't in one that has.
func (m *Machine) Consistent() error {
	for _, c := range []struct {
		wrong bool
		err   string
	}{
		{m.state == Backup && m.downAt.IsZero(), "no master-down timer"},
		{m.state == Master && !m.downAt.IsZero(), "master-down timer"},
		{(m.state == Master) == m.adverAt.IsZero(), "timer of advertisements"},
		{m.state != Master && !(m.announceAt.IsZero() && m.quietAt.IsZero() && m.forcedUntil.IsZero()), "a timer of state Master"},
		{m.state != Master && (m.forced || len(m.defended) > 0), "what belongs to the role"},
		{m.state == Master && !(m.holdUntil.IsZero() && m.backOffUntil.IsZero()), "a bound of state Backup"},
		{m.state == Master && m.Releasing(), "hand-over while Master"},
		{(len(m.releasing) > 0) == m.releaseAt.IsZero(), "addresses that are kept, or their timer"},
		{m.demotion != m.hostSum+m.demoted.Sum(), "the sum of demotions"},
	} {
		if c.wrong {
			return errors.New("inconsistent in state " + m.state.String() + ": " + c.err)
		}
	}
	return nil
}

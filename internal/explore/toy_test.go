// SPDX-License-Identifier: Apache-2.0

package explore_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
)

// toy is a machine of a small election: the one with the higher rank is Active, and
// says so every second. Mistakes can be made in it.
type toy struct {
	rank    uint64
	mistake string
	codec   *explore.Codec[toy]
	acts    []explore.Act

	running, active, keeping bool
	at                       time.Time // its only timer
	releaseAt                time.Time
	hears                    int
}

func newToyCodec() *explore.Codec[toy] {
	c, err := explore.NewCodec[toy](explore.Fields{Buffers: []string{"acts"}, Derived: []string{"codec"}, Memos: []string{"hears"}})
	if err != nil {
		panic(err)
	}
	return c
}

const second = time.Second

func (m *toy) Clone() explore.Member { return m.codec.Clone(m) }

func (m *toy) Free() {}

func (m *toy) Append(buf []byte, now time.Time) []byte { return m.codec.Append(buf, m, now) }

func (m *toy) Deadline() (time.Time, bool) {
	at := m.at
	if m.keeping && (at.IsZero() || m.releaseAt.Before(at)) {
		at = m.releaseAt
	}
	return at, !at.IsZero()
}

func (m *toy) Status() explore.Status {
	return explore.Status{Running: m.running, Active: m.active, Releasing: m.keeping, Patience: second}
}

func (m *toy) Probe(time.Time) error {
	if m.mistake == "probe" {
		return errors.New("probed")
	}
	return nil
}

func (m *toy) act(kind explore.ActKind) {
	m.acts = append(m.acts, explore.Act{Kind: kind, Payload: m.rank})
}

// wait waits for somebody better, the shorter the higher the rank is.
func (m *toy) wait(now time.Time) { m.at = now.Add(3*second + second/time.Duration(m.rank)) }

func (m *toy) Do(now time.Time, e explore.Event) ([]explore.Act, error) {
	m.acts = m.acts[:0]
	switch e.Kind {
	case explore.Start, explore.LinkUp:
		m.running = true
		m.wait(now)
	case explore.Stop, explore.LinkDown, explore.Slept, explore.Input:
		m.leave(now, e.Kind)
	case explore.NotAdded:
		m.leave(now, e.Kind)
	case explore.Crash, explore.CrashWill:
		*m = toy{rank: m.rank, mistake: m.mistake, codec: m.codec}
	case explore.Expire:
		m.expire(now)
	case explore.Receive:
		m.receive(now, e.Payload)
	case explore.Claimed:
		m.hears++
	}
	if m.mistake == "error" && e.Kind == explore.Receive {
		return m.acts, fmt.Errorf("hears %d", e.Payload)
	}
	return m.acts, nil
}

func (m *toy) leave(now time.Time, why explore.EventKind) {
	if m.active && m.mistake != "remove" {
		m.act(explore.Remove)
	}
	m.active = false
	if why == explore.Stop || why == explore.LinkDown {
		m.running, m.at = false, time.Time{}
		return
	}
	if m.running {
		m.wait(now)
	}
}

func (m *toy) expire(now time.Time) {
	if m.keeping && !now.Before(m.releaseAt) {
		m.keeping, m.releaseAt = false, time.Time{}
		m.act(explore.Remove)
	}
	if m.at.IsZero() || now.Before(m.at) {
		return
	}
	if m.mistake == "claim" && m.rank == 2 {
		m.wait(now)
		return
	}
	m.act(explore.Send)
	if !m.active {
		m.active = true
		if m.mistake != "add" {
			m.act(explore.Add)
		}
		if m.mistake != "announce" || m.rank == 1 {
			m.act(explore.Announce)
		}
	}
	m.at = now.Add(second)
}

func (m *toy) receive(now time.Time, rank uint64) {
	switch {
	case !m.running:
	case rank < m.rank && m.active:
		m.act(explore.Send)
	case rank < m.rank || m.mistake == "yield":
	case m.active:
		m.active = false
		m.keeping, m.releaseAt = true, now.Add(second/10)
		if m.mistake == "keep" {
			m.releaseAt = now.Add(4 * second)
		}
		m.wait(now)
	default:
		m.wait(now)
	}
}

// SPDX-License-Identifier: Apache-2.0

package exploretest

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
)

// Member is a machine that takes part in an exploration.
type Member[M, C, A any, P Machine[M, C, A]] struct {
	*seat[M, C, A, P]
	Machine   P
	Sent      time.Time // the last advertisement, before the input under way
	Succeeded bool      // another one had advertised, before that, while this one is to say goodbye still
}

// seat is what a member has for good.
type seat[M, C, A any, P Machine[M, C, A]] struct {
	Config C
	Src    netip.Addr
	group  *group[M, C, A, P]
	inputs []Input[M, C, A, P]
	acts   []explore.Act
	before []byte // the machine before an input that must not change it
}

// group is what the members of an exploration have in common.
type group[M, C, A any, P Machine[M, C, A]] struct {
	protocol *Protocol[M, C, A, P]
	codec    *explore.Codec[M]
	seats    []*seat[M, C, A, P]
	before   M                     // of the member whose input is under way
	free     []*Member[M, C, A, P] // for copies
}

// ServiceAddress returns that of all members.
func ServiceAddress() netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, 100}) }

// errCannotAdd is why addresses can't be added.
var errCannotAdd = errors.New("no such device")

func (g *group[M, C, A, P]) add(cfg C, inputs []Input[M, C, A, P]) (*Member[M, C, A, P], error) {
	m, err := g.protocol.New(cfg)
	src := netip.AddrFrom4([4]byte{192, 0, 2, byte(len(g.seats) + 1)})
	s := &seat[M, C, A, P]{Config: cfg, Src: src, group: g, inputs: inputs}
	g.seats = append(g.seats, s)
	return &Member[M, C, A, P]{seat: s, Machine: m}, err
}

// Clone implements explore.Member.
func (e *Member[M, C, A, P]) Clone() explore.Member {
	g, c := e.group, &Member[M, C, A, P]{}
	if last := len(g.free) - 1; last >= 0 {
		c, g.free = g.free[last], g.free[:last]
	} else {
		c.Machine = new(M)
	}
	c.seat, c.Sent, c.Succeeded = e.seat, e.Sent, e.Succeeded
	g.codec.Copy(c.Machine, e.Machine)
	return c
}

// Free implements explore.Member.
func (e *Member[M, C, A, P]) Free() { e.group.free = append(e.group.free, e) }

// Append implements explore.Member.
func (e *Member[M, C, A, P]) Append(buf []byte, now time.Time) []byte {
	if e.Succeeded {
		buf = append(buf, 's')
	}
	return e.group.codec.Append(buf, e.Machine, now)
}

// Deadline implements explore.Member.
func (e *Member[M, C, A, P]) Deadline() (time.Time, bool) { return e.Machine.Deadline() }

// Status implements explore.Member.
func (e *Member[M, C, A, P]) Status() explore.Status {
	s := e.group.protocol.Status(e)
	s.Releasing, s.Excused = e.Machine.Releasing(), e.Machine.Excused()
	return s
}

// Do implements explore.Member. It gives the machine an input and holds it to what is
// true of all of them.
func (e *Member[M, C, A, P]) Do(now time.Time, event explore.Event) ([]explore.Act, error) {
	if event.Kind == explore.Crash || event.Kind == explore.CrashWill {
		return e.crash(event.Kind == explore.CrashWill)
	}
	g := e.group
	g.before = *e.Machine
	actions, err := e.input(now, event)
	if err == nil {
		err = g.protocol.Judge(e, now, &g.before, event.Kind, actions)
	}
	if err == nil {
		err = e.Machine.Consistent()
	}
	e.Succeeded = e.Machine.Releasing() && (e.Succeeded || event.Kind == explore.Receive && !g.protocol.Goodbye(event.Payload))
	return e.translate(now, actions), err
}

// input gives the machine an input.
func (e *Member[M, C, A, P]) input(now time.Time, event explore.Event) ([]A, error) {
	protocol := e.group.protocol
	switch event.Kind {
	case explore.Start, explore.LinkUp:
		return e.Machine.Startup(now, e.Src), nil
	case explore.Stop, explore.LinkDown:
		return protocol.Shutdown(e.Machine, now, event.Kind == explore.LinkDown), nil
	case explore.Expire:
		return e.expire(now)
	case explore.Receive:
		return protocol.Receive(e, now, e.group.seats[event.From].Src, event.Payload)
	case explore.Claimed:
		return e.Machine.Claimed(now, ServiceAddress()), nil
	case explore.Added:
		return e.Machine.AddressesAdded(now, nil), nil
	case explore.NotAdded:
		return e.Machine.AddressesAdded(now, errCannotAdd), nil
	case explore.Removed:
		return e.Machine.AddressesRemoved(now), nil
	case explore.Slept:
		return e.Machine.Slept(now), nil
	case explore.Input:
		return e.inputs[event.Payload].Do(e, now)
	}
	return nil, fmt.Errorf("no event %v", event.Kind)
}

// translate returns the actions as the cluster knows them.
func (e *Member[M, C, A, P]) translate(now time.Time, actions []A) []explore.Act {
	e.acts = e.acts[:0]
	for _, a := range actions {
		act, ok := e.group.protocol.Act(e.Machine, a)
		if !ok {
			continue
		}
		if act.Kind == explore.Send {
			e.Sent = now
		}
		e.acts = append(e.acts, act)
	}
	return e.acts
}

// crash makes the machine as it was before it started. Its last will is what package
// netif/guard does.
func (e *Member[M, C, A, P]) crash(will bool) ([]explore.Act, error) {
	protocol := e.group.protocol
	e.acts = e.acts[:0]
	if will && protocol.Status(e).Active {
		e.acts = append(e.acts, explore.Act{Kind: explore.Send, Payload: protocol.Will(e.Machine)})
	}
	var err error
	e.Machine, err = protocol.New(e.Machine.Config())
	return e.acts, err
}

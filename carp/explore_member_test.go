// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/explore"
)

// seat is what a host that takes part in an exploration has for good.
type seat struct {
	cfg    carp.Config
	src    netip.Addr
	group  *group
	inputs []ownInput
	acts   []explore.Act
	before []byte // the machine before an input that must not change it
}

// group is what the hosts of an exploration have in common.
type group struct {
	codec *explore.Codec[carp.Machine]
	seats []*seat
	adv   carp.Advertisement
	free  []*explorer // for copies
}

// explorer is a machine that takes part in an exploration.
type explorer struct {
	*seat
	m         *carp.Machine
	sent      time.Time // the last advertisement
	succeeded bool      // another one advertised while this one was to bow out still
}

func (g *group) add(cfg carp.Config, src netip.Addr, inputs []ownInput) (*explorer, error) {
	m, err := carp.NewMachine(cfg)
	s := &seat{cfg: cfg, src: src, group: g, inputs: inputs}
	g.seats = append(g.seats, s)
	return &explorer{seat: s, m: m}, err
}

func (e *explorer) Clone() explore.Member {
	g, c := e.group, &explorer{}
	if last := len(g.free) - 1; last >= 0 {
		c, g.free = g.free[last], g.free[:last]
	} else {
		c.m = new(carp.Machine)
	}
	c.seat, c.sent, c.succeeded = e.seat, e.sent, e.succeeded
	g.codec.Copy(c.m, e.m)
	return c
}

func (e *explorer) Free() { e.group.free = append(e.group.free, e) }

func (e *explorer) Append(buf []byte, now time.Time) []byte {
	if e.succeeded {
		buf = append(buf, 's')
	}
	return e.group.codec.Append(buf, e.m, now)
}

func (e *explorer) Deadline() (time.Time, bool) { return e.m.Deadline() }

func (e *explorer) Status() explore.Status {
	return explore.Status{
		Running: e.m.State() != carp.Init, Active: e.m.State() == carp.Master,
		Releasing: e.m.Releasing(), Excused: e.m.Excused(), Patience: patienceOf(e.m),
	}
}

// errCannotAdd is why addresses can't be added.
var errCannotAdd = errors.New("no such device")

// serviceAddress is that of all hosts in explorations.
var serviceAddress = netip.MustParseAddr("192.0.2.100")

// Do gives the machine an input and holds it to what is true of all of them.
func (e *explorer) Do(now time.Time, event explore.Event) ([]explore.Act, error) {
	before, succeeded := *e.m, e.succeeded // slices and maps of the machine are not of interest
	var actions []carp.Action
	var err error
	switch event.Kind {
	case explore.Start, explore.LinkUp:
		actions = e.m.Startup(now, e.src)
	case explore.Stop:
		actions = e.m.Shutdown(now, carp.ReasonShutdown)
	case explore.LinkDown:
		actions = e.m.Shutdown(now, carp.ReasonLinkDown)
	case explore.Expire:
		actions, err = e.expire(now)
	case explore.Receive:
		actions, err = e.receive(now, e.group.seats[event.From].src, rankOf(event.Payload))
	case explore.Claimed:
		actions = e.m.Claimed(now, serviceAddress)
	case explore.Added:
		actions = e.m.AddressesAdded(now, nil)
	case explore.NotAdded:
		actions = e.m.AddressesAdded(now, errCannotAdd)
	case explore.Removed:
		actions = e.m.AddressesRemoved(now)
	case explore.Slept:
		actions = e.m.Slept(now)
	case explore.Crash, explore.CrashWill:
		return e.crash(event.Kind == explore.CrashWill)
	case explore.Input:
		actions, err = e.inputs[event.Payload].do(e, now)
	}
	e.succeeded = e.m.Releasing() && (e.succeeded || event.Kind == explore.Receive && !rankOf(event.Payload).IsBowOut())
	if err == nil {
		err = e.judge(now, &before, succeeded, event.Kind, actions)
	}
	return e.translate(now, actions), err
}

// payload is the number that stands for a rank in a packet.
func payload(r carp.Rank) uint64 {
	return uint64(r.Demote)<<16 | uint64(r.AdvBase)<<8 | uint64(r.AdvSkew)
}

func rankOf(payload uint64) carp.Rank {
	return carp.Rank{Demote: uint8(payload >> 16), AdvBase: uint8(payload >> 8), AdvSkew: uint8(payload)}
}

// translate returns the actions as the cluster knows them.
func (e *explorer) translate(now time.Time, actions []carp.Action) []explore.Act {
	e.acts = e.acts[:0]
	for _, a := range actions {
		switch a := a.(type) {
		case carp.SendAdvertisement:
			e.sent = now
			e.acts = append(e.acts, explore.Act{Kind: explore.Send, Payload: payload(carp.Rank(a))})
		case carp.AddAddresses:
			e.acts = append(e.acts, explore.Act{Kind: explore.Add})
		case carp.RemoveAddresses:
			e.acts = append(e.acts, explore.Act{Kind: explore.Remove})
		case carp.Announce:
			e.acts = append(e.acts, explore.Act{Kind: explore.Announce})
		}
	}
	return e.acts
}

// receive holds the machine to: a packet that is rejected changes nothing, and
// nothing comes of it.
func (e *explorer) receive(now time.Time, src netip.Addr, r carp.Rank) ([]carp.Action, error) {
	adv := &e.group.adv
	*adv = carp.Advertisement{VHID: e.cfg.VHID, AdvBase: r.AdvBase, AdvSkew: r.AdvSkew, Demote: r.Demote}
	e.before = e.group.codec.Exact(e.before[:0], e.m)
	beside := e.m.Beside(src)
	actions := e.m.Receive(now, src, adv)
	for _, a := range actions {
		if _, ok := a.(carp.Discard); !ok {
			continue
		}
		if len(actions) > 1 {
			return actions, fmt.Errorf("a packet is rejected, and %d other actions come of it", len(actions)-1)
		}
		if field := e.group.codec.Changed(e.before, e.m); field != "" {
			return actions, fmt.Errorf("a packet is rejected, and changes %s", field)
		}
		return actions, nil
	}
	if r.IsBowOut() && e.m.State() == carp.Backup && !beside && !e.m.Excused().After(now) {
		return actions, errors.New("doesn't claim at once after a bow-out")
	}
	return actions, nil
}

// expire holds the machine to: what is due is done by one call, and the next
// deadline is later than now.
func (e *explorer) expire(now time.Time) ([]carp.Action, error) {
	actions := e.m.Expire(now)
	if at, ok := e.m.Deadline(); ok && !at.After(now) {
		return actions, fmt.Errorf("after what was due is done the deadline is %v ago", now.Sub(at))
	}
	return actions, nil
}

// crash makes the machine as it was before it started. Its last will is what
// package netif/guard does.
func (e *explorer) crash(will bool) ([]explore.Act, error) {
	e.acts = e.acts[:0]
	if will && e.m.State() == carp.Master {
		e.acts = append(e.acts, explore.Act{Kind: explore.Send, Payload: payload(carp.BowOut())})
	}
	var err error
	e.m, err = carp.NewMachine(e.m.Config())
	return e.acts, err
}

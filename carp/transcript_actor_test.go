// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/transcript"
)

// actor is a machine in a transcript, and what checks packets for it.
type actor struct {
	m      *carp.Machine
	cfg    carp.Config
	src    netip.Addr
	door   *carp.Door
	last   spoken // that it has heard
	own    spoken // that it has sent
	random uint64
}

// spoken is a packet between actors: the octets that are on the wire.
type spoken struct {
	src    netip.Addr
	octets []byte
}

// newActor makes a node. Its passphrase and whether it is strict are no part of what
// a machine knows.
func newActor(a *transcript.Args) (transcript.Node, error) {
	c := &actor{cfg: config(), src: local}
	a.Addr("src", &c.src)
	configure(a, &c.cfg)
	var err error
	auth := carp.AuthenticatorConfig{VHID: c.cfg.VHID, Addresses: plain(c.cfg.Addresses)}
	if phrase, ok := a.Value("pass"); ok {
		if auth.Key, err = carp.NewKey(phrase); err != nil {
			return nil, err
		}
	}
	var accept []netip.Prefix
	if a.Prefixes("accept", &accept); len(accept) > 0 {
		auth.AcceptAddresses = [][]netip.Addr{plain(accept)}
	}
	if c.m, err = carp.NewMachine(c.cfg); err != nil {
		return nil, err
	}
	c.door, err = carp.NewDoor(auth, c.src, a.Has("strict"), c.number)
	return c, err
}

// number stands for a random one.
func (c *actor) number() uint64 {
	c.random++
	octets := c.src.As16()
	return c.random<<40 | uint64(octets[15])<<33
}

// configure takes the words of a configuration.
func configure(a *transcript.Args, c *carp.Config) {
	number := func(name string, n uint64) uint64 { a.Number(name, 255, &n); return n }
	c.VHID = uint8(number("vhid", uint64(c.VHID)))
	if base := number("base", 256); base < 256 { // 256: not said
		c.AdvBase, c.SubSecond = uint8(base), base == 0
	}
	c.AdvSkew = uint8(number("skew", uint64(c.AdvSkew)))
	c.DeadRatio = int(number("dead-ratio", uint64(c.DeadRatio)))
	c.Announcements.Burst = int(number("burst", uint64(c.Announcements.Burst)))
	a.Duration("preempt-delay", &c.PreemptDelay)
	a.Duration("startup-hold", &c.StartupHold)
	a.Duration("second-burst", &c.Announcements.Delay)
	a.Duration("refresh", &c.Announcements.Refresh)
	a.Prefixes("addresses", &c.Addresses)
	for word, flag := range map[string]*bool{
		"preempt": &c.Preempt, "openbsd-timeout": &c.OpenBSDTimeout, "yield-to-equal": &c.YieldToEqual,
		"demote-octet": &c.DemoteOctet, "release-first": &c.ReleaseFirst,
	} {
		*flag = a.Has(word) || *flag
	}
	if a.Has("nopreempt") {
		c.Preempt = false
	}
	if a.Has("one-burst") {
		c.Announcements.Delay = -1
	}
}

// input is one of the machine's.
type input func(time.Time, *transcript.Args) ([]carp.Action, error)

func (c *actor) Do(now time.Time, verb string, a *transcript.Args) ([]transcript.Effect, error) {
	do, ok := c.inputs()[verb]
	if !ok {
		return nil, transcript.ErrUnknown
	}
	actions, err := do(now, a)
	effects := c.effects(actions)
	var refused *carp.ValueError
	switch {
	case errors.As(err, &refused):
		return append(effects, transcript.Effect{Text: "refused: " + err.Error()}), nil
	case rejected(err):
		return append(effects, transcript.Effect{Text: "rejected: " + err.Error()}), nil
	}
	return effects, err
}

// rejected reports whether an error says that a packet was.
func rejected(err error) bool {
	var fault carp.Fault
	return errors.As(err, &fault)
}

// inputs are those of the machine, by the words for them.
func (c *actor) inputs() map[string]input {
	return map[string]input{
		"start": func(now time.Time, a *transcript.Args) ([]carp.Action, error) {
			a.Addr("src", &c.src)
			return c.m.Startup(now, c.src), nil
		},
		"stop": func(now time.Time, _ *transcript.Args) ([]carp.Action, error) {
			return c.m.Shutdown(now, carp.ReasonShutdown), nil
		},
		"link":    c.link,
		"receive": c.receive,
		"replay":  c.replay,
		"resign": func(now time.Time, a *transcript.Args) ([]carp.Action, error) {
			return c.m.Resign(now, a.WordDuration()), nil
		},
		"force": func(now time.Time, a *transcript.Args) ([]carp.Action, error) {
			return c.m.Force(now, a.WordDuration()), nil
		},
		"slept":       func(now time.Time, _ *transcript.Args) ([]carp.Action, error) { return c.m.Slept(now), nil },
		"demote":      c.demote,
		"demote-host": c.demoteHost,
		"undemote": func(now time.Time, a *transcript.Args) ([]carp.Action, error) {
			return c.m.Undemote(now, a.Word()), nil
		},
		"reconfigure": func(now time.Time, a *transcript.Args) ([]carp.Action, error) {
			cfg := c.cfg
			configure(a, &cfg)
			actions, err := c.m.Reconfigure(now, cfg)
			if err == nil {
				c.cfg = cfg
			}
			return actions, err
		},
	}
}

// demote takes a reason and weight=; a negative one as less=.
func (c *actor) demote(now time.Time, a *transcript.Args) ([]carp.Action, error) {
	var weight, less uint64
	a.Number("weight", 1000, &weight)
	a.Number("less", 1000, &less)
	return c.m.Demote(now, a.Word(), int(weight)-int(less)), nil
}

func (c *actor) demoteHost(now time.Time, a *transcript.Args) ([]carp.Action, error) {
	var sum uint64
	a.Number("sum", 1000, &sum)
	return c.m.DemoteHost(now, int(sum)), nil
}

// link takes the words down, up and noaddress.
func (c *actor) link(now time.Time, a *transcript.Args) ([]carp.Action, error) {
	switch a.Word() {
	case "up":
		return c.m.Startup(now, c.src), nil
	case "down":
		return c.m.Shutdown(now, carp.ReasonLinkDown), nil
	case "noaddress":
		return c.m.Shutdown(now, carp.ReasonNoAddress), nil
	}
	return nil, transcript.ErrUnknown
}

// receive takes an advertisement that has passed all checks, or the octets of one
// that has yet to pass them.
func (c *actor) receive(now time.Time, a *transcript.Args) ([]carp.Action, error) {
	src := higherPeer
	a.Addr("src", &src)
	if text, ok := a.Value("hex"); ok {
		octets, err := hex.DecodeString(text)
		if err != nil {
			return nil, err
		}
		return c.hear(now, spoken{src, octets}, a)
	}
	adv := &carp.Advertisement{VHID: c.cfg.VHID, AdvBase: 1}
	c.rank(a, adv)
	var ago time.Duration
	a.Duration("ago", &ago) // it arrived that long ago, and is read now
	return c.m.Receive(now.Add(-ago), src, adv), nil
}

// rank takes base=, skew= and demote=.
func (c *actor) rank(a *transcript.Args, adv *carp.Advertisement) {
	for name, field := range map[string]*uint8{"base": &adv.AdvBase, "skew": &adv.AdvSkew, "demote": &adv.Demote} {
		n := uint64(*field)
		a.Number(name, 255, &n)
		*field = uint8(n)
	}
}

// replay has the last packet that was heard arrive once more, or with "own" the last
// one that was sent. What isn't part of the digest can be changed.
func (c *actor) replay(now time.Time, a *transcript.Args) ([]carp.Action, error) {
	p := c.last
	if a.Has("own") {
		p = c.own
	}
	a.Addr("src", &p.src)
	var adv carp.Advertisement
	if err := adv.Parse(p.octets, ipHeader(p.src, 255)); err != nil {
		return nil, err
	}
	c.rank(a, &adv)
	var err error
	if p.octets, err = adv.Append(nil); err != nil {
		return nil, err
	}
	return c.hear(now, p, a)
}

func ipHeader(src netip.Addr, hopLimit uint8) carp.IPHeader {
	return carp.IPHeader{Src: src, Dst: carp.GroupIPv4(), HopLimit: hopLimit}
}

// hear takes a packet from the network.
func (c *actor) hear(now time.Time, p spoken, a *transcript.Args) ([]carp.Action, error) {
	ttl := uint64(carp.HopLimit)
	if a != nil {
		a.Number("ttl", 255, &ttl)
	}
	adv, err := c.door.Check(p.octets, ipHeader(p.src, uint8(ttl)))
	if err != nil {
		return nil, err
	}
	return c.m.Receive(now, p.src, adv), nil
}

// effects tells of actions, and what they do outside.
func (c *actor) effects(actions []carp.Action) []transcript.Effect {
	var list []transcript.Effect
	for _, action := range actions {
		e := transcript.Effect{Text: describe(action)}
		switch action := action.(type) {
		case carp.SendAdvertisement:
			e.Packet = c.speak(carp.Rank(action))
			if carp.Rank(action).IsBowOut() {
				e.Work = transcript.Silence
			}
		case carp.AddAddresses:
			e.Work, e.Addrs = transcript.Add, plain(action.Addresses)
		case carp.RemoveAddresses:
			e.Work, e.Addrs = transcript.Remove, plain(action.Addresses)
		case carp.Announce:
			e.Work, e.Addrs = transcript.Announce, plain(action.Addresses)
		case carp.Transition:
			if action.From == carp.Master {
				e.Work = transcript.Silence
			}
		}
		list = append(list, e)
	}
	return list
}

// speak returns the packet of an advertisement.
func (c *actor) speak(r carp.Rank) spoken {
	octets, err := c.door.Advertisement(c.cfg.VHID, r)
	if err != nil {
		panic(err) // there is a virtual host identifier
	}
	c.own = spoken{c.src, octets}
	return c.own
}

func plain(list []netip.Prefix) (addrs []netip.Addr) {
	for _, p := range list {
		addrs = append(addrs, p.Addr())
	}
	return addrs
}

// Receive doesn't tell that one who isn't taking part doesn't listen.
func (c *actor) Receive(now time.Time, p any) []transcript.Effect {
	c.last = p.(spoken)
	actions, err := c.hear(now, c.last, nil)
	if len(actions) == 1 && actions[0] == carp.Discard(carp.FaultInit) || err != nil && c.m.State() == carp.Init {
		return nil
	}
	if err != nil {
		return []transcript.Effect{{Text: "rejected: " + err.Error()}}
	}
	return c.effects(actions)
}

func (c *actor) Claimed(now time.Time, addr netip.Addr) []transcript.Effect {
	return c.effects(c.m.Claimed(now, addr))
}

func (c *actor) Done(now time.Time, work transcript.Work, err error) []transcript.Effect {
	if work == transcript.Add {
		return c.effects(c.m.AddressesAdded(now, err))
	}
	return c.effects(c.m.AddressesRemoved(now))
}

func (c *actor) Expire(now time.Time) []transcript.Effect { return c.effects(c.m.Expire(now)) }

func (c *actor) Deadline() (time.Time, bool) { return c.m.Deadline() }

// Wake does as the runtime: what has stood still for longer than its peers wait has
// slept.
func (c *actor) Wake(now, due time.Time) ([]transcript.Effect, bool) {
	if now.Sub(due) <= patienceOf(c.m) {
		return nil, true
	}
	return c.effects(c.m.Slept(now)), false
}

// patienceOf returns how late a machine may be before the runtime says that it slept.
func patienceOf(m *carp.Machine) time.Duration {
	c := m.Config()
	once := time.Duration(c.AdvBase) * time.Second
	if once == 0 {
		once = time.Duration(c.AdvSkew) * skew
	}
	return max(time.Duration(c.DeadRatio)*once, m.Interval()*3/2)
}

// Crash bows out for a Master if there is a will, as package netif/guard does.
func (c *actor) Crash(now time.Time, will bool) []transcript.Effect {
	var effects []transcript.Effect
	if will && c.m.State() == carp.Master {
		effects = c.effects([]carp.Action{carp.SendAdvertisement(carp.BowOut())})
	}
	fresh, err := carp.NewMachine(c.cfg)
	if err != nil {
		panic(err) // it was valid before
	}
	c.m = fresh
	return effects
}

// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/transcript"
	"github.com/go-fhrp/fhrp/vrrp"
)

var update = flag.Bool("update", false, "write the output in testdata/transcripts anew")

// Each transcript is a clause of the specification or a story, with what it shows
// in its comments. With -update their output is written anew.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := transcript.Play(file, want, newActor)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case bytes.Equal(got, want):
			case *update:
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n"))
				t.Errorf("%s (-want +got; -update takes what it got):\n%s", file, diff)
			}
		})
	}
}

// actor is a machine in a transcript.
type actor struct {
	m   *vrrp.Machine
	cfg vrrp.Config
	src netip.Addr
}

// spoken is an advertisement between actors.
type spoken struct {
	src netip.Addr
	adv *vrrp.Advertisement
}

func newActor(a *transcript.Args) (transcript.Node, error) {
	c := &actor{cfg: v3(), src: local}
	a.Addr("src", &c.src)
	configure(a, &c.cfg)
	var err error
	c.m, err = vrrp.NewMachine(c.cfg)
	return c, err
}

// configure takes the words of a configuration.
func configure(a *transcript.Args, c *vrrp.Config) {
	number := func(name string, n uint64) uint64 { a.Number(name, 255, &n); return n }
	c.Version = vrrp.Version(number("version", uint64(c.Version)))
	c.Priority = uint8(number("prio", uint64(c.Priority)))
	c.DownIntervals = int(number("down-intervals", uint64(c.DownIntervals)))
	c.Announcements.Burst = int(number("burst", uint64(c.Announcements.Burst)))
	a.Duration("interval", &c.Interval)
	a.Duration("preempt-delay", &c.PreemptDelay)
	a.Duration("startup-hold", &c.StartupHold)
	a.Duration("second-burst", &c.Announcements.Delay)
	a.Duration("refresh", &c.Announcements.Refresh)
	a.Prefixes("addresses", &c.Addresses)
	a.Prefixes("excluded", &c.Excluded)
	c.NoPreempt = a.Has("nopreempt") || c.NoPreempt && !a.Has("preempt")
	c.EagerStart = a.Has("eager") || c.EagerStart
	c.OwnerAdds = a.Has("owner-adds") || c.OwnerAdds
	c.ReleaseFirst = a.Has("release-first") || c.ReleaseFirst
	if a.Has("one-burst") {
		c.Announcements.Delay = -1
	}
}

func (c *actor) Do(now time.Time, verb string, a *transcript.Args) ([]transcript.Effect, error) {
	do, ok := c.inputs()[verb]
	if !ok {
		return nil, transcript.ErrUnknown
	}
	actions, err := do(now, a)
	effects := c.effects(actions)
	var refused *vrrp.ValueError
	var rejected *vrrp.PacketError
	switch {
	case errors.As(err, &refused):
		return append(effects, transcript.Effect{Text: "refused: " + err.Error()}), nil
	case errors.As(err, &rejected):
		return append(effects, transcript.Effect{Text: "rejected: " + err.Error()}), nil
	}
	if verb == "start" && c.cfg.Priority == vrrp.PriorityOwner && !c.cfg.OwnerAdds {
		effects = append(effects, transcript.Effect{Work: transcript.Own, Addrs: plain(c.cfg.Addresses)})
	}
	return effects, err
}

// inputs are those of the machine, by the words for them.
func (c *actor) inputs() map[string]func(time.Time, *transcript.Args) ([]vrrp.Action, error) {
	return map[string]func(time.Time, *transcript.Args) ([]vrrp.Action, error){
		"start": func(now time.Time, a *transcript.Args) ([]vrrp.Action, error) {
			a.Addr("src", &c.src)
			return c.m.Startup(now, c.src), nil
		},
		"stop": func(now time.Time, a *transcript.Args) ([]vrrp.Action, error) {
			return c.m.Shutdown(now, vrrp.ReasonShutdown), nil
		},
		"link":    c.link,
		"receive": c.receive,
		"resign": func(now time.Time, a *transcript.Args) ([]vrrp.Action, error) {
			return c.m.Resign(now, a.WordDuration()), nil
		},
		"force": func(now time.Time, a *transcript.Args) ([]vrrp.Action, error) {
			return c.m.Force(now, a.WordDuration()), nil
		},
		"slept": func(now time.Time, a *transcript.Args) ([]vrrp.Action, error) { return c.m.Slept(now), nil },
		"priority": func(now time.Time, a *transcript.Args) ([]vrrp.Action, error) {
			var p uint64
			a.Number("to", 255, &p)
			return c.m.SetPriority(now, uint8(p))
		},
		"reconfigure": func(now time.Time, a *transcript.Args) ([]vrrp.Action, error) {
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

// link takes the words down, up and noaddress.
func (c *actor) link(now time.Time, a *transcript.Args) ([]vrrp.Action, error) {
	switch a.Word() {
	case "up":
		return c.m.Startup(now, c.src), nil
	case "down":
		return c.m.Shutdown(now, vrrp.ReasonLinkDown), nil
	case "noaddress":
		return c.m.Shutdown(now, vrrp.ReasonNoAddress), nil
	}
	return nil, transcript.ErrUnknown
}

// receive takes an advertisement like an own one, but for what is said of it.
func (c *actor) receive(now time.Time, a *transcript.Args) ([]vrrp.Action, error) {
	p := spoken{higherPeer, c.advertisement(100)}
	if text, ok := a.Value("hex"); ok {
		a.Addr("src", &p.src)
		return c.parse(now, p.src, text)
	}
	prio, version := uint64(p.adv.Priority), uint64(p.adv.Version)
	list := c.cfg.Addresses
	a.Addr("src", &p.src)
	a.Number("prio", 255, &prio)
	a.Number("version", 3, &version)
	var ago time.Duration
	a.Duration("ago", &ago) // it arrived that long ago, and is read now
	a.Duration("interval", &p.adv.Interval)
	a.Prefixes("addresses", &list)
	p.adv.Priority, p.adv.Version, p.adv.Addresses = uint8(prio), vrrp.Version(version), nil
	for _, prefix := range list {
		p.adv.Addresses = append(p.adv.Addresses, prefix.Addr())
	}
	return c.m.Receive(now.Add(-ago), p.src, p.adv), nil
}

// parse takes the octets of an advertisement, as far as they are one.
func (c *actor) parse(now time.Time, src netip.Addr, text string) ([]vrrp.Action, error) {
	octets, err := hex.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var adv vrrp.Advertisement
	if _, err := adv.Parse(octets, vrrp.IPHeader{Src: src, Dst: vrrp.GroupIPv4(), HopLimit: 255}); err != nil {
		return nil, err
	}
	return c.m.Receive(now, src, &adv), nil
}

// advertisement is what the machine sends.
func (c *actor) advertisement(priority uint8) *vrrp.Advertisement {
	adv := &vrrp.Advertisement{Version: c.cfg.Version, VRID: c.cfg.VRID, Priority: priority, Interval: c.cfg.Interval}
	if adv.Version == 0 {
		adv.Version = vrrp.V3
	}
	if adv.Interval == 0 {
		adv.Interval = time.Second
	}
	for _, p := range c.cfg.Addresses {
		adv.Addresses = append(adv.Addresses, p.Addr())
	}
	return adv
}

// effects tells of actions, and what they do outside. An owner's addresses are
// there all the time.
func (c *actor) effects(actions []vrrp.Action) []transcript.Effect {
	var list []transcript.Effect
	for _, action := range actions {
		e := transcript.Effect{Text: describe(action)}
		switch action := action.(type) {
		case vrrp.SendAdvertisement:
			e.Packet = spoken{c.src, c.advertisement(uint8(action))}
			if action == vrrp.PriorityGoodbye {
				e.Work = transcript.Silence
			}
		case vrrp.AddAddresses:
			e.Work, e.Addrs = transcript.Add, plain(action.Addresses)
		case vrrp.RemoveAddresses:
			e.Work, e.Addrs = transcript.Remove, plain(action.Addresses)
		case vrrp.Announce:
			e.Work, e.Addrs = transcript.Announce, plain(action.Addresses)
		case vrrp.Transition:
			if action.From == vrrp.Active {
				e.Work = transcript.Silence
			}
		}
		list = append(list, e)
	}
	return list
}

func plain(list []netip.Prefix) (addrs []netip.Addr) {
	for _, p := range list {
		addrs = append(addrs, p.Addr())
	}
	return addrs
}

// Receive doesn't tell that one who isn't taking part doesn't listen.
func (c *actor) Receive(now time.Time, p any) []transcript.Effect {
	actions := c.m.Receive(now, p.(spoken).src, p.(spoken).adv)
	if len(actions) == 1 && actions[0] == vrrp.Discard(vrrp.FaultInitialize) {
		return nil
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

// Wake does as the runtime: what has stood still for longer than three intervals
// has slept.
func (c *actor) Wake(now, due time.Time) ([]transcript.Effect, bool) {
	if now.Sub(due) <= 3*c.m.ActiveInterval() {
		return nil, true
	}
	return c.effects(c.m.Slept(now)), false
}

// Crash says goodbye for an Active Router if there is a will, as package
// netif/guard does.
func (c *actor) Crash(now time.Time, will bool) []transcript.Effect {
	var effects []transcript.Effect
	if will && c.m.State() == vrrp.Active {
		effects = c.effects([]vrrp.Action{vrrp.SendAdvertisement(vrrp.PriorityGoodbye)})
	}
	fresh, err := vrrp.NewMachine(c.cfg)
	if err != nil {
		panic(err) // it was valid before
	}
	c.m = fresh
	return effects
}

// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
)

// subject is what walks: a vrrp.Router or a carp.Host.
type subject interface {
	Run(ctx context.Context) error
	add(n int, w wish, b *shelf) (instance, error)
	follow(ctx context.Context, f func(occurrence))
	setPolicy(value uint64) error
}

// instance is its part in one virtual router or virtual host.
type instance interface {
	Remove(ctx context.Context) error
	Resign(d time.Duration) error
	Force(d time.Duration) error
	Maintenance(on bool) error
	reconfigure(w wish) error
	setTrackers(mask uint8) error
	setRank(rank uint8) error
	join() error
	leave() error
	look() view
	owns(of any) bool
}

// view is what its Status says.
type view struct {
	state string
	took  uint64 // how often it has taken the role
	all   string
}

// occurrence is an event of either protocol.
type occurrence struct {
	number, lost     uint64
	of               any // a vrrp.VirtualRouter or carp.VirtualHost; nil for a group
	transition       bool
	from, to, reason string
	by               string
	peer             bool // somebody was heard
	text             string
}

// walker runs a walk.
type walker struct {
	*walk
	begun   time.Time
	host    *netiftest.Host
	other   *netiftest.Host // of the peer
	subject subject
	places  [places]*spot
	conds   [3]*condition
	heard   uint64 // events that were looked at
	tally   tally

	mu     sync.Mutex
	found  *violation
	told   []string
	events []occurrence
	book   map[[2]string]bool // by link and address, what is there
	calls  int                // to the backend, under way
	sent   int                // packets
}

// tally counts what was judged.
type tally struct{ steps, refused, kept, gaveUp int }

// plus returns both together.
func (t tally) plus(o tally) tally {
	return tally{t.steps + o.steps, t.refused + o.refused, t.kept + o.kept, t.gaveUp + o.gaveUp}
}

// String says how much it is.
func (t tally) String() string {
	return fmt.Sprintf("%d steps, %d of them refused; %d addresses were found to be kept, and %d roles given up for a reason", t.steps, t.refused, t.kept, t.gaveUp)
}

// condition is one that a tracker follows.
type condition struct {
	*track.Tracker
	action track.Action
	bad    atomic.Bool
}

// links are those of the places.
func linkOf(place int) string { return [places]string{"eth0", "eth0", "eth1"}[place] }

// stroll takes a walk in a bubble. It is found to have broken a rule, or not.
func (w *walk) stroll(maker func(*walker, *netiftest.Host) subject) *walker {
	lan := netiftest.New(netiftest.Config{Seed: w.Seed, Delay: 100 * time.Microsecond})
	r := &walker{walk: w, begun: time.Now(), book: map[[2]string]bool{}}
	r.host, r.other = r.newHost(lan, 1), r.newHost(lan, 2)
	r.makeConditions()
	r.subject = maker(r, r.host)
	for i := range r.places {
		r.places[i] = &spot{w: r, index: i, pool: poolOf(i)}
	}
	lan.Tap(func(p netiftest.Packet) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if p.From == r.host {
			r.sent++
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	if w.Peer {
		r.runPeer(ctx, &running)
	}
	running.Go(func() { r.subject.follow(context.Background(), r.happened) })
	synctest.Wait() // before the first event
	running.Go(func() {
		if err := r.subject.Run(ctx); err != nil {
			r.violated(ruleRun, "Run returned %v", err)
		}
	})
	r.settle()
	for _, s := range w.Steps {
		if r.found != nil {
			break
		}
		r.take(s)
	}
	r.stop(cancel)
	running.Wait()
	r.settle()
	r.ended()
	return r
}

// newHost plugs in a host.
func (w *walker) newHost(lan *netiftest.LAN, n int) *netiftest.Host {
	var links []netiftest.Link
	for i, name := range []string{"eth0", "eth1"} {
		a := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(10*i + n)}), 24)
		links = append(links, netiftest.Link{Name: name, Switch: name, Addresses: []netip.Prefix{a}})
	}
	return lan.Host(fmt.Sprint("host ", n), links...)
}

// runPeer has a host of middling rank take part in the first configurations.
func (w *walker) runPeer(ctx context.Context, running *sync.WaitGroup) {
	peer := newSubject(w, w.other)
	for i := range places {
		first := wish{}.changed(w.first(i), w.CARP)
		if _, err := peer.add(i, wish{Addresses: first.Addresses & 15, Rank: 120, Interval: first.Interval}, nil); err != nil {
			w.violated(ruleRun, "the peer: %v", err)
		}
	}
	running.Go(func() { _ = peer.Run(ctx) })
}

// makeConditions makes what virtual routers can depend on, in each of the ways.
func (w *walker) makeConditions() {
	for i, action := range []track.Action{{Weight: -60}, {Fault: true}, {Resign: true}} {
		c := &condition{action: action}
		t, err := track.New(track.Config{Name: fmt.Sprint("condition ", i), Interval: 300 * time.Millisecond, Initial: track.Up, Check: func(context.Context) error {
			if c.bad.Load() {
				return errors.New("it is bad")
			}
			return nil
		}})
		if err != nil {
			w.violated(ruleRun, "%v", err)
		}
		c.Tracker, w.conds[i] = t, c
	}
}

// tracks returns the conditions of a mask.
func (w *walker) tracks(mask uint8) (list []track.Track) {
	for i, c := range w.conds {
		if mask&(1<<i) != 0 {
			list = append(list, track.Track{Tracker: c.Tracker, Action: c.action})
		}
	}
	return list
}

// poolOf returns the addresses that a place can have: four of its own, and two that the
// others can have as well.
func poolOf(place int) (pool []netip.Prefix) {
	for i := range 6 {
		n := byte(100 + 10*place + i)
		if i >= 4 {
			n = byte(200 + i)
		}
		pool = append(pool, netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 32))
	}
	return pool
}

// happened takes an event in.
func (w *walker) happened(o occurrence) {
	w.note("event %d: %s", o.number, o.text)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, o)
}

// describe returns an event as a line of a transcript.
func describe(kind fmt.Stringer, name string, state, transition fmt.Stringer, none bool, err error) string {
	text := fmt.Sprint(kind, " ", name, " ", state)
	if !none {
		text = fmt.Sprint(name, " ", transition)
	}
	if err != nil {
		text += ": " + err.Error()
	}
	return text
}

// note takes down what happens.
func (w *walker) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, fmt.Sprintf("%12v %s", time.Since(w.begun), fmt.Sprintf(format, args...)))
}

// violated notes that a rule was broken, if it is the first.
func (w *walker) violated(r rule, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.found == nil {
		w.found = &violation{time.Since(w.begun), r, fmt.Sprintf(format, args...)}
		w.told = append(w.told, w.found.Error())
	}
}

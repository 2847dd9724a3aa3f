// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Whose an address is, in these tests.
const (
	ourMark    = Protocol + 2
	deadMark   = Protocol + 3
	livingMark = Protocol + 4
)

// begin is when these tests are.
func begin() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// newTestBook returns a book of a device that is there and up.
func newTestBook(config KeeperConfig) *book {
	b := newBook("eth0", config)
	b.mark, b.sole = ourMark, true
	b.linkIs(2, true)
	b.orphans = map[uint8]bool{deadMark: true, livingMark: false}
	return b
}

// text writes a step in words.
func (s *step) text() string {
	var words []string
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if s.before.IsValid() {
		add("remove %v first", s.before)
	}
	if s.put.IsValid() {
		verb := "add"
		if s.replace {
			verb = "renew"
		}
		life := "forever"
		if s.life != forever {
			life = fmt.Sprintf("for %d s", s.life)
		}
		add("%s %v %s", verb, s.put, life)
	}
	if s.after.IsValid() {
		add("remove %v", s.after)
	}
	if s.kind != 0 {
		add("tell %v", s.kind)
	}
	return strings.Join(words, ", ")
}

// texts writes steps and events in words.
func (b *book) texts(steps []step) []string {
	var list []string
	for i := range steps {
		list = append(list, steps[i].text())
	}
	for _, n := range b.notes {
		e := n.event()
		text := fmt.Sprint("event: ", e.Kind)
		for _, p := range e.Addrs {
			text += " " + p.String()
		}
		if e.After > 0 {
			text += " after " + e.After.String()
		}
		list = append(list, text)
	}
	b.notes = nil
	return list
}

// carryOut does what the kernel would, for steps that all succeed.
func (b *book) carryOut(steps []step, now time.Time) {
	for i := range steps {
		s := &steps[i]
		b.strike(s.before)
		if s.put.IsValid() {
			b.enter(&resident{heldAddr: heldAddr{prefix: s.put, passing: s.life != forever}, mark: b.mark})
			b.fulfil(s)
		}
		b.strike(s.after)
		b.settle(s, now)
	}
}

// TestPlan has what is wished for, and was there when last looked, against what is there now.
func TestPlan(t *testing.T) {
	v4, net4 := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.1/24")
	v6, net6 := netip.MustParsePrefix("2001:db8::1/128"), netip.MustParsePrefix("2001:db8::1/64")
	now := begin()
	ours := func(p netip.Prefix) *resident { return &resident{heldAddr: heldAddr{prefix: p}, mark: ourMark} }
	by := func(mark uint8, p netip.Prefix) *resident {
		return &resident{heldAddr: heldAddr{prefix: p}, mark: mark}
	}
	held := func(p netip.Prefix) *wish { return &wish{prefix: p, held: true, settled: true} }
	leased := func(p netip.Prefix, left time.Duration) *wish {
		return &wish{prefix: p, held: true, settled: true, until: now.Add(left)}
	}
	failed := func(r *resident) *resident { r.dadFailed = true; return r }
	adopt, report := KeeperConfig{OnForeign: ForeignAdopt}, KeeperConfig{OnLoss: LossReport}
	for name, test := range map[string]struct {
		config KeeperConfig
		down   bool
		gone   bool
		wishes []*wish
		held   []*resident
		want   []string
	}{
		"nothing":                   {},
		"all is well":               {wishes: []*wish{held(v4), held(v6)}, held: []*resident{ours(v4), ours(v6)}},
		"IPv6 in another length":    {wishes: []*wish{held(v6)}, held: []*resident{ours(net6)}},
		"ours, not wished for":      {held: []*resident{ours(v4)}, want: []string{"remove 192.0.2.1/32, tell swept"}},
		"ours in another length":    {wishes: []*wish{held(v4)}, held: []*resident{ours(v4), ours(net4)}, want: []string{"remove 192.0.2.1/24, tell swept"}},
		"of the dead":               {held: []*resident{by(deadMark, v6)}, want: []string{"remove 2001:db8::1/128, tell swept"}},
		"of the living":             {held: []*resident{by(livingMark, v4)}},
		"of nobody we know":         {held: []*resident{by(0, v4), by(3, v6)}},
		"of an unlocked keeper":     {config: adopt, wishes: []*wish{held(v4)}, held: []*resident{by(unlocked, v4)}, want: []string{"event: foreign 192.0.2.1/32"}},
		"lost":                      {wishes: []*wish{held(v4)}, want: []string{"add 192.0.2.1/32 forever, tell restored"}},
		"lost, on a lease":          {wishes: []*wish{leased(v4, 2999*time.Millisecond)}, want: []string{"add 192.0.2.1/32 for 2 s, tell restored"}},
		"lost, little left":         {wishes: []*wish{leased(v4, 999*time.Millisecond)}, want: []string{"event: expired 192.0.2.1/32"}},
		"lease over":                {wishes: []*wish{leased(v4, -time.Hour)}, want: []string{"event: expired 192.0.2.1/32"}},
		"lease over, still there":   {wishes: []*wish{leased(v4, -time.Millisecond)}, held: []*resident{ours(v4)}},
		"lost, to be reported":      {config: report, wishes: []*wish{held(v4), held(v6)}, want: []string{"event: lost 192.0.2.1/32 2001:db8::1/128"}},
		"device gone":               {gone: true, wishes: []*wish{held(v4), held(v6)}},
		"device down":               {down: true, wishes: []*wish{held(v4), held(v6)}, held: []*resident{ours(v4)}},
		"device down, IPv4 lost":    {down: true, wishes: []*wish{held(v4), held(v6)}, want: []string{"add 192.0.2.1/32 forever, tell restored"}},
		"foreign":                   {wishes: []*wish{held(v4)}, held: []*resident{by(0, v4)}, want: []string{"event: foreign 192.0.2.1/32"}},
		"foreign, to be adopted":    {config: adopt, wishes: []*wish{leased(v4, time.Minute)}, held: []*resident{by(0, v4)}, want: []string{"renew 192.0.2.1/32 for 60 s", "event: foreign 192.0.2.1/32"}},
		"of the dead, to be held":   {wishes: []*wish{held(v4)}, held: []*resident{by(deadMark, v4)}, want: []string{"renew 192.0.2.1/32 forever"}},
		"of the living, to be held": {config: adopt, wishes: []*wish{held(v4)}, held: []*resident{by(livingMark, v4)}, want: []string{"event: foreign 192.0.2.1/32"}},
		"duplicate":                 {wishes: []*wish{held(v6)}, held: []*resident{failed(by(0, net6))}, want: []string{"remove 2001:db8::1/64 first, add 2001:db8::1/128 forever, tell DAD failed"}},
		"duplicate, not wished for": {held: []*resident{failed(by(0, v6))}},
		"single":                    {wishes: []*wish{{prefix: net4, single: true, held: true}}, held: []*resident{ours(v4)}},
		"single, lost":              {wishes: []*wish{{prefix: net4, single: true, settled: true, until: now.Add(time.Minute)}}, want: []string{"add 192.0.2.1/32 for 60 s, tell restored"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTestBook(test.config)
			for _, w := range test.wishes {
				b.wishes.Set(place(w.prefix), w)
			}
			b.listed(test.held)
			if test.down {
				b.linkIs(2, false)
			}
			if test.gone {
				b.linkIs(0, false)
				b.notes = nil
			}
			steps := b.plan(now)
			if diff := cmp.Diff(test.want, b.texts(steps)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			b.carryOut(steps, now)
			b.notes = nil
			if again := b.texts(b.plan(now)); len(again) > 0 {
				t.Errorf("when that was done there is more to do: %q", again)
			}
		})
	}
}

// TestAsk has what a caller of Add and Lease asks for against what is there.
func TestAsk(t *testing.T) {
	v4, net4 := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.1/24")
	v6 := netip.MustParsePrefix("2001:db8::1/128")
	now := begin()
	there := func(mark uint8, h heldAddr) []*resident { return []*resident{{heldAddr: h, mark: mark}} }
	own := &resident{heldAddr: heldAddr{prefix: netip.MustParsePrefix("192.0.2.71/24"), secondary: true}}
	for name, test := range map[string]struct {
		config KeeperConfig
		gone   bool
		before *wish
		held   []*resident
		ask    netip.Prefix
		life   lifetime
		want   []string
		err    error
	}{
		"new":                     {ask: v4, life: forever, want: []string{"add 192.0.2.1/32 forever"}},
		"new lease":               {ask: v6, life: 3, want: []string{"add 2001:db8::1/128 for 3 s"}},
		"no device":               {gone: true, ask: v4, life: 3, err: ErrNoDevice},
		"there":                   {ask: v4, life: forever, held: there(ourMark, heldAddr{prefix: v4})},
		"there, on a lease":       {ask: v4, life: forever, held: there(ourMark, heldAddr{prefix: v4, passing: true}), want: []string{"renew 192.0.2.1/32 forever"}},
		"renewal":                 {ask: v4, life: 3, held: there(ourMark, heldAddr{prefix: v4, passing: true}), want: []string{"renew 192.0.2.1/32 for 3 s"}},
		"lease of what was added": {ask: v4, life: 3, held: there(ourMark, heldAddr{prefix: v4}), want: []string{"renew 192.0.2.1/32 for 3 s"}},
		"foreign":                 {ask: v4, life: 3, held: there(0, heldAddr{prefix: v4}), want: []string{"event: foreign 192.0.2.1/32"}},
		"lost": {before: &wish{prefix: v4, held: true, settled: true}, ask: v4, life: 3,
			want: []string{"add 192.0.2.1/32 for 3 s, tell restored"}},
		"lost again": {before: &wish{prefix: v4, held: true, settled: true, trouble: &trouble{damping: damping{now, 4 * time.Second}}}, ask: v4, life: 3,
			want: []string{"event: lost 192.0.2.1/32 after 4s"}, err: ErrLost},
		"lost, to be reported": {config: KeeperConfig{OnLoss: LossReport}, before: &wish{prefix: v4, held: true, settled: true}, ask: v4, life: 3,
			want: []string{"event: lost 192.0.2.1/32"}, err: ErrLost},
		"could not be put back before": {before: &wish{prefix: v4, settled: true, trouble: &trouble{retry: now.Add(time.Minute)}}, ask: v4, life: 3,
			want: []string{"add 192.0.2.1/32 for 3 s, tell restored"}},
		"lease was over": {before: &wish{prefix: v4, held: true, settled: true, until: now.Add(-time.Second)}, ask: v4, life: 3,
			want: []string{"add 192.0.2.1/32 for 3 s", "event: expired 192.0.2.1/32"}},
		"would take another along": {ask: net4, life: 3, held: append(there(ourMark, heldAddr{prefix: net4, passing: true}), own),
			want: []string{"add 192.0.2.1/32 for 3 s, remove 192.0.2.1/24, tell shared prefix"}},
		"would go along itself": {ask: net4, life: 3,
			held: append(there(ourMark, heldAddr{prefix: net4, secondary: true}), &resident{heldAddr: heldAddr{prefix: own.prefix}}),
			want: []string{"renew 192.0.2.1/24 for 3 s"}},
		"single": {before: &wish{prefix: net4, single: true, held: true, settled: true, until: now.Add(time.Second)}, ask: net4, life: 3,
			held: append(there(ourMark, heldAddr{prefix: v4, passing: true}), own), want: []string{"renew 192.0.2.1/32 for 3 s"}},
		"single, without end": {before: &wish{prefix: net4, single: true, held: true, settled: true, until: now.Add(time.Second)}, ask: net4, life: forever,
			held: append(there(ourMark, heldAddr{prefix: v4, passing: true}), own), want: []string{"add 192.0.2.1/24 forever, remove 192.0.2.1/32"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTestBook(test.config)
			if test.before != nil {
				b.wishes.Set(place(test.before.prefix), test.before)
			}
			b.listed(test.held)
			if test.gone {
				b.linkIs(0, false)
				b.notes = nil
			}
			j := &job{prefix: test.ask}
			var steps []step
			if s, ok := b.look(b.ask(test.ask, test.life, now), j, b.along(), now); ok {
				steps = append(steps, s)
			}
			if diff := cmp.Diff(test.want, b.texts(steps)); diff != "" || !errors.Is(j.err, test.err) {
				t.Errorf("error %v, want %v; to do (-want +got):\n%s", j.err, test.err, diff)
			}
			if test.gone && len(b.wishes) > 0 {
				t.Error("what failed is wished for")
			}
		})
	}
}

// TestDrop has what a caller of Remove asks for against what is there.
func TestDrop(t *testing.T) {
	v4, net4 := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.1/24")
	v6, net6 := netip.MustParsePrefix("2001:db8::1/128"), netip.MustParsePrefix("2001:db8::1/64")
	there := func(mark uint8, p netip.Prefix) *resident {
		return &resident{heldAddr: heldAddr{prefix: p}, mark: mark}
	}
	for name, test := range map[string]struct {
		config KeeperConfig
		before *wish
		held   *resident
		drop   netip.Prefix
		want   []string
		stays  bool // the wish
	}{
		"not there":              {drop: v4},
		"ours":                   {before: &wish{prefix: v4}, held: there(ourMark, v4), drop: v4, want: []string{"remove 192.0.2.1/32"}},
		"ours, not wished for":   {held: there(ourMark, v4), drop: v4, want: []string{"remove 192.0.2.1/32"}},
		"of the dead":            {held: there(deadMark, v4), drop: v4, want: []string{"remove 192.0.2.1/32"}},
		"of the living":          {config: KeeperConfig{OnForeign: ForeignAdopt}, held: there(livingMark, v4), drop: v4, want: []string{"event: foreign 192.0.2.1/32"}},
		"foreign":                {before: &wish{prefix: v4}, held: there(0, v4), drop: v4, want: []string{"event: foreign 192.0.2.1/32"}},
		"foreign, to be adopted": {config: KeeperConfig{OnForeign: ForeignAdopt}, held: there(0, v4), drop: v4, want: []string{"remove 192.0.2.1/32"}},
		"single":                 {before: &wish{prefix: net4, single: true}, held: there(ourMark, v4), drop: net4, want: []string{"remove 192.0.2.1/32"}},
		"another length":         {before: &wish{prefix: v6}, held: there(ourMark, v6), drop: net6, stays: true},
		"former length":          {before: &wish{prefix: v6}, held: there(ourMark, net6), drop: net6, want: []string{"remove 2001:db8::1/64"}, stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTestBook(test.config)
			if test.before != nil {
				b.wishes.Set(place(test.before.prefix), test.before)
			}
			if test.held != nil {
				b.listed([]*resident{test.held})
			}
			var steps []step
			if s, ok := b.drop(&job{prefix: test.drop}); ok {
				steps = append(steps, s)
			}
			if diff := cmp.Diff(test.want, b.texts(steps)); diff != "" {
				t.Errorf("to do (-want +got):\n%s", diff)
			}
			if stays := len(b.wishes) > 0; stays != test.stays {
				t.Errorf("wish there: %v, want %v", stays, test.stays)
			}
		})
	}
}

// TestFailures: what fails is tried again, less and less often; what was asked for is told to the one who asked.
func TestFailures(t *testing.T) {
	now, p, reason := begin(), netip.MustParsePrefix("192.0.2.1/32"), errors.New("reason")
	b := newTestBook(KeeperConfig{})
	b.wishes.Set(p, &wish{prefix: p, settled: true})
	for i, delay := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second} {
		now = now.Add(delay)
		steps := b.plan(now)
		if len(steps) != 1 {
			t.Fatalf("attempt %d: %q", i, b.texts(steps))
		}
		steps[0].err = reason
		b.settle(&steps[0], now)
		if again := b.plan(now); len(again) > 0 || !b.due.Equal(b.wishes.Get(p).retry()) {
			t.Errorf("attempt %d: is tried again at once, or at %v", i, b.due)
		}
		n := b.notes[len(b.notes)-1].event()
		e, ok := errors.AsType[*AddrError](n.Err)
		if n.Kind != EventLost || !ok || e.Prefix != p || !errors.Is(e, reason) {
			t.Errorf("attempt %d: event %+v", i, n)
		}
		b.notes = nil
	}
	// The one who asks is not made to wait, and is told; the wish was fulfilled before and stays.
	j := &job{prefix: p}
	s, _ := b.look(b.ask(p, forever, now), j, nil, now)
	s.err = reason
	b.settle(&s, now)
	if j.err != reason || b.wishes.Get(p) == nil || len(b.notes) > 0 {
		t.Errorf("error %v, wish %v, %q", j.err, b.wishes.Get(p), b.texts(nil))
	}
	// What can't be removed is.
	b = newTestBook(KeeperConfig{})
	b.listed([]*resident{{heldAddr: heldAddr{prefix: p}, mark: ourMark}})
	steps := b.plan(now)
	steps[0].err = reason
	b.settle(&steps[0], now)
	if again := b.plan(now); len(again) > 0 || !b.due.Equal(now.Add(time.Second)) {
		t.Errorf("a stray that could not be removed: %q, due %v", b.texts(again), b.due)
	}
	if again := b.plan(now.Add(time.Second)); len(again) != 1 {
		t.Errorf("a stray is not removed in a second attempt: %q", b.texts(again))
	}
}

// TestLeaseEndsWhileAskedFor: nobody is to blame where the lease of an address is over, and the kernel removes the address
// after it was asked for and before it is looked at.
func TestLeaseEndsWhileAskedFor(t *testing.T) {
	now, p := begin(), netip.MustParsePrefix("192.0.2.1/32")
	b := newTestBook(KeeperConfig{OnLoss: LossReport})
	b.wishes.Set(p, &wish{prefix: p, held: true, settled: true, until: now.Add(time.Second / 2)})
	b.enter(&resident{heldAddr: heldAddr{prefix: p, passing: true}, mark: ourMark})
	w, j := b.ask(p, 3, now), &job{prefix: p}
	b.removed(heldAddr{prefix: p})
	s, ok := b.look(w, j, nil, now)
	if want := "add 192.0.2.1/32 for 3 s, tell restored"; !ok || s.text() != want || j.err != nil || len(b.notes) > 0 {
		t.Errorf("to do %q, want %q; error %v, %q", s.text(), want, j.err, b.texts(nil))
	}
}

// TestLookAgain: what the kernel has told of since the steps were made is what they know of.
func TestLookAgain(t *testing.T) {
	now := begin()
	b := newTestBook(KeeperConfig{})
	var held []*resident
	for i := range byte(3) {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, i}), 32)
		b.wishes.Set(place(p), &wish{prefix: p})
		held = append(held, &resident{heldAddr: heldAddr{prefix: p}, mark: deadMark})
	}
	b.listed(held)
	steps := b.plan(now)
	b.removed(held[0].heldAddr)
	again := &resident{heldAddr: held[2].heldAddr, mark: ourMark}
	b.added(again)
	b.lookAgain(steps)
	for i, want := range []*resident{nil, held[1], again} {
		if steps[i].there != want {
			t.Errorf("%v: there is %+v, want %+v", steps[i].put, steps[i].there, want)
		}
	}
}

// TestDamping: what is removed again and again is put back at once, and then after 1, 2, 4 and so on to 60 seconds; at
// once again after a minute of rest.
func TestDamping(t *testing.T) {
	now, p := begin(), netip.MustParsePrefix("192.0.2.1/32")
	b := newTestBook(KeeperConfig{})
	b.wishes.Set(p, &wish{prefix: p, held: true, settled: true})
	for i, want := range []int{0, 1, 2, 4, 8, 16, 32, 60, 60} {
		lost := now
		steps := b.plan(now)
		if want > 0 {
			if len(steps) > 0 || !b.due.Equal(lost.Add(time.Duration(want)*time.Second)) {
				t.Fatalf("loss %d: due in %v, want %d s: %q", i, b.due.Sub(lost), want, b.texts(steps))
			}
			now = b.due
			steps = b.plan(now)
		}
		if len(steps) != 1 {
			t.Fatalf("loss %d: not put back", i)
		}
		b.carryOut(steps, now)
		b.removed(heldAddr{prefix: p})
	}
	b.plan(now) // lost
	now = b.due
	b.carryOut(b.plan(now), now)
	now = now.Add(dampMost + dampQuiet + time.Second)
	b.removed(heldAddr{prefix: p})
	if steps := b.plan(now); len(steps) != 1 {
		t.Errorf("after a rest it is not put back at once, but at %v", b.due.Sub(now))
	}
}

// TestExcuses: what goes with the device, or with its being up, is nobody's fault.
func TestExcuses(t *testing.T) {
	now := begin()
	v4, v6 := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::1/128")
	b := newTestBook(KeeperConfig{OnLoss: LossReport})
	for _, p := range []netip.Prefix{v4, v6} {
		b.wishes.Set(p, &wish{prefix: p, held: true, settled: true})
		b.added(&resident{heldAddr: heldAddr{prefix: p}, mark: ourMark})
	}
	expect := func(when string, want ...string) {
		t.Helper()
		steps := b.plan(now)
		if diff := cmp.Diff(want, b.texts(steps)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		b.carryOut(steps, now)
		b.notes = nil
	}
	b.linkIs(2, false)
	expect("down, before the kernel tells of the addresses")
	b.removed(heldAddr{prefix: v6})
	expect("down")
	b.linkIs(2, true)
	expect("up", "add 2001:db8::1/128 forever, tell restored")
	b.linkIs(0, false)
	expect("gone", "event: link gone")
	b.linkIs(3, true)
	expect("another one", "add 192.0.2.1/32 forever, tell restored", "add 2001:db8::1/128 forever, tell restored", "event: link found")
	b.removed(heldAddr{prefix: v6})
	expect("lost", "event: lost 2001:db8::1/128")
}

// TestBookIgnores: events about what we know already, or do not care for, are no reason to look again.
func TestBookIgnores(t *testing.T) {
	p := netip.MustParsePrefix("192.0.2.1/24")
	b := newTestBook(KeeperConfig{})
	b.wishes.Set(p, &wish{prefix: p, held: true, settled: true})
	b.enter(&resident{heldAddr: heldAddr{prefix: p}, mark: ourMark})
	b.plan(begin())
	b.added(&resident{heldAddr: heldAddr{prefix: p, secondary: true, passing: true}, mark: ourMark}) // renewed
	b.removed(heldAddr{prefix: netip.MustParsePrefix("192.0.2.1/25")})
	b.removed(heldAddr{prefix: p, peer: true})
	b.added(&resident{heldAddr: heldAddr{prefix: p, peer: true}})
	b.linkIs(2, true)
	if b.dirty || !b.held.Get(p).secondary {
		t.Errorf("dirty: %v; %+v", b.dirty, b.held.Get(p))
	}
	b.added(&resident{heldAddr: heldAddr{prefix: p}}) // somebody else's now
	if !b.dirty {
		t.Error("a change of the mark is ignored")
	}
}

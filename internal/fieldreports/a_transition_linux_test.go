// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// change14 is a step of TestFieldReport14: what is done to a router, what it is then, and what it has sent for that.
type change14 struct {
	name string
	do   func()
	want vrrp.State
	held bool
	sent []kind
}

// TestFieldReport14EachTransition: whatever state a router comes from, the one that it goes to says whether it has the
// addresses, and what it sends on the way is that of the transition.
func TestFieldReport14EachTransition(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	var n1 *node
	frame := func(priority uint8) []byte { return b.forged(b.host("n2").Addr(0), virtual(priority), nil) }
	var silence func() // until then n1 cannot take the role back, however long it takes to see what it does
	advertise := func() { silence = b.repeat("n2", frame(200), 20*time.Millisecond) }
	advertise()
	link := func(up bool) func() { return func() { b.must(b.host("n1").SetLink(0, up)) } }
	begin := []kind{advert, claim, claim}
	for _, c := range []change14{
		{"Initialize to Backup", func() { n1 = b.start("n1", virtual(150)) }, vrrp.Backup, false, nil},
		{"Backup to Active, no response", silence, vrrp.Active, true, begin},
		{"Active to Backup, higher priority", advertise, vrrp.Backup, false, nil},
		{"Backup to Active, goodbye", func() {
			silence()
			b.inject("n2", frame(0))
		}, vrrp.Active, true, begin},
		{"Active to Initialize, link down", link(false), vrrp.Initialize, false, nil},
		{"Initialize to Backup to Active", link(true), vrrp.Active, true, begin},
		{"Active to Initialize to Backup", func() {
			link(false)()
			n1.awaitState(vrrp.Initialize)
			advertise()
			link(true)()
		}, vrrp.Backup, false, nil},
		{"Backup to Initialize, link down", link(false), vrrp.Initialize, false, nil},
		{"Initialize to Backup, link up", link(true), vrrp.Backup, false, nil},
		{"Backup to Active", func() { silence() }, vrrp.Active, true, begin},
	} {
		c.test(b, &n1)
	}
	n1.stop()
	b.wantLast("n1")
	if !b.holdsNone("n1", vip4()) {
		t.Errorf("n1 has %v after its end", b.addresses("n1"))
	}
}

func (c *change14) test(b *bench, n1 **node) {
	b.Helper()
	b.wantSilent(*n1)
	mark := b.wire.mark()
	c.do()
	(*n1).awaitState(c.want)
	await(b.T, c.name+": addresses", func() bool { return b.holds("n1", vip4()) == c.held })
	await(b.T, fmt.Sprintf("%s: %v is sent", c.name, c.sent), func() bool { return len(b.sentOnce("n1", mark)) >= len(c.sent) })
	got := b.sentOnce("n1", mark)
	if c.want != vrrp.Active { // what it sent before, wantSilent tells from what it sends after
		got = slices.DeleteFunc(got, func(k kind) bool { return k == advert })
	}
	if !slices.Equal(got, c.sent) {
		b.Errorf("%s: sent was %v, want %v", c.name, got, c.sent)
	}
	if (*n1).state() != c.want {
		b.Errorf("%s: then %v", c.name, (*n1).transitions())
	}
}

// sentOnce returns what a host has sent for its role after the mark, sorted, with one for all its advertisements.
func (b *bench) sentOnce(host string, mark int) []kind {
	var list []kind
	for _, s := range b.wire.sent(host, mark, advert, goodbye, claim) {
		if s.kind != advert || !slices.Contains(list, advert) {
			list = append(list, s.kind)
		}
	}
	slices.Sort(list)
	return list
}

// wantSilent checks that a router that is not Active has sent nothing since it is not, but for the last word of one that
// has yielded.
func (b *bench) wantSilent(n *node) {
	b.Helper()
	if n == nil || n.state() == vrrp.Active {
		return
	}
	since := n.status().Last
	after := slices.DeleteFunc(b.wire.sent(n.host, 0, advert, claim), func(s seen) bool { return !s.at.After(since.At) })
	if since.From == vrrp.Active && since.Reason == vrrp.ReasonHigherPriority && len(after) > 0 && after[0].kind == advert {
		after = after[1:]
	}
	for _, s := range after {
		b.Errorf("%v, and after that: %v", since, s)
	}
}

// wantLast checks that the last that a host has sent for its role is one goodbye.
func (b *bench) wantLast(host string) {
	b.Helper()
	all := b.wire.sent(host, 0, advert, goodbye, claim)
	if len(all) == 0 || all[len(all)-1].kind != goodbye || slices.ContainsFunc(all[:len(all)-1], func(s seen) bool { return s.kind == goodbye }) {
		b.Errorf("%s has sent %v, want one goodbye at the end", host, all)
	}
}

// TestFieldReport14Owner: the owner of the addresses has them for good. They are neither added nor removed, but
// announced.
func TestFieldReport14Owner(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1")
	b.somebody("n1", "eth0", netlink.AddrAdd, vip4())
	n1 := b.start("n1", virtual(vrrp.PriorityOwner))
	n1.awaitState(vrrp.Active)
	b.awaitSent("n1", 0, 2, claim)
	n1.stop()
	b.wantLast("n1")
	if !b.holds("n1", vip4()) {
		t.Errorf("n1 has %v after the end of the owner", b.addresses("n1"))
	}
}

// TestFieldReport14OwnerAdds: one of priority 255 that is to add the addresses, as keepalived does, has them at once, and
// not after its end.
func TestFieldReport14OwnerAdds(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1")
	cfg := virtual(vrrp.PriorityOwner)
	cfg.OwnerAdds = true
	n1 := b.start("n1", cfg)
	n1.awaitState(vrrp.Active)
	await(t, "address", func() bool { return b.holds("n1", vip4()) })
	await(t, "announcements", func() bool { return len(b.sentOnce("n1", 0)) >= 3 })
	if want := []vrrp.State{vrrp.Active}; !slices.Equal(n1.path(), want) {
		t.Errorf("n1 went %v, want %v", n1.path(), want)
	}
	n1.stop()
	if !b.holdsNone("n1", vip4()) {
		t.Errorf("n1 has %v after its end", b.addresses("n1"))
	}
}

// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-fhrp/fhrp/internal/group"
	"github.com/go-fhrp/fhrp/internal/legacy"
)

// Transfer brings the legacy of a [Router] to another one, in another process as a rule,
// before the end of ctx, and returns the receipt of that one. Both are octets that only
// Routers understand. An error says that the other one has not taken over, and never
// will.
type Transfer func(ctx context.Context, legacy []byte) (receipt []byte, err error)

// ErrLegacy is what the error matches that [RouterConfig].Inherit gets for a legacy in a
// form that this version of the package doesn't know.
var ErrLegacy = legacy.ErrVersion

// HandOver has another Router, whose [RouterConfig].Inherit gives it what transfer is
// given here, go on in the place of this one, so that nobody on the link notices: each
// virtual router that both have stays in its state and with its addresses, timers,
// sequence numbers and counters. If it is configured differently there that is as a
// change by [VirtualRouter.Reconfigure]; those that only one of the two has are begun
// there and stopped here, with a goodbye.
//
// While transfer runs this Router does nothing. Its ctx ends after the shortest interval
// of what is Active, or a second: peers would notice then. After an error of transfer
// everything goes on here as if nothing had happened, so it must be certain then that
// the other one does nothing: a process is to be killed and waited for. After nil
// [Router.Run] returns as soon as what the other one has not taken is stopped. A [Guard]
// has no will while transfer runs, see there. Addresses stay where they are, which those
// who hold them for both have to know, see vip.Keeper.HandOver. The [Backend] there is
// asked to add them once more or, if it has a method Inherited(addrs []netip.Prefix),
// told by that, which must not block.
//
// Other errors: [ErrClosed], that of ctx while addresses are still being configured or
// announced, or a [Guard] doesn't answer, which is waited for, and one about a receipt
// that can't be read: everything goes on here then as well, and the other one is to be
// ended at once.
func (r *Router) HandOver(ctx context.Context, transfer Transfer) error {
	return r.engine.HandOver(ctx, func(ctx context.Context) ([]bool, error) {
		left := r.legacy()
		return legacy.Pass(ctx, "vrrp", legacyVersion, left, len(left.Virtuals), transfer)
	})
}

// legacy returns what the router leaves.
func (r *Router) legacy() routerLegacy {
	now := r.engine.Now()
	l := routerLegacy{Made: now.UnixNano(), Stats: r.stats, Unsent: r.engine.Unsent()}
	for _, m := range r.engine.Seated() {
		l.Virtuals = append(l.Virtuals, m.(member).legacy(legacy.Writer(now)))
	}
	return l
}

// Abandoned ends what a virtual router has to do with others: another Router has it.
func (v member) Abandoned() { v.retire() }

// inherit is the engine's Config.Inherit.
func (r *Router) inherit() error { return r.cfg.Inherit(r.succeed) }

// succeed goes on with what another Router has left: it is the [Transfer] of Inherit.
func (r *Router) succeed(_ context.Context, data []byte) (receipt []byte, err error) {
	var left routerLegacy
	if err := legacy.Decode(data, "vrrp", legacyVersion, &left); err != nil {
		return nil, fmt.Errorf("vrrp: %w", err)
	}
	for i := range left.Virtuals {
		if err := left.Virtuals[i].check(); err != nil {
			return nil, err
		}
	}
	r.engine.Freshen()
	r.stats = left.Stats
	r.engine.InheritUnsent(left.Unsent)
	var got legacy.Receipt
	joined := map[*VirtualRouter]bool{}
	r.unmoved(r.groups(), joined, func() { got.Taken, err = r.goOn(&left, joined) })
	return got.Encode(), err
}

// goOn goes on with the virtual routers, and notes which moved with their groups.
func (r *Router) goOn(left *routerLegacy, joined map[*VirtualRouter]bool) (taken []int, err error) {
	now := r.engine.Now()
	same := map[identity]*VirtualRouter{}
	for _, m := range r.engine.Seated() {
		v := m.(member).VirtualRouter
		same[v.identity()] = v
	}
	actions := map[*VirtualRouter][]Action{}
	for i := range left.Virtuals {
		l := &left.Virtuals[i]
		v := same[l.Identity]
		if v == nil || actions[v] != nil {
			continue
		}
		todo, err := v.inherit(now, legacy.Reader(now, left.Made), l)
		if err != nil {
			return nil, err
		}
		taken, joined[v] = append(taken, i), l.Joined
		actions[v] = append([]Action{}, todo...)
	}
	for _, m := range r.engine.Seated() {
		v := m.(member).VirtualRouter
		if todo, ok := actions[v]; ok {
			v.perform(todo)
			v.seat.Keep()
		} else {
			v.setBars(func(b *bars) { b.group = "" }) // by members that could not take part so far
			v.rebar()
		}
	}
	r.engine.Resume()
	for v := range actions {
		v.affected(now, v.watch.Effect())
	}
	return taken, nil
}

// groups returns the groups that virtual routers are in.
func (r *Router) groups() (list []*Group) {
	for _, m := range r.engine.Seated() {
		if g := m.(member).group; g != nil && !slices.Contains(list, g) {
			list = append(list, g)
		}
	}
	return list
}

// unmoved calls f, in which virtual routers come to stand as those of another Router did,
// without a group moving anybody for that.
func (r *Router) unmoved(groups []*Group, joined map[*VirtualRouter]bool, f func()) {
	if len(groups) == 0 {
		f()
		return
	}
	groups[0].group.Inherit(func() { r.unmoved(groups[1:], joined, f) },
		func(m group.Member) bool { return joined[m.(grouped).VirtualRouter] })
}

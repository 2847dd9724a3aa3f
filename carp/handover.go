// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-fhrp/fhrp/internal/group"
	"github.com/go-fhrp/fhrp/internal/legacy"
)

// Transfer brings the legacy of a [Host] to another one, in another process as a rule,
// before the end of ctx, and returns the receipt of that one. Both are octets that only
// Hosts understand. An error says that the other one has not taken over, and never will.
type Transfer func(ctx context.Context, legacy []byte) (receipt []byte, err error)

// ErrLegacy is what the error matches that [HostConfig].Inherit gets for a legacy in a
// form that this version of the package doesn't know.
var ErrLegacy = legacy.ErrVersion

// HandOver has another Host, whose [HostConfig].Inherit gives it what transfer is given
// here, go on in the place of this one, so that nobody on the link notices: each virtual
// host that both have stays in its state and with its addresses, timers, counters and
// demotions. If it is configured differently there that is as a change by
// [VirtualHost.Reconfigure]; those that only one of the two has are begun there and
// stopped here, with a bow-out.
//
// While transfer runs this Host does nothing. Its ctx ends after the shortest interval
// of what is Master, or a second: peers would notice then. After an error of transfer
// everything goes on here as if nothing had happened, so it must be certain then that
// the other one does nothing: a process is to be killed and waited for. After nil
// [Host.Run] returns as soon as what the other one has not taken is stopped. A [Guard]
// has no will while transfer runs, see there. Addresses stay where they are, which those
// who hold them for both have to know, see vip.Keeper.HandOver. The [Backend] there is
// asked to add them once more or, if it has a method Inherited(addrs []netip.Prefix),
// told by that, which must not block.
//
// Other errors: [ErrClosed], that of ctx while addresses are still being configured or
// announced, or a [Guard] doesn't answer, which is waited for, and one about a receipt
// that can't be read: everything goes on here then as well, and the other one is to be
// ended at once.
func (h *Host) HandOver(ctx context.Context, transfer Transfer) error {
	return h.engine.HandOver(ctx, func(ctx context.Context) ([]bool, error) {
		left := h.legacy()
		return legacy.Pass(ctx, "carp", legacyVersion, left, len(left.Virtuals), transfer)
	})
}

// legacy returns what the host leaves.
func (h *Host) legacy() hostLegacy {
	now := h.engine.Now()
	l := hostLegacy{Made: now.UnixNano(), Stats: h.stats, Unsent: h.engine.Unsent()}
	for _, d := range h.demotions.List() {
		if ownDemotion(d.Reason) {
			continue
		}
		if l.Demotions == nil {
			l.Demotions = map[string]int{}
		}
		l.Demotions[d.Reason] = d.Weight
	}
	for _, m := range h.engine.Seated() {
		l.Virtuals = append(l.Virtuals, m.(member).legacy(legacy.Writer(now)))
	}
	return l
}

// ownDemotion reports whether the host is demoted for a reason by itself.
func ownDemotion(reason string) bool {
	return strings.HasPrefix(reason, linkDown) || strings.HasPrefix(reason, sendErrorsOf)
}

// inherit is the engine's Config.Inherit.
func (h *Host) inherit() error { return h.cfg.Inherit(h.succeed) }

// succeed goes on with what another Host has left: it is the [Transfer] of Inherit.
func (h *Host) succeed(_ context.Context, data []byte) (receipt []byte, err error) {
	var left hostLegacy
	if err := legacy.Decode(data, "carp", legacyVersion, &left); err != nil {
		return nil, fmt.Errorf("carp: %w", err)
	}
	for i := range left.Virtuals {
		if err := left.Virtuals[i].check(); err != nil {
			return nil, err
		}
	}
	h.engine.Freshen()
	h.stats = left.Stats
	h.engine.InheritUnsent(left.Unsent)
	for reason, weight := range left.Demotions {
		h.demotions.Set(reason, weight)
	}
	var got legacy.Receipt
	joined := map[*VirtualHost]bool{}
	h.unmoved(h.groups(), joined, func() { got.Taken, err = h.goOn(&left, joined) })
	return got.Encode(), err
}

// goOn goes on with the virtual hosts, and notes which moved with their groups.
func (h *Host) goOn(left *hostLegacy, joined map[*VirtualHost]bool) (taken []int, err error) {
	now := h.engine.Now()
	same := map[identity]*VirtualHost{}
	for _, m := range h.engine.Seated() {
		v := m.(member).VirtualHost
		same[v.cfg.identity()] = v
	}
	actions := map[*VirtualHost][]Action{}
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
	for _, m := range h.engine.Seated() {
		v := m.(member).VirtualHost
		if todo, ok := actions[v]; ok {
			v.perform(todo)
			v.seat.Keep()
		} else if v.group != nil {
			v.excluded(now, true, "", "") // by members that could not take part so far
		}
	}
	h.engine.Resume()
	for _, m := range h.engine.Seated() {
		v := m.(member).VirtualHost
		v.demotedBy(now)
		v.affected(now, v.watch.Effect())
	}
	return taken, nil
}

// groups returns the groups that virtual hosts are in.
func (h *Host) groups() (list []*Group) {
	for _, m := range h.engine.Seated() {
		if g := m.(member).group; g != nil && !slices.Contains(list, g) {
			list = append(list, g)
		}
	}
	return list
}

// unmoved calls f, in which virtual hosts come to stand as those of another Host did,
// without a group moving anybody for that.
func (h *Host) unmoved(groups []*Group, joined map[*VirtualHost]bool, f func()) {
	if len(groups) == 0 {
		f()
		return
	}
	groups[0].group.Inherit(func() { h.unmoved(groups[1:], joined, f) },
		func(m group.Member) bool { return joined[m.(grouped).VirtualHost] })
}

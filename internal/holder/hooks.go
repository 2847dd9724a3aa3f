// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// Hook is called around a change of addresses.
type Hook = func(ctx context.Context, addrs []netip.Prefix) error

// Any reports whether there is one.
func (h *Hooks) Any() bool {
	return h.BeforeAdd != nil || h.AfterAdd != nil || h.BeforeRemove != nil || h.AfterRemove != nil
}

// Hooks are called around the coming and going of addresses; each may be nil. See
// the protocols' types of that name.
type Hooks struct {
	BeforeAdd, AfterAdd, BeforeRemove, AfterRemove Hook

	Timeout time.Duration // of one call
}

// hooked is what the hooks of a holder know. It belongs to the worker.
type hooked struct {
	told set           // the addresses of which they have been told that they come, and not that they are gone
	turn chan struct{} // full while one runs, be it one that nobody waits for any more
}

// beforeAdd calls the hook for those of the addresses that it doesn't know of, and
// returns them. Any error of its own, but for that of its running out of time,
// means that they must not be added.
func (h *Holder) beforeAdd(ctx context.Context, addrs []netip.Prefix) (coming []netip.Prefix, veto error) {
	if h.hooked == nil {
		return nil, nil
	}
	coming = h.hooked.told.pick(addrs, false)
	err, late := h.hook(ctx, "before adding", h.cfg.Hooks.BeforeAdd, coming)
	if err != nil && !late {
		return nil, err
	}
	h.hooked.told.put(coming, true)
	return coming, nil
}

// beforeRemove calls the hook for those of the addresses that it knows of, and
// returns them.
func (h *Holder) beforeRemove(ctx context.Context, addrs []netip.Prefix) (going []netip.Prefix) {
	if h.hooked == nil {
		return nil
	}
	going = h.hooked.told.pick(addrs, true)
	h.hook(ctx, "before removing", h.cfg.Hooks.BeforeRemove, going)
	return going
}

// stays has those of the addresses that were going, and aren't among those that go after
// all, come anew for the hooks. It returns the others.
func (h *Holder) stays(going, gone []netip.Prefix) []netip.Prefix {
	if h.hooked != nil {
		h.hooked.told.drop(prefixes.Without(going, gone))
	}
	return prefixes.Among(going, gone)
}

// afterAdd calls the hook for those of the addresses that have come.
func (h *Holder) afterAdd(ctx context.Context, coming, failed []netip.Prefix) {
	if h.hooked != nil {
		h.hook(ctx, "after adding", h.cfg.Hooks.AfterAdd, prefixes.Without(coming, failed))
	}
}

// afterRemove calls the hook for addresses that are gone.
func (h *Holder) afterRemove(ctx context.Context, gone []netip.Prefix) {
	if h.hooked == nil {
		return
	}
	h.hooked.told.drop(gone)
	h.hook(ctx, "after removing", h.cfg.Hooks.AfterRemove, gone)
}

// hook calls a hook, waits for it within its time, and reports what went wrong, and
// whether it was late. One hook is called at a time. While it runs
// somebody else does the other work of the pool.
func (h *Holder) hook(ctx context.Context, when string, f Hook, addrs []netip.Prefix) (err error, late bool) {
	if f == nil || len(addrs) == 0 {
		return nil, false
	}
	defer h.cfg.Pool.lend(ctx)()
	limited, cancel := context.WithTimeout(ctx, h.cfg.Hooks.Timeout)
	defer cancel()
	done := make(chan error, 1)
	select {
	case h.hooked.turn <- struct{}{}:
		go func() {
			defer func() { <-h.hooked.turn }()
			done <- f(limited, slices.Clone(addrs))
		}()
	case <-limited.Done():
		when += ", as the one before has not returned"
	}
	select {
	case err = <-done:
	case <-limited.Done():
		err = limited.Err()
	}
	if err != nil {
		err = fmt.Errorf("hook %s %v: %w", when, addrs, err)
		h.cfg.Outcomes.Hooked(err)
	}
	return err, limited.Err() != nil && errors.Is(err, limited.Err())
}

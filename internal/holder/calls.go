// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// addNow adds addresses, while nobody else does something to them.
func (h *Holder) addNow(ctx context.Context, addrs []netip.Prefix) error {
	if len(addrs) == 0 {
		return nil
	}
	h.enter()
	defer h.leave()
	h.mu.Lock()
	lifetime := h.lease
	h.mu.Unlock()
	return h.ask(ctx, addrs, lifetime)
}

// ask has the backend add addresses, on a lease if lifetime isn't 0 and the backend can.
func (h *Holder) ask(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	leaser, ok := h.cfg.Backend.(Leaser)
	if !ok || lifetime == 0 {
		return h.call(ctx, addrs, Backend.Add)
	}
	limited, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
	defer cancel()
	err := leaser.Lease(limited, addrs, lifetime)
	if errors.Is(err, errors.ErrUnsupported) {
		return h.call(ctx, addrs, Backend.Add)
	}
	return err
}

// call calls the backend, if there is one, within the time-out.
func (h *Holder) call(ctx context.Context, addrs []netip.Prefix, f func(Backend, context.Context, []netip.Prefix) error) error {
	if h.cfg.Backend == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
	defer cancel()
	return f(h.cfg.Backend, ctx, addrs)
}

// announceAll announces addresses once, unless they have been silenced, or an
// announcement of the same job has timed out.
func (h *Holder) announceAll(j *job, addrs []netip.Prefix) {
	if h.cfg.Announcer == nil || len(addrs) == 0 || j.stuck || j.ctx.Err() != nil {
		return
	}
	bare := h.appendWanted(make([]netip.Addr, 0, len(addrs)), addrs)
	if len(bare) == 0 {
		return
	}
	limited, cancel := context.WithTimeout(j.ctx, h.cfg.Timeout)
	defer cancel()
	err := h.cfg.Announcer.Announce(limited, h.cfg.Link, h.cfg.MAC, bare)
	j.stuck = limited.Err() != nil
	if j.ctx.Err() == nil {
		h.cfg.Outcomes.Announced(err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"net/netip"
	"slices"

	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// job is the work that a worker takes at once.
type job struct {
	add, remove []netip.Prefix
	round       []netip.Prefix  // to be announced once
	ctx         context.Context // of the announcements
	wishes      int32           // when it was taken
	stuck       bool            // an announcement has timed out: no more in this job
}

// work does all that waits. Announcements go a round at a time, so that they
// don't keep other work waiting: that of other holders comes before the next round.
func (h *Holder) work(ctx context.Context) {
	for {
		j, ok := h.take(ctx)
		if !ok {
			h.cfg.Idle()
			return
		}
		h.do(ctx, &j)
		if h.cfg.Pool.yield(h, h.urgent()) {
			return
		}
	}
}

// urgent reports whether more than announcements wait.
func (h *Holder) urgent() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.add) > 0 || len(h.remove) > 0
}

// do does a job.
func (h *Holder) do(ctx context.Context, j *job) {
	h.addAll(ctx, j)
	h.removeAll(ctx, j.remove)
	h.announceAll(j, prefixes.Without(j.round, j.remove))
	if h.tell() {
		h.cfg.Outcomes.Added(nil)
	}
}

// take returns the work that waits, and false if there is none.
func (h *Holder) take(ctx context.Context) (job, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.quiet != nil {
		h.quiet()
	}
	if h.rest() {
		return job{}, false
	}
	j := h.takeAll()
	j.ctx, h.quiet = context.WithCancel(ctx)
	return j, true
}

// rest has the holder wait for what is wished for next, and reports whether there was nothing left to do. The caller
// holds mu, as for what follows.
func (h *Holder) rest() bool {
	h.quiet = nil
	h.busy = len(h.add) > 0 || len(h.remove) > 0 || h.announce != nil
	return !h.busy
}

// takeAll returns the work that waits.
func (h *Holder) takeAll() job {
	j := job{add: h.add, remove: h.remove, round: h.round(), wishes: h.wishes}
	h.adding, h.hushed = len(h.add) > 0, false
	h.add, h.remove = nil, nil
	h.have.put(j.add, true)
	h.have.put(j.remove, false)
	return j
}

// addAll adds the addresses. Those of them that are to be announced are, part by part,
// while the next ones are added.
func (h *Holder) addAll(ctx context.Context, j *job) {
	if len(j.add) == 0 {
		return
	}
	coming, err := h.beforeAdd(ctx, j.add)
	failed, unsaid := j.add, j.round
	if err == nil {
		failed, unsaid, err = h.addParts(ctx, j)
	}
	j.round = prefixes.Without(j.round, j.add)
	if h.told(j, failed, unsaid) {
		h.cfg.Outcomes.Added(err)
	}
	h.afterAdd(ctx, coming, failed)
}

// added notes that what was to be added is there: it can be leased again, however long it
// takes to announce it.
func (h *Holder) added() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.adding = false
}

// told reports whether the outcome of adding is to be told. It isn't if the wish
// has changed meanwhile and there is more to add, or nothing of it is wished for
// any more. What failed, and still is, is then tried again, and announced if it
// was to be.
func (h *Holder) told(j *job, failed, unsaid []netip.Prefix) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.adding = false
	if h.wishes == j.wishes {
		h.forgo(failed)
		h.untold = false
		return true
	}
	again := h.have.pick(failed, true)
	h.add = prefixes.Append(again, h.add)
	h.wantAnnounced(prefixes.Among(again, unsaid), 1)
	if len(h.add) > 0 {
		h.untold = h.untold || len(failed) == 0
		return false
	}
	return len(h.have.pick(j.add, true)) > 0
}

// tell reports whether a success that was held back is to be told now.
func (h *Holder) tell() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.untold || len(h.add) > 0 {
		return false
	}
	h.untold = false
	return slices.ContainsFunc(h.have, func(a held) bool { return a.wished })
}

// removeAll removes addresses, but for those that are wished for again since.
func (h *Holder) removeAll(ctx context.Context, addrs []netip.Prefix) {
	if len(addrs) == 0 {
		return
	}
	going := h.beforeRemove(ctx, addrs)
	h.enter()
	err := error(nil)
	var again []netip.Prefix
	if addrs = h.unwished(addrs); len(addrs) > 0 {
		err = h.call(ctx, addrs, Backend.Remove)
	}
	going = h.stays(going, addrs)
	if err == nil {
		again = h.forget(addrs)
	}
	h.leave()
	if len(again) > 0 {
		h.cfg.Outcomes.Added(h.addNow(ctx, again))
	}
	h.cfg.Outcomes.Removed(err)
	if err == nil {
		h.afterRemove(ctx, going)
	}
}

// forget forgets removed addresses, and returns those that are still wished for
// with another prefix length: of IPv6 the two were one address.
func (h *Holder) forget(removed []netip.Prefix) (again []netip.Prefix) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.have.drop(removed)
	if len(h.have) == 0 {
		return nil
	}
	gone := make(map[netip.Addr]struct{}, len(removed))
	for _, p := range removed {
		gone[p.Addr()] = struct{}{}
	}
	for _, a := range h.have {
		if _, ok := gone[a.prefix.Addr()]; ok && a.wished {
			again = append(again, a.prefix)
		}
	}
	return again
}

// wished returns those of the addresses that are still wished for, in a list of its own.
func (h *Holder) wished(addrs []netip.Prefix) []netip.Prefix {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.have.pick(addrs, true)
}

// unwished does so with those of the addresses that are not wished for.
func (h *Holder) unwished(addrs []netip.Prefix) []netip.Prefix {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.have.pick(addrs, false)
}

// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// A crew is holders whose work is done together: one call of the backend or the
// announcer is for all of them. When a router dies, its peer takes over thousands of
// virtual routers within milliseconds, and a call for one address takes as long as
// one for many.
//
// No holder is to notice. A call for all that fails, or runs out of time, says
// nothing of any of them: it is made again for each by itself, which backend and
// announcer don't mind, and that is what is told, late by the time that the first
// call took. One that is silenced ends the announcement for all, and the others are
// announced alone. Hooks are called for one holder at a time: one that has any is in
// no crew.
type crew struct {
	holders  []*Holder // that may take part
	members  []member  // that do, in the order of their numbers
	kind     kind      // of it
	lifetime time.Duration
	size     int  // addresses
	repeats  bool // the holders have had their turn, see Pool

	quiet func() // calls hush
	mu    sync.Mutex
	end   context.CancelFunc // of the announcement under way
}

// kind is what a job consists of. A crew has jobs of one kind, so that none waits for
// a call that it doesn't need.
type kind uint8

const (
	mixed      kind = iota
	adding          // and perhaps announcing
	removing        // only
	announcing      // only
)

// member is a holder in a crew, and its job.
type member struct {
	*Holder
	job   job
	again []netip.Prefix // to be added because the removal took them along
	said  bool           // something of it was announced, or was to be
	alone bool           // does its job, or the rest of it, by itself
}

// goesWith reports whether calls for one holder can be for the other as well.
func (h *Holder) goesWith(other *Holder) bool {
	a, b := &h.cfg, &other.cfg
	return a.Together && b.Together && h.hooked == nil && other.hooked == nil &&
		a.Common == b.Common && a.Backend == b.Backend && a.Link == b.Link && a.MAC == b.MAC
}

// kind returns what the work that waits consists of, and how many addresses that are.
// The caller holds mu.
func (h *Holder) kind() (k kind, size int) {
	said := 0
	if h.announce != nil {
		said = len(h.announce.addrs)
	}
	switch {
	case len(h.add) > 0 && len(h.remove) == 0:
		return adding, max(len(h.add), said)
	case len(h.add) == 0 && len(h.remove) > 0 && said == 0:
		return removing, len(h.remove)
	case len(h.add) == 0 && len(h.remove) == 0 && said > 0:
		return announcing, said
	}
	return mixed, 0
}

// waits reports whether one of them has to wait.
func (c *crew) waits() bool { return slices.ContainsFunc(c.holders, (*Holder).waits) }

// work does a job of each holder whose work is of the kind of that of the first one.
// The others go back to where they were.
func (c *crew) work(ctx context.Context) {
	first := c.holders[0]
	c.members, c.quiet = make([]member, 0, len(c.holders)), c.hush
	first.mu.Lock()
	c.kind, _ = first.kind()
	c.lifetime = first.lease
	first.mu.Unlock()
	if !c.take(first) {
		first.cfg.Pool.putBack(c.holders[1:], c.repeats)
		first.work(ctx)
		return
	}
	first.cfg.Pool.putBack(slices.DeleteFunc(c.holders[1:], c.take), c.repeats)
	slices.SortFunc(c.members, func(a, b member) int { return int(a.serial - b.serial) }) // as whoever enters several
	switch c.kind {
	case adding:
		c.add(ctx)
	case removing:
		c.remove(ctx)
	default:
		c.announce(ctx)
	}
	c.part()
}

// take takes the work of a holder, if it is for the crew.
func (c *crew) take(h *Holder) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	kind, size := h.kind()
	if kind == mixed || kind != c.kind || h.lease != c.lifetime || c.size+size > firstPart {
		return false
	}
	if h.quiet != nil {
		h.quiet()
	}
	c.members, c.size = append(c.members, member{Holder: h, job: h.takeAll()}), c.size+size
	h.quiet = c.quiet
	return true
}

// part has each go its own way: what is left for it to do is behind what others have.
func (c *crew) part() {
	common, idle := c.holders[0].cfg.Common, false
	for i := range c.members {
		m := &c.members[i]
		if m.alone {
			common.Pool.requeue(m, c.kind != announcing)
			continue
		}
		m.mu.Lock()
		rests := m.rest()
		m.mu.Unlock()
		if idle = idle || rests; !rests {
			common.Pool.requeue(m.Holder, m.urgent())
		}
	}
	if idle {
		common.Idle()
	}
}

// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"net/netip"
	"slices"
)

// add adds what all of them want, and announces it.
func (c *crew) add(ctx context.Context) {
	err := c.change(func(m *member, addrs []netip.Prefix) []netip.Prefix { return m.appendIf(addrs, m.job.add, true) },
		func(addrs []netip.Prefix) error { return c.members[0].ask(ctx, addrs, c.lifetime) })
	if err != nil {
		c.disband()
		return
	}
	for i := range c.members {
		c.members[i].added()
	}
	c.announce(ctx)
	for i := range c.members {
		m := &c.members[i]
		told := m.told(&m.job, nil, nil)
		if m.job.add = nil; m.tell() || told {
			m.cfg.Outcomes.Added(nil)
		}
	}
}

// remove removes what they don't want any more.
func (c *crew) remove(ctx context.Context) {
	err := c.change(func(m *member, addrs []netip.Prefix) []netip.Prefix {
		before := len(addrs)
		addrs = m.appendIf(addrs, m.job.remove, false)
		m.job.remove = slices.Clone(addrs[before:])
		return addrs
	}, func(addrs []netip.Prefix) error { return c.removeAll(ctx, addrs) })
	if err != nil {
		c.disband()
		return
	}
	for i := range c.members {
		m := &c.members[i]
		if len(m.again) > 0 {
			m.cfg.Outcomes.Added(m.addNow(ctx, m.again))
		}
		m.cfg.Outcomes.Removed(nil)
	}
}

// removeAll removes addresses and has the members forget them.
func (c *crew) removeAll(ctx context.Context, addrs []netip.Prefix) error {
	if err := c.members[0].call(ctx, addrs, Backend.Remove); err != nil {
		return err
	}
	for i := range c.members {
		m := &c.members[i]
		m.again = m.forget(m.job.remove)
	}
	return nil
}

// change calls f with what members append, unless that is nothing, while nobody else does something to their addresses.
func (c *crew) change(appendTo func(*member, []netip.Prefix) []netip.Prefix, f func([]netip.Prefix) error) error {
	addrs := make([]netip.Prefix, 0, c.size)
	for i := range c.members {
		m := &c.members[i]
		m.enter()
		addrs = appendTo(m, addrs)
	}
	defer c.leave()
	if len(addrs) == 0 {
		return nil
	}
	return f(addrs)
}

// leave lets others in.
func (c *crew) leave() {
	g := &c.members[0].cfg.Pool.gates
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range c.members {
		c.members[i].closed = false
	}
	g.opened.Broadcast()
}

// announce announces once what all of them want announced.
func (c *crew) announce(ctx context.Context) {
	cfg := &c.members[0].cfg
	if cfg.Announcer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	c.mu.Lock()
	c.end = cancel // from now on: who was silenced before says so when asked
	c.mu.Unlock()
	addrs := make([]netip.Addr, 0, c.size)
	for i := range c.members {
		m, before := &c.members[i], len(addrs)
		addrs = m.appendWanted(addrs, m.job.round)
		m.said = len(addrs) > before
	}
	if len(addrs) == 0 {
		return
	}
	err := cfg.Announcer.Announce(ctx, cfg.Link, cfg.MAC, addrs)
	for i := range c.members {
		m := &c.members[i]
		if !m.said || m.isHushed() {
			continue
		}
		if m.alone = err != nil; !m.alone {
			m.cfg.Outcomes.Announced(nil)
		}
	}
}

// hush ends the announcement under way.
func (c *crew) hush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil {
		c.end()
	}
}

// disband has each do its job by itself.
func (c *crew) disband() {
	for i := range c.members {
		c.members[i].alone = true
	}
}

// work does what is left of the job of a member.
func (m *member) work(ctx context.Context) {
	m.mu.Lock()
	m.job.ctx, m.quiet = context.WithCancel(ctx)
	if m.hushed {
		m.quiet()
	}
	m.mu.Unlock()
	m.do(ctx, &m.job)
	if !m.cfg.Pool.yield(m.Holder, m.urgent()) {
		m.Holder.work(ctx)
	}
}

// isHushed reports whether its announcements have been ended since the job was taken.
func (h *Holder) isHushed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hushed
}

// appendIf appends those of a list that are wished for, or those that aren't.
func (h *Holder) appendIf(addrs, list []netip.Prefix, wished bool) []netip.Prefix {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.have.appendIf(addrs, list, wished)
}

// appendWanted appends those of a round that are still to be announced.
func (h *Holder) appendWanted(addrs []netip.Addr, round []netip.Prefix) []netip.Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hushed {
		return addrs
	}
	h.have.each(round, func(p netip.Prefix, i int, ok bool) {
		if !ok || h.have[i].wished { // one that is there without this holder was never wished for
			addrs = append(addrs, p.Addr())
		}
	})
	return addrs
}

// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// happen has a fault happen, and end when it does.
func (c *cluster) happen(f *fault) {
	if f.Kind.ofNode() && f.Node >= len(c.nodes) || f.Kind.ofGroup() && (f.Group >= len(c.groups) || len(c.groups[f.Group].seats) == 0) {
		return
	}
	c.note(-1, "%v", f)
	end := c.begin(f)
	if end == nil {
		return
	}
	c.after(f.For, func() {
		c.note(-1, "end of %s", f.Kind)
		end()
	})
}

// begin has it begin, and returns what ends it, nil for nothing.
func (c *cluster) begin(f *fault) (end func()) {
	switch f.Kind {
	case lose, delay, duplicate, burst, part, cut:
		return c.beginOnLAN(f)
	case addresses, interval:
		c.reconfigure(f)
		return nil
	case claim:
		for _, p := range c.groups[f.Group].seats[0].pool {
			c.sim.Claim("", p.Addr(), [6]byte{0x02, 0, 0, 0, 0, 0x66})
		}
		return nil
	case forge:
		c.forge(f, c.now().Add(f.For))
		return nil
	}
	if f.Kind.ofSeat() {
		return c.beginOnSeat(f)
	}
	return c.nodes[f.Node].begin(f)
}

// beginOnLAN has packets suffer.
func (c *cluster) beginOnLAN(f *fault) (end func()) {
	switch f.Kind {
	case lose:
		c.losses = append(c.losses, f.Share)
		return c.noisy(0, func() { c.losses = without(c.losses, f.Share) })
	case delay:
		c.delays = append(c.delays, f.Size)
		return c.noisy(f.Size, func() { c.delays = without(c.delays, f.Size) })
	case duplicate:
		c.doubles = append(c.doubles, f.Share)
		c.sim.Configure(c.lanConfig())
		return func() {
			c.doubles = without(c.doubles, f.Share)
			c.sim.Configure(c.lanConfig())
		}
	case burst:
		return c.switchAll(f.Mask, 1, func(n *node) *int { return &n.deaf })
	case part:
		return c.cutAll(func(a, b int) bool { return f.Mask>>a&1 != f.Mask>>b&1 })
	}
	return c.cutAll(func(a, b int) bool { return a != b && f.Mask>>(8*a+b)&1 != 0 })
}

// without returns a list with one of its elements missing.
func without[T comparable](list []T, e T) []T {
	i := slices.Index(list, e)
	return slices.Delete(list, i, i+1)
}

// noisy notes that nothing can be expected until the end, and until what is on its
// way then has arrived.
func (c *cluster) noisy(tail time.Duration, end func()) func() {
	c.judge.noise++
	c.disturb()
	c.sim.Configure(c.lanConfig())
	return func() {
		end()
		c.judge.noise--
		c.unsettle(tail)
		c.sim.Configure(c.lanConfig())
	}
}

// lanConfig is how the LAN treats packets, all faults together.
func (c *cluster) lanConfig() netiftest.Config {
	s := c.scenario
	cfg := netiftest.Config{Seed: s.Seed, Delay: s.Delay, Jitter: s.Jitter, Duplicate: s.Duplicate}
	for _, p := range c.losses {
		cfg.Loss = max(cfg.Loss, p)
	}
	for _, d := range c.delays {
		cfg.Jitter = max(cfg.Jitter, d)
	}
	for _, p := range c.doubles {
		cfg.Duplicate = max(cfg.Duplicate, p)
	}
	return cfg
}

// switchAll adds to a count of the nodes of a mask, and takes it back.
func (c *cluster) switchAll(mask uint64, d int, which func(*node) *int) (end func()) {
	change := func(d int) {
		for i, n := range c.nodes {
			if mask>>i&1 != 0 {
				*which(n) += d
			}
		}
		c.connect()
	}
	change(d)
	return func() { change(-d) }
}

// cutAll cuts the connections between pairs of nodes.
func (c *cluster) cutAll(which func(a, b int) bool) (end func()) {
	change := func(d int) {
		for a := range c.nodes {
			for b := range c.nodes {
				if which(a, b) {
					c.cuts[[2]int{a, b}] += d
				}
			}
		}
		c.connect()
	}
	change(1)
	return func() { change(-1) }
}

// connect tells the LAN who hears whom.
func (c *cluster) connect() {
	for _, from := range c.stations {
		for _, to := range c.stations {
			if from.node != to.node {
				c.sim.Cut(from.host, to.host, !c.hears(from.node.index, to.node.index))
			}
		}
	}
	c.disturb()
}

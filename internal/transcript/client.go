// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// clientName is what the client is called where nodes have names.
const clientName = "client"

// client is a host that talks to an address. It asks who has it once, and goes
// where the last announcement came from after that.
type client struct {
	addr  netip.Addr
	cache *station
	seen  string // what it has found last
}

// hear takes an announcement.
func (c *client) hear(w *world, s *station, addr netip.Addr) {
	if c != nil && addr == c.addr && !w.cuts[pair{s.name, clientName}] {
		c.cache = s
	}
}

// look tells what the client finds, if that has changed.
func (c *client) look(w *world) {
	if c == nil {
		return
	}
	var holders []*station
	for _, s := range w.stations {
		if slices.Contains(s.holds, c.addr) && !w.cuts[pair{s.name, clientName}] {
			holders = append(holders, s)
		}
	}
	if c.cache == nil && len(holders) > 0 {
		c.cache = holders[0]
	}
	if found := c.find(holders); found != c.seen {
		c.seen = found
		w.say(clientName, found)
	}
}

// find describes what the client finds.
func (c *client) find(holders []*station) string {
	var others []string
	there := false
	for _, s := range holders {
		if s == c.cache {
			there = true
		} else {
			others = append(others, s.name)
		}
	}
	text := fmt.Sprintf("%v is nowhere", c.addr)
	if c.cache != nil {
		text = fmt.Sprintf("finds nobody, for %v isn't at %s any more", c.addr, c.cache.name)
	}
	if there {
		text = "finds " + c.cache.name
	}
	if len(others) > 0 {
		text += ", and another could find " + strings.Join(others, " or ")
	}
	return text
}

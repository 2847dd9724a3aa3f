// SPDX-License-Identifier: Apache-2.0

package protocoltest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// Gaps are the times between the IPv4 advertisements of a host. They are safe for
// concurrent use.
type Gaps struct {
	mu   sync.Mutex
	last time.Time
	all  []time.Duration
}

// Watch begins to take the time.
func Watch(lan *netiftest.LAN, h *netiftest.Host) *Gaps {
	g := &Gaps{}
	lan.Tap(func(p netiftest.Packet) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if p.From == h && p.Src.Is4() {
			if !g.last.IsZero() {
				g.all = append(g.all, p.At.Sub(g.last))
			}
			g.last = p.At
		}
	})
	return g
}

// WantAll wants all gaps to be of this length, and that there are some. The first ones
// may be left out.
func (g *Gaps) WantAll(t *testing.T, d time.Duration, without int) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.all[min(without, len(g.all)):]
	if len(all) == 0 {
		t.Error("no advertisements")
	}
	if slices.ContainsFunc(all, func(gap time.Duration) bool { return gap != d }) {
		t.Errorf("gaps between advertisements %v, want %v", all, d)
	}
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// chaos is a LAN of hosts to which everything happens.
type chaos struct {
	*lan
	t      *testing.T
	r      *rand.Rand
	cfg    []carp.Config
	paused []time.Time // since when a host stands still
	forced bool        // a host was forced for good
}

// newChaos makes hosts that are alike but for their rank.
func newChaos(t *testing.T, seed uint64, count int) *chaos {
	r := rand.New(rand.NewPCG(seed, uint64(count)))
	c := &chaos{t: t, r: r, paused: make([]time.Time, count)}
	octet, openBSD, preempts, base := r.IntN(4) == 0, r.IntN(4) == 0, r.IntN(2) == 0, uint8(r.IntN(3))
	var hosts []speaker
	for range count {
		skew := uint8(1 + r.IntN(4)*50)
		cfg := config(timing(base, skew))
		cfg.DemoteOctet, cfg.OpenBSDTimeout, cfg.Preempt = octet, openBSD, preempts
		cfg.StartupHold = time.Duration(r.IntN(2)) * 10 * time.Second
		cfg.ReleaseFirst = r.IntN(4) == 0
		c.cfg = append(c.cfg, cfg)
		hosts = append(hosts, c.newHost(len(hosts), epoch))
	}
	c.lan = newLAN(seed, hosts...)
	c.lan.delay = func() time.Duration { return time.Duration(r.Int64N(int64(3 * time.Millisecond))) }
	return c
}

func (c *chaos) newHost(i int, start time.Time) *host {
	return newHost(c.t, []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + i)})}, start, func(cfg *carp.Config) { *cfg = c.cfg[i] })
}

// happen has something happen to a host.
func (c *chaos) happen() {
	i := c.r.IntN(len(c.hosts))
	h := c.hosts[i].(*host)
	switch what := c.r.IntN(12); {
	case what < 3:
		c.parting()
	case !c.up[i]:
		c.resume(i, h)
	case what == 3:
		c.up[i], c.paused[i] = false, c.now
	case what == 4:
		c.hosts[i] = c.newHost(i, c.now) // crashed, and is back
		c.note()
	case what == 5:
		c.send(i, h.do(h.m.Resign(c.now, time.Duration(c.r.IntN(20))*time.Second)))
		c.send(i, h.do(h.m.AddressesRemoved(c.now)))
	case what == 6:
		d := time.Duration(c.r.IntN(20)) * time.Second
		c.forced = c.forced || d == 0
		c.send(i, h.do(h.m.Force(c.now, d)))
	case what == 7:
		c.send(i, h.do(h.m.AddressesAdded(c.now, errors.New("full"))))
	case what == 8:
		c.send(i, h.do(h.m.Undemote(c.now, "link")))
	case what == 9:
		c.send(i, h.do(h.m.Demote(c.now, "link", c.r.IntN(255))))
	case what == 10:
		c.send(i, h.do(h.m.Shutdown(c.now, carp.ReasonLinkDown)))
		c.send(i, h.do(h.m.Startup(c.now, h.local[0])))
	case what == 11:
		c.send(i, h.do(h.m.Expire(c.now)))
	}
}

// resume ends that a host stands still. Its runtime tells if that was long.
func (c *chaos) resume(i int, h *host) {
	c.up[i] = true
	if c.now.Sub(c.paused[i]) > h.m.DownInterval() {
		c.send(i, h.do(h.m.Slept(c.now)))
	}
}

// parting cuts or joins the LAN, in both directions or in one.
func (c *chaos) parting() {
	cut := make([][]bool, len(c.hosts))
	for a := range cut {
		cut[a] = make([]bool, len(c.hosts))
		for b := range cut[a] {
			cut[a][b] = c.r.IntN(4) == 0
		}
	}
	c.parted = func(a, b int) bool { return cut[a][b] }
	c.loss = c.r.Float64() / 2
}

// calm ends all trouble.
func (c *chaos) calm() {
	c.loss, c.parted = 0, func(int, int) bool { return false }
	for i, h := range c.hosts {
		if !c.up[i] {
			c.resume(i, h.(*host))
		}
	}
}

// check wants one Master that alone holds the addresses, the best if hosts
// preempt.
func (c *chaos) check(what string) {
	c.wantSettled(c.t, what, time.Minute)
	masters := c.masters()
	if len(masters) != 1 {
		return
	}
	m := c.hosts[masters[0]].(*host)
	for i, s := range c.hosts {
		h := s.(*host)
		if got, want := len(h.holds), map[bool]int{true: 1}[h == m]; got != want {
			c.t.Errorf("%s: %d in state %v holds %d addresses", what, i, h.m.State(), got)
		}
		if c.cfg[i].Preempt && !c.forced && h.m.Rank().Compare(m.m.Rank()) < 0 {
			c.t.Errorf("%s: %v is Master and not %v", what, m.m.Rank(), h.m.Rank())
		}
	}
}

// After whatever happened there is one Master when the LAN has been quiet for a
// while.
func TestOneMasterAfterAllTrouble(t *testing.T) {
	for _, count := range []int{2, 3, 4} {
		for seed := range uint64(50) {
			c := newChaos(t, seed, count)
			for range 100 {
				c.run(time.Duration(c.r.Int64N(int64(2 * time.Second))))
				c.happen()
			}
			c.calm()
			c.run(4 * time.Minute)
			c.check(fmt.Sprintf("%d hosts, seed %d", count, seed))
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// claimed tells the machine that another host claims an address.
func (b *bench) claimed(addr string) { b.do(b.m.Claimed(b.now, netip.MustParseAddr(addr))) }

// RFC 5227 section 2.4: a claim to an address that is held is reported each time
// and answered once in a while.
func TestConflictIsDefended(t *testing.T) {
	b := active(t, v3(func(c *vrrp.Config) {
		c.Addresses = prefixes("192.0.2.100/32", "192.0.2.101/32")
		c.Excluded = prefixes("2001:db8::1/128")
	}))
	b.claimed("192.0.2.101")
	b.want("conflict: 192.0.2.101", "announce 192.0.2.101 x1")
	b.claimed("192.0.2.101")
	b.want("conflict: 192.0.2.101")
	b.claimed("2001:db8::1")
	b.want("conflict: 2001:db8::1", "announce 2001:db8::1 x1")
	b.claimed("192.0.2.7")
	b.want()
	b.now = b.now.Add(10*time.Second - 1)
	b.claimed("192.0.2.101")
	b.want("conflict: 192.0.2.101")
	b.now = b.now.Add(1)
	b.claimed("192.0.2.101")
	b.want("conflict: 192.0.2.101", "announce 192.0.2.101 x1")
}

// An owner's addresses are the link's for good, and are defended like others.
func TestConflictOfAnOwner(t *testing.T) {
	b := newBench(t, v3(priority(255)))
	b.do(b.m.Startup(b.now, local))
	b.got = nil
	b.claimed("192.0.2.100")
	b.want("conflict: 192.0.2.100", "announce 192.0.2.100 x1")
}

// After a goodbye the claim of the successor is the true one.
func TestConflictIsNotDefendedAfterTheGoodbye(t *testing.T) {
	for name, leave := range map[string]func(b *bench){
		"shutdown": func(b *bench) { b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown)) },
		"resigned": func(b *bench) { b.do(b.m.Resign(b.now, time.Minute)) },
		"yielded":  func(b *bench) { b.hear(higherPeer, b.adv(200)) },
		"slept":    func(b *bench) { b.do(b.m.Slept(b.now)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := active(t, v3())
			leave(b)
			b.got = nil
			b.claimed("192.0.2.100")
			b.claimed("192.0.2.100")
			for _, got := range b.got {
				if got != "remove 192.0.2.100" {
					t.Errorf("%q", got)
				}
			}
		})
	}
}

// A new term of office defends at once.
func TestConflictAfterTheRoleCameBack(t *testing.T) {
	b := active(t, v3())
	b.claimed("192.0.2.100")
	b.do(b.m.Resign(b.now, 0))
	b.advance(5 * time.Second)
	if b.m.State() != vrrp.Active {
		t.Fatal(b.m.State())
	}
	b.got = nil
	b.claimed("192.0.2.100")
	b.want("conflict: 192.0.2.100", "announce 192.0.2.100 x1")
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/explore/exploretest"
)

// Whatever differs in two machines makes two states of them, but for what follows
// from the rest.
func TestMachineCodec(t *testing.T) {
	codec, err := carp.NewMachineCodec(false)
	if err != nil {
		t.Fatal(err)
	}
	exploretest.AllFields(t, codec, epoch, func() *carp.Machine { return master(t).m }, "adver", "adverRank", "actions")
}

// A copy of a machine does the same as the machine, and neither changes the other.
func TestMachineClone(t *testing.T) {
	codec, err := carp.NewMachineCodec(false)
	if err != nil {
		t.Fatal(err)
	}
	h := master(t)
	h.do(h.m.Claimed(h.now, netip.MustParseAddr("192.0.2.100"))) // there are maps now
	h.do(h.m.Demote(h.now, "sync", 1))
	exploretest.Copies(t, codec, h.m, func(m *carp.Machine) []string {
		x := &harness{t: t, m: m, now: h.now}
		x.do(x.m.Demote(x.now, "disk", 50))
		x.hear(lowerPeer, adv(1, 200))
		x.advance(3 * time.Second)
		x.hear(higherPeer, adv(1, 0))
		x.hear(higherPeer, adv(255, 255))
		x.next()
		return x.got
	})
}

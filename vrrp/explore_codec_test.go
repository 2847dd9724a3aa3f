// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore/exploretest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Whatever differs in two machines makes two states of them, but for what follows
// from the rest.
func TestMachineCodec(t *testing.T) {
	codec, err := vrrp.NewMachineCodec(false)
	if err != nil {
		t.Fatal(err)
	}
	machine := func() *vrrp.Machine { return active(t, v3()).m }
	exploretest.AllFields(t, codec, epoch, machine, "held", "listed", "compared", "buffer")
}

// A copy of a machine does the same as the machine, and neither changes the other.
func TestMachineClone(t *testing.T) {
	codec, err := vrrp.NewMachineCodec(false)
	if err != nil {
		t.Fatal(err)
	}
	b := active(t, v3())
	b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.100"))) // there is a map now
	exploretest.Copies(t, codec, b.m, func(m *vrrp.Machine) []string {
		x := &bench{t: t, m: m, now: b.now}
		x.hear(lowerPeer, x.adv(50))
		x.advance(3 * time.Second)
		x.hear(higherPeer, x.adv(200))
		x.hear(higherPeer, x.adv(0))
		x.next()
		return x.got
	})
}

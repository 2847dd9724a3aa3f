// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport07ManagerStartsAnew: a program that manages the link removes all addresses, and adds the one that it
// knows of. The role comes back with that, and the service address with the role.
func TestFieldReport07ManagerStartsAnew(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1, n2 := b.pair()
	own := netip.PrefixFrom(b.host("n1").Addr(0), 24)
	for range 2 {
		b.somebody("n1", "eth0", removeIfThere, own, vip4())
		n2.awaitState(vrrp.Active)
		b.somebody("n1", "eth0", netlink.AddrAdd, own)
		n1.awaitState(vrrp.Active)
		b.awaitHolder("n1", []string{"n2"}, vip4())
	}
	if s := n1.status(); s.Source != own.Addr() || len(b.wire.since(0, broken)) > 0 {
		t.Errorf("n1 sends from %v; broken on the wire: %v", s.Source, b.wire.since(0, broken))
	}
}

// removeIfThere removes an address that the router may have removed already.
func removeIfThere(l netlink.Link, a *netlink.Addr) error {
	if err := netlink.AddrDel(l, a); !errors.Is(err, unix.EADDRNOTAVAIL) {
		return err
	}
	return nil
}

// TestFieldReport08NeverActiveWithoutTheAddress: somebody removes the address each time it is there. The role is given up
// for that, the peer takes over, and it comes back when the address is left alone.
func TestFieldReport08NeverActiveWithoutTheAddress(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1, n2 := b.pair()
	ctx, leaveAlone := context.WithCancel(t.Context())
	done := b.host("n1").Go(func() { keepRemoving(ctx, b) })
	n2.awaitState(vrrp.Active)
	await(t, "address on n2", func() bool { return b.holds("n2", vip4()) })
	reason := n1.transitions()[2]
	if reason.From != vrrp.Active || reason.Reason != vrrp.ReasonAddresses || !errors.Is(reason.Err, vip.ErrLost) {
		t.Errorf("n1: %v", reason)
	}
	leaveAlone()
	<-done
	b.awaitHolder("n1", []string{"n2"}, vip4())
	n1.awaitState(vrrp.Active)
}

// keepRemoving removes the service address from eth0 as often as the kernel tells that it was added.
func keepRemoving(ctx context.Context, b *bench) {
	updates, done := make(chan netlink.AddrUpdate, 1000), make(chan struct{})
	defer close(done)
	if err := netlink.AddrSubscribeWithOptions(updates, done, netlink.AddrSubscribeOptions{ListExisting: true}); err != nil {
		b.Error(err)
		return
	}
	for {
		select {
		case u := <-updates:
			if l, err := netlink.LinkByIndex(u.LinkIndex); err == nil && u.NewAddr && u.LinkAddress.String() == vip4().String() {
				_ = netlink.AddrDel(l, &netlink.Addr{IPNet: &u.LinkAddress}) // the router may have removed it
			}
		case <-ctx.Done():
			return
		}
	}
}

// TestFieldReport08ResignsForALoss: a program that doesn't want to fight gives up the role as soon as it is told.
func TestFieldReport08ResignsForALoss(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	var n1 *node
	lost := func(e vip.KeeperEvent) {
		if e.Kind == vip.EventLost {
			_ = n1.virtual[0].Resign(patience)
		}
	}
	ready := make(chan struct{})
	n1 = b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{virtual(200)}, OnLoss: vip.LossReport,
		Event: func(e vip.KeeperEvent) { <-ready; lost(e) }})
	close(ready)
	n1.awaitState(vrrp.Active)
	n2 := b.start("n2", virtual(100))
	n2.awaitPeer("n1")
	b.awaitHolder("n1", []string{"n2"}, vip4())
	b.somebody("n1", "eth0", netlink.AddrDel, vip4())
	b.awaitHolder("n2", []string{"n1"}, vip4())
	if last := n1.status().Last; last.Reason != vrrp.ReasonResigned {
		t.Errorf("n1: %v", last)
	}
	if last := n2.status().Last; last.Reason != vrrp.ReasonGoodbye {
		t.Errorf("n2: %v", last)
	}
}

// TestFieldReport12AdministratorAddsTheAddress: somebody configures the service address on a Backup's link. It goes on
// as before, takes over when it is its turn, tells of it, and leaves the address as it is.
func TestFieldReport12AdministratorAddsTheAddress(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1, n2 := b.pair()
	theirs := prefixes("10.0.0.100/24")[0]
	b.somebody("n2", "eth0", netlink.AddrAdd, theirs, vip4())
	heard := n2.status().Stats.Received
	n2.awaitStatus("n2 hears n1 as before", func(s vrrp.Status) bool { return s.Stats.Received > heard+3 })
	if s := n2.status(); s.State != vrrp.Backup || s.Source != b.host("n2").Addr(0) {
		t.Errorf("n2 is %v, source %v", s.State, s.Source)
	}
	n1.stop()
	n2.awaitState(vrrp.Active)
	await(t, "n2 tells whose the address is", func() bool { return n2.told(vip.EventForeign) })
	n2.stop()
	if !b.holds("n2", theirs, vip4()) {
		t.Errorf("n2 has %v", b.addresses("n2"))
	}
}

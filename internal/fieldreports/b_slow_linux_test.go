// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// eighty returns that many service addresses.
func eighty() []netip.Prefix {
	var all []netip.Prefix
	for i := range byte(80) {
		all = append(all, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, 100 + i}), 32))
	}
	return all
}

// slowBackend is a backend that adds no address before it is let go on.
type slowBackend struct {
	vrrp.Backend
	begun, goOn chan struct{}
}

func (s slowBackend) Add(ctx context.Context, addrs []netip.Prefix) error {
	select {
	case s.begun <- struct{}{}:
	default:
	}
	select {
	case <-s.goOn:
		return s.Backend.Add(ctx, addrs)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestFieldReport17AdvertisementsDoNotWaitForAddresses: while 80 addresses are being added, for however long, the
// advertisements go on, and the peer does not come back.
func TestFieldReport17AdvertisementsDoNotWaitForAddresses(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	slow := slowBackend{begun: make(chan struct{}, 1), goOn: make(chan struct{})}
	n2 := b.start("n2", virtual(100, eighty()...))
	n2.awaitState(vrrp.Active)
	n1 := b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{virtual(200, eighty()...)},
		Wrap: func(backend vrrp.Backend) vrrp.Backend { slow.Backend = backend; return slow }})
	<-slow.begun
	b.awaitSent("n1", 0, 10, advert)
	if n1.state() != vrrp.Active || n2.state() != vrrp.Backup || !b.holdsNone("n1", eighty()...) {
		t.Errorf("n1 is %v and has %v, n2 is %v", n1.state(), b.addresses("n1"), n2.state())
	}
	close(slow.goOn)
	b.awaitHolder("n1", []string{"n2"}, eighty()...)
	if turns := b.wire.senders(0, 51); !slices.Equal(turns, []string{"n2", "n1"}) {
		t.Errorf("advertisements came from %v in turn", turns)
	}
}

// TestFieldReport17ManyAddressesMove: one after the other, both routers take over 80 addresses, and nobody advertises out
// of turn.
func TestFieldReport17ManyAddressesMove(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1, n2 := b.pair(eighty()...)
	n1.stop()
	b.awaitHolder("n2", []string{"n1"}, eighty()...)
	b.awaitSent("n2", b.wire.mark(), 5, advert)
	n1 = b.start("n1", virtual(200, eighty()...))
	b.awaitHolder("n1", []string{"n2"}, eighty()...)
	b.awaitSent("n1", b.wire.mark(), 5, advert)
	if turns := b.wire.senders(0, 51); !slices.Equal(turns, []string{"n1", "n2", "n1"}) {
		t.Errorf("advertisements came from %v in turn; n1 %v, n2 %v", turns, n1.transitions(), n2.transitions())
	}
}

// stuckLog is a log whose disk does not answer.
type stuckLog struct{ until chan struct{} }

func (stuckLog) Enabled(context.Context, slog.Level) bool { return true }
func (s stuckLog) Handle(context.Context, slog.Record) error {
	<-s.until
	return nil
}
func (s stuckLog) WithAttrs([]slog.Attr) slog.Handler { return s }
func (s stuckLog) WithGroup(string) slog.Handler      { return s }

// TestFieldReport16LogDoesNotAnswer: a log that takes nothing in keeps no advertisement from being sent in time, and no
// address from being held.
func TestFieldReport16LogDoesNotAnswer(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	stuck := stuckLog{make(chan struct{})}
	n1 := b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{virtual(200)}, Logger: slog.New(stuck)})
	t.Cleanup(func() { close(stuck.until) })
	n1.awaitState(vrrp.Active)
	n2 := b.start("n2", virtual(100))
	n2.awaitPeer("n1")
	await(t, "address on n1", func() bool { return b.holds("n1", vip4()) })
	b.somebody("n1", "eth0", netlink.AddrDel, vip4()) // of which much is to be told
	await(t, "address is put back", func() bool { return b.holds("n1", vip4()) })
	b.awaitSent("n1", b.wire.mark(), 25, advert) // for longer than the lease of the address
	if turns := b.wire.senders(0, 51); !slices.Equal(turns, []string{"n1"}) || !b.holdsAlone("n1", []string{"n2"}, vip4()) {
		t.Errorf("advertisements came from %v in turn; n1 has %v, n2 %v", turns, b.addresses("n1"), b.addresses("n2"))
	}
}

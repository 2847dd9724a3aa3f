// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport18RejectedPacketsChangeNothing: whatever is wrong with a packet, and whatever it says, no timer starts
// anew for it: the Active Router advertises as before, the Backup waits for it as before, and takes over when it is gone.
func TestFieldReport18RejectedPacketsChangeNothing(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "n3")
	n1, n2 := b.pair()
	for _, priority := range []uint8{0, 100, 250} {
		for _, from := range []string{"n1", "n2", "n3"} {
			for _, f := range spoilt(b, b.host(from).Addr(0), virtual(priority)) {
				b.repeat("n3", f, 10*time.Millisecond)
			}
		}
	}
	b.awaitSent("n1", b.wire.mark(), 15, advert)
	if len(n1.path()) != 2 || !slices.Equal(n2.path(), []vrrp.State{vrrp.Backup}) {
		t.Errorf("n1 went %v, n2 %v", n1.transitions(), n2.transitions())
	}
	b.must(b.host("n1").Unplug())
	n2.awaitState(vrrp.Active)
	await(t, "address on n2", func() bool { return b.holds("n2", vip4()) })
	if s := n2.status(); s.Last.Reason != vrrp.ReasonNoResponse || s.Last.Peer != b.host("n1").Addr(0) ||
		s.Stats.ChecksumErrors == 0 || s.Stats.LengthErrors == 0 || s.Stats.VersionErrors == 0 || s.Stats.TypeErrors == 0 {
		t.Errorf("n2: %v, %+v", s.Last, s.Stats)
	}
}

// spoilt returns advertisements in which one thing is wrong in each.
func spoilt(b *bench, src netip.Addr, cfg vrrp.VirtualRouterConfig) [][]byte {
	v2 := cfg
	v2.Version, v2.Interval = vrrp.V2, time.Second
	list := [][]byte{b.forged(src, v2, nil)}
	for _, change := range []func([]byte){
		func(m []byte) { m[6] ^= 1 },                 // checksum
		func(m []byte) { m[0], m[6] = 0x32, m[6]-1 }, // type 2
		func(m []byte) { m[3] = 2 },                  // one address more than there is
	} {
		list = append(list, b.forged(src, cfg, change))
	}
	near := b.forged(src, cfg, nil)
	near[14+8] = 254 // hop limit
	return append(list, near)
}

// TestFieldReport19AnotherClusterWithTheSameVRID: two clusters on one link have the same virtual router identifier and
// different passwords. What one hears of the other is told, and is no sign of life of its own Active Router.
func TestFieldReport19AnotherClusterWithTheSameVRID(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "n3")
	n3 := b.start("n3", secured(t, 250, "theirs", "10.0.0.103/32"))
	n1 := b.start("n1", secured(t, 200, "ours", "10.0.0.100/32"))
	var mu sync.Mutex
	from := map[netip.Addr]vrrp.Fault{}
	n2 := b.startWith("n2", setup{Virtual: []vrrp.VirtualRouterConfig{secured(t, 100, "ours", "10.0.0.100/32")},
		Trace: vrrp.Trace{Rejected: func(_ string, src netip.Addr, err *vrrp.PacketError) {
			mu.Lock()
			defer mu.Unlock()
			from[src] = err.Fault
		}}})
	n1.awaitState(vrrp.Active)
	n3.awaitState(vrrp.Active)
	n2.awaitPeer("n1")
	b.awaitSent("n3", b.wire.mark(), 1, advert)
	b.must(b.host("n1").Unplug())
	n2.awaitState(vrrp.Active)
	await(t, "address on n2", func() bool { return b.holds("n2", vip4()) })
	if s := n2.status(); s.Last.Reason != vrrp.ReasonNoResponse || s.Stats.AuthDataErrors == 0 {
		t.Errorf("n2: %v, %+v", s.Last, s.Stats)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := from[b.host("n3").Addr(0)]; len(from) != 1 || got != vrrp.FaultAuthData {
		t.Errorf("n2 has rejected %v", from)
	}
	if n3.state() != vrrp.Active {
		t.Errorf("n3: %v", n3.transitions())
	}
}

// secured returns a virtual router of version 2 with a password, which soon claims for the first time if it is a good one.
func secured(t *testing.T, priority uint8, password, addr string) vrrp.VirtualRouterConfig {
	t.Helper()
	cfg := virtual(priority, prefixes(addr)...)
	cfg.Version, cfg.Interval, cfg.EagerStart = vrrp.V2, time.Second, priority > 100
	data, err := vrrp.Password(password)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AuthType, cfg.AuthData = vrrp.AuthPassword, data
	return cfg
}

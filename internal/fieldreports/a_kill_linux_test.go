// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport01KilledActive: an Active Router is killed. Its peer takes over, and the kernel takes the addresses from
// the host of the dead one.
func TestFieldReport01KilledActive(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1, n2 := killable(b, setup{Virtual: []vrrp.VirtualRouterConfig{virtual(200)}})
	n1.kill()
	b.awaitHolder("n2", []string{"n1"}, vip4())
	if last := n2.status().Last; last.Reason != vrrp.ReasonNoResponse {
		t.Errorf("n2: %v", last)
	}
}

// killable runs a process on n1, which is Active, and a router on n2 that has heard it.
func killable(b *bench, s setup) (n1 *process, n2 *node) {
	b.Helper()
	n1 = b.startProcessWith("n1", s)
	n1.awaitState(51, vrrp.Active)
	n2 = b.start("n2", virtual(100))
	n2.awaitPeer("n1")
	b.awaitHolder("n1", []string{"n2"}, vip4())
	return n1, n2
}

// TestFieldReport01KilledActiveWithGuard: with a guard the peer hears a goodbye, and the addresses go at once although
// they have no lease.
func TestFieldReport01KilledActiveWithGuard(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	permanent := virtual(200)
	permanent.NoLease = true
	n1, n2 := killable(b, setup{Virtual: []vrrp.VirtualRouterConfig{permanent}, Guard: true})
	n1.kill()
	b.awaitHolder("n2", []string{"n1"}, vip4())
	if last := n2.status().Last; last.Reason != vrrp.ReasonGoodbye {
		t.Errorf("n2: %v", last)
	}
	if said := b.wire.sent("n1", 0, goodbye); len(said) != 1 {
		t.Errorf("goodbyes of the dead: %v", said)
	}
}

// TestFieldReport01KilledBesideKeepalived: keepalived takes over from a killed router, and nobody else has the address.
func TestFieldReport01KilledBesideKeepalived(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1 := b.startProcess("n1", withKeepalived(virtual(200)))
	n1.awaitState(51, vrrp.Active)
	n2 := b.startKeepalived("n2", virtual(100))
	n2.awaitLog(kaBackup, 1)
	b.awaitHolder("n1", []string{"n2"}, vip4())
	n1.kill()
	b.awaitHolder("n2", []string{"n1"}, vip4())
	n1 = b.startProcess("n1", withKeepalived(virtual(200)))
	b.awaitHolder("n1", []string{"n2"}, vip4())
	n1.stop()
	b.awaitHolder("n2", []string{"n1"}, vip4())
}

// TestFieldReport02RestartedWithOtherAddresses: a killed router that had no lease comes back as Backup with another
// configuration. What it had before is gone, whether or not it is to have it.
func TestFieldReport02RestartedWithOtherAddresses(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	earlier := prefixes("10.0.0.100/32", "10.0.0.101/24", "10.9.9.9/32")
	permanent := virtual(200, earlier...)
	permanent.NoLease = true
	n1 := b.startProcess("n1", permanent)
	n1.awaitState(51, vrrp.Active)
	await(t, "addresses on n1", func() bool { return b.holds("n1", earlier...) })
	n1.kill()
	n2 := b.start("n2", virtual(210))
	n2.awaitState(vrrp.Active)
	b.awaitHolder("n2", nil, vip4())
	if !b.holds("n1", earlier...) {
		t.Fatalf("n1 has %v: nothing was left behind", b.addresses("n1"))
	}
	back := b.start("n1", virtual(200))
	back.awaitPeer("n2")
	if !b.holdsNone("n1", earlier...) || !b.holds("n2", vip4()) {
		t.Errorf("n1 has %v, n2 %v", b.addresses("n1"), b.addresses("n2"))
	}
}

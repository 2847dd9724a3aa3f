// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport15TellsHowLate: a router that stood still tells for how long, beside that it did.
func TestFieldReport15TellsHowLate(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1 := b.startProcess("n1", noPreempt(200))
	n1.awaitState(51, vrrp.Active)
	n2 := b.start("n2", virtual(100))
	n2.awaitPeer("n1")
	n1.signal(syscall.SIGSTOP)
	b.awaitSent("n2", 0, 5, advert)
	n1.signal(syscall.SIGCONT)
	n1.awaitState(51, vrrp.Backup)
	all := n1.changes(51)
	if last := all[len(all)-1]; last.Reason != vrrp.ReasonSlept || last.Late < 3*virtual(200).Interval {
		t.Errorf("n1 went on with %+v", last)
	}
}

// TestFieldReport15FrozenUntilThePeerClaims: an Active Router that goes on right after a peer has claimed, which counts
// from the last advertisement, becomes a Backup all the same.
func TestFieldReport15FrozenUntilThePeerClaims(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	slow := func(priority uint8) vrrp.VirtualRouterConfig {
		cfg := noPreempt(priority)
		cfg.Interval, cfg.EagerStart = 400*time.Millisecond, priority == 200
		return cfg
	}
	n1 := b.startProcess("n1", slow(200))
	n1.awaitState(51, vrrp.Active)
	n2 := b.start("n2", slow(100))
	n2.awaitPeer("n1")
	n1.signal(syscall.SIGSTOP)
	n2.awaitState(vrrp.Active)
	n1.signal(syscall.SIGCONT)
	await(t, "either goes on", func() bool {
		return len(b.wire.senders(0, 51)) > 2 || len(b.wire.sent("n2", 0, advert)) > 4
	})
	if turns := b.wire.senders(0, 51); len(turns) > 2 {
		t.Errorf("advertisements came from %v in turn; n1 went %+v, n2 %v", turns, n1.changes(51), n2.transitions())
	}
}

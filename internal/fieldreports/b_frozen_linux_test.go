// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"slices"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// noPreempt returns a router that comes back as a Backup and stays one.
func noPreempt(priority uint8) vrrp.VirtualRouterConfig {
	cfg := virtual(priority)
	cfg.NoPreempt = true
	return cfg
}

// TestFieldReport15FrozenActive: an Active Router that stood still for longer than its peers wait becomes a Backup when
// it goes on, without a word and without its address, although it never heard that anybody took over.
func TestFieldReport15FrozenActive(t *testing.T) {
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
	b.awaitHolder("n2", []string{"n1"}, vip4()) // by the kernel's hand
	n1.signal(syscall.SIGCONT)
	n1.wakes(b)
}

// wakes checks that the process becomes a Backup and says nothing, and that nobody hears it.
func (p *process) wakes(b *bench) {
	b.Helper()
	p.awaitState(51, vrrp.Backup)
	mark := b.wire.mark()
	if last := p.changes(51); last[len(last)-1].Reason != vrrp.ReasonSlept {
		b.Errorf("n1 went on with %+v", last[len(last)-1])
	}
	b.awaitSent("n2", mark, 10, advert)
	if turns := b.wire.senders(0, 51); !slices.Equal(turns, []string{"n1", "n2"}) {
		b.Errorf("advertisements came from %v in turn", turns)
	}
	if said := b.wire.sent("n1", 0, goodbye); len(said) > 0 {
		b.Errorf("n1 said %v", said)
	}
	if !b.holdsAlone("n2", []string{"n1"}, vip4()) {
		b.Errorf("n1 has %v, n2 %v", b.addresses("n1"), b.addresses("n2"))
	}
}

// TestFieldReport15FrozenBesideKeepalived: the same with keepalived as the one that takes over.
func TestFieldReport15FrozenBesideKeepalived(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1 := b.startProcess("n1", withKeepalived(noPreempt(200)))
	n1.awaitState(51, vrrp.Active)
	n2 := b.startKeepalived("n2", virtual(100))
	n2.awaitLog(kaBackup, 1)
	b.awaitHolder("n1", []string{"n2"}, vip4())
	n1.signal(syscall.SIGSTOP)
	b.awaitHolder("n2", []string{"n1"}, vip4())
	n1.signal(syscall.SIGCONT)
	n1.wakes(b)
}

// TestFieldReport15FrozenBackup: a Backup that stood still, and didn't hear that the Active Router is there all the time,
// doesn't claim when it goes on.
func TestFieldReport15FrozenBackup(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	n1 := b.start("n1", virtual(100))
	n1.awaitState(vrrp.Active)
	n2 := b.startProcess("n2", noPreempt(200))
	n2.awaitState(51, vrrp.Backup)
	for range 2 {
		n2.signal(syscall.SIGSTOP)
		b.awaitSent("n1", b.wire.mark(), 6, advert)
		n2.signal(syscall.SIGCONT)
		b.awaitSent("n1", b.wire.mark(), 5, advert)
	}
	if turns := b.wire.senders(0, 51); !slices.Equal(turns, []string{"n1"}) || len(n2.changes(51)) != 1 {
		t.Errorf("advertisements came from %v in turn, n2 went %+v", turns, n2.changes(51))
	}
}

// TestFieldReport16DownIntervals: how many advertisements may fail to come is a matter of configuration. A pause that
// makes one virtual router move is nothing to another.
func TestFieldReport16DownIntervals(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	both := func(priority uint8) setup {
		patient := virtual(priority, prefixes("10.0.0.101/32")...)
		patient.VRID, patient.DownIntervals = 52, 100
		return setup{Virtual: []vrrp.VirtualRouterConfig{virtual(priority), patient}}
	}
	s := both(200)
	s.Virtual[1].EagerStart = true
	n1 := b.startProcessWith("n1", s)
	n1.awaitState(51, vrrp.Active)
	n1.awaitState(52, vrrp.Active)
	n2 := b.startWith("n2", both(100))
	n2.awaitPeer("n1")
	await(t, "n2 hears the other of n1", func() bool { return n2.virtual[1].Status().Peer == b.host("n1").Addr(0) })
	for turn := range 2 {
		n1.signal(syscall.SIGSTOP)
		n2.awaitState(vrrp.Active)
		n1.signal(syscall.SIGCONT)
		n2.awaitState(vrrp.Backup)
		if moved := b.wire.senders(0, 52); !slices.Equal(moved, []string{"n1"}) || len(n1.changes(52)) != 2 {
			t.Fatalf("pause %d: the patient one was advertised by %v in turn; on n1 it went %+v", turn+1, moved, n1.changes(52))
		}
	}
}

// TestFieldReport32AgeByTheTimeOfArrival: a Backup gets round to its queue late. What it finds there counts as of the
// time it came, so that an Active Router that has died meanwhile is not believed in for longer.
func TestFieldReport32AgeByTheTimeOfArrival(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "n3")
	clock := virtual(100, prefixes("10.0.0.103/32")...)
	clock.VRID = 53
	b.start("n3", clock).awaitState(vrrp.Active)
	cfg := virtual(200)
	cfg.DownIntervals, cfg.EagerStart = 30, true
	n1 := b.startProcess("n1", cfg)
	n1.awaitState(51, vrrp.Active)
	hold, held := make(chan chan struct{}, 1), make(chan struct{})
	cfg.Priority, cfg.EagerStart = 100, false
	n2 := b.startWith("n2", setup{Virtual: []vrrp.VirtualRouterConfig{cfg}, Trace: heldUp(hold, held)})
	n2.awaitPeer("n1")
	goOn := make(chan struct{})
	hold <- goOn
	<-held
	b.awaitSent("n1", b.wire.mark(), 2, advert)
	n1.kill()
	ticks := b.awaitSent("n3", b.wire.mark(), 6, advert)
	close(goOn)
	n2.awaitState(vrrp.Active)
	sent := b.wire.sent("n1", 0, advert)
	died, read, got := sent[len(sent)-1].at, ticks[5].at, n2.status().Last
	down := 30*cfg.Interval + 156*cfg.Interval/256
	if due := got.At.Add(-got.Late); due.Before(died.Add(down-cfg.Interval)) || !due.Before(read.Add(down)) {
		t.Errorf("died at %v, read after %v, claimed %v as of %v: %v", died, read, got.At, due, got)
	}
}

// heldUp returns a trace that holds up the loop of a router, with what it is given, until that is closed.
func heldUp(hold <-chan chan struct{}, held chan<- struct{}) vrrp.Trace {
	return vrrp.Trace{Received: func(*vrrp.VirtualRouter, netip.Addr, *vrrp.Advertisement) {
		select {
		case goOn := <-hold:
			held <- struct{}{}
			<-goOn
		default:
		}
	}}
}

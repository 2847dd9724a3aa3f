// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// counted is what a participant has done.
type counted struct {
	active         bool
	became         uint64 // Active or Master, how often
	sent, received uint64
}

// participant is a router or host of either protocol that is turned by hand.
type participant interface {
	Turn() (until time.Time, done bool)
	Stop()
	counted() counted
}

type vrrpParticipant struct {
	*vrrp.Router
	virtual *vrrp.VirtualRouter
}

func (p vrrpParticipant) counted() counted {
	s := p.virtual.Status()
	return counted{s.State == vrrp.Active, s.Stats.BecameActive, s.Stats.Sent, s.Stats.Received}
}

type carpParticipant struct {
	*carp.Host
	virtual *carp.VirtualHost
}

func (p carpParticipant) counted() counted {
	s := p.virtual.Status()
	return counted{s.State == carp.Master, s.Stats.BecameMaster, s.Stats.SentIPv4, s.Stats.ReceivedIPv4}
}

// opener makes a participant of a rank, 0 for the better one.
type opener func(network *netif.Network, keeper *vip.Keeper, now func() time.Time, rank int, interval time.Duration) (participant, error)

func openVRRP(network *netif.Network, keeper *vip.Keeper, now func() time.Time, rank int, interval time.Duration) (participant, error) {
	r, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Now: now})
	if err != nil {
		return nil, err
	}
	v, err := r.Add(vrrp.VirtualRouterConfig{Link: "eth0", Backend: keeper, NoLease: true, Config: vrrp.Config{
		VRID: 1, Priority: uint8(200 - 100*rank), Interval: interval, Addresses: programNamed("embedding").addresses(1)}})
	return vrrpParticipant{r, v}, err
}

func openCARP(network *netif.Network, keeper *vip.Keeper, now func() time.Time, rank int, interval time.Duration) (participant, error) {
	h, err := carp.NewHost(carp.HostConfig{Network: network, Now: now})
	if err != nil {
		return nil, err
	}
	v, err := h.Add(carp.VirtualHostConfig{Link: "eth0", Backend: keeper, NoLease: true, Config: carp.Config{
		VHID: 1, AdvBase: uint8(interval / time.Second), AdvSkew: uint8(rank), Preempt: true, Addresses: programNamed("embedding").addresses(1)}})
	return carpParticipant{h, v}, err
}

// days is a pair of participants with real sockets and addresses, and a clock that goes on whenever neither has anything
// to do.
type days struct {
	*bench
	begin   time.Time
	elapsed atomic.Int64
	nodes   [2]*dayNode
	plugged bool
}

// dayNode is a participant on a thread of its own, in the namespace of its host.
type dayNode struct {
	participant
	*member
	turn   chan struct{}
	turned chan bool
	until  time.Time
	missed uint64 // advertisements of the other that did not come through
}

func (d *days) now() time.Time { return d.begin.Add(time.Duration(d.elapsed.Load())) }

// newDays starts both.
func newDays(b *bench, open opener, interval time.Duration) *days {
	b.Helper()
	d := &days{bench: b, begin: time.Now(), plugged: true}
	for rank, host := range b.hosts {
		n := &dayNode{member: b.member(programNamed("embedding"), host, 1, rank, false), turn: make(chan struct{}), turned: make(chan bool)}
		d.nodes[rank] = n
		opened := make(chan error, 1)
		done := n.host.Go(func() { n.live(d, open, interval, opened) })
		b.must(<-opened)
		b.Cleanup(func() {
			close(n.turn)
			<-done
		})
	}
	for _, n := range d.nodes {
		b.await("startup of "+n.host.Name(), func() bool { n.take(); return !n.until.IsZero() })
	}
	return d
}

// live opens the participant, and takes its turns.
func (n *dayNode) live(d *days, open opener, interval time.Duration, opened chan<- error) {
	network, err := netif.Open(nil)
	if err != nil {
		opened <- err
		return
	}
	device, err := vip.Open("eth0", nil)
	if err != nil {
		opened <- errors.Join(err, network.Close())
		return
	}
	keeper, err := vip.Keep(device, nil)
	if err == nil {
		n.participant, err = open(network, keeper, d.now, n.rank, interval)
	}
	opened <- err
	for range n.turn {
		var done bool
		n.until, done = n.Turn()
		n.turned <- done
	}
	if err := errors.Join(keeper.Close(), device.Close(), network.Close()); err != nil {
		d.Error(err)
	}
}

// take has a node take a turn.
func (n *dayNode) take() (done bool) {
	n.turn <- struct{}{}
	return <-n.turned
}

// settle has both do what is due, and waits until what each has sent has come to the other.
func (d *days) settle() {
	d.Helper()
	last := 0 // the one that has something to do, and so to say, comes last: what the other hears is then as of this moment
	if d.next(d.nodes[1].until, d.nodes[0].until) {
		last = 1
	}
	d.nodes[1-last].take()
	d.nodes[last].take()
	for i, n := range d.nodes {
		other := d.nodes[1-i]
		for end := time.Now().Add(patience); d.plugged && n.counted().received+n.missed < other.counted().sent; runtime.Gosched() {
			if n.take(); time.Now().After(end) {
				d.Fatalf("after %v: %+v has not heard %+v", d.now().Sub(d.begin), n.counted(), other.counted())
			}
		}
	}
}

// next reports whether a time comes before another one, where the zero time is never.
func (d *days) next(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }

// pass lets time pass until so long after the beginning.
func (d *days) pass(to time.Duration) {
	d.Helper()
	for {
		d.settle()
		next := d.nodes[0].until
		if d.next(d.nodes[1].until, next) {
			next = d.nodes[1].until
		}
		if next.IsZero() || next.Sub(d.begin) > to {
			break
		}
		d.elapsed.Store(max(d.elapsed.Load(), int64(next.Sub(d.begin))))
	}
	d.elapsed.Store(int64(to))
}

// plug takes the first node off the switch, or puts it back.
func (d *days) plug(on bool) {
	d.Helper()
	if on {
		d.must(d.nodes[0].host.Plug())
		for i, n := range d.nodes {
			n.missed = d.nodes[1-i].counted().sent - n.counted().received
		}
	} else {
		d.must(d.nodes[0].host.Unplug())
	}
	d.plugged = on
}

// want compares who is Active, and has the addresses.
func (d *days) want(first, second bool) {
	d.Helper()
	for i, want := range []bool{first, second} {
		n := d.nodes[i]
		if got := n.counted(); got.active != want || n.holds() != want || n.holdsNone() == want {
			d.Fatalf("after %v: %v: %+v, Active is to be %v\n%s", d.now().Sub(d.begin), n.host.Name(), got, want, d.report())
		}
	}
}

// TestDays has three days pass for two hosts of each protocol with real sockets and addresses. The better one advertises
// all the time without losing a period, the other one is silent but for an hour in which it can't hear it.
func TestDays(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a few seconds")
	}
	for _, test := range []struct {
		name string
		open opener
	}{{"VRRP", openVRRP}, {"CARP", openCARP}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				threeDays(newDays(newBench(t, "n1", "n2"), test.open, dayInterval()))
			}
		})
	}
}

// dayInterval is short enough to be usual only if tests may take long.
func dayInterval() time.Duration {
	if long() {
		return time.Second
	}
	return 30 * time.Second
}

func threeDays(d *days) {
	d.Helper()
	d.pass(24 * time.Hour)
	d.want(true, false)
	d.plug(false)
	d.pass(25 * time.Hour)
	d.want(true, true)
	d.plug(true)
	d.pass(72 * time.Hour)
	d.want(true, false)
	first, second := d.nodes[0].counted(), d.nodes[1].counted()
	periods := uint64(72 * time.Hour / dayInterval())
	if first.became != 1 || first.sent < periods-4 || first.sent > periods+2 {
		d.Errorf("the first: %+v, in %d periods", first, periods)
	}
	hour := uint64(time.Hour / dayInterval()) // an advskew of 1 makes it less than a hundredth fewer
	if second.became != 1 || second.sent < hour-hour/100-4 || second.sent > hour+2 {
		d.Errorf("the second: %+v, Active for %d periods", second, hour)
	}
	d.Logf("%d advertisements of the first, %d of the second", first.sent, second.sent)
	for _, n := range d.nodes {
		n.Stop()
		for end := time.Now().Add(patience); !n.take(); {
			if time.Now().After(end) {
				d.Fatalf("%s does not end", n.host.Name())
			}
			d.elapsed.Add(int64(time.Second))
		}
	}
	d.want(false, false)
}

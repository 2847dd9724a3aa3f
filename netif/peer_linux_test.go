// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/netif"
)

// patience is how long a test waits for what must come. It is no measure of anything.
const patience = 20 * time.Second

var (
	group4 = netip.MustParseAddr("224.0.0.18")
	group6 = netip.MustParseAddr("ff02::12")
)

// network is what the protocols consume.
type network interface {
	Attach(link string, group netip.Addr) (port int, err error)
	Detach(port int)
	Bind() (unbind func(), err error)
	Wait(until time.Time)
	Wake()
	Links(f func(port int, up bool, addrs []netip.Addr, err error))
	Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte))
	Claims(f func(port int, addr netip.Addr, mac [6]byte))
	Queue(port int, mac [6]byte, src, dst netip.Addr, payload []byte)
	QueueTo(port int, hopLimit uint8, src, dst netip.Addr, payload []byte)
	Flush(f func(port int, err error))
}

type announcer interface {
	Announce(ctx context.Context, link string, mac [6]byte, addrs []netip.Addr) error
}

var (
	_ network   = (*netif.Network)(nil)
	_ announcer = (*netif.Network)(nil)
)

// state is what Links said about a port.
type state struct {
	up    bool
	addrs []netip.Addr
	err   error
}

// arrived is what Receive said about a packet.
type arrived struct {
	port     int
	src, dst netip.Addr
	hopLimit uint8
	at, read time.Time
	payload  string
	header   string // of a packet of protocol 51
}

// claimed is what Claims said.
type claimed struct {
	port int
	addr netip.Addr
	mac  [6]byte
}

// A peer is a host that runs an event loop, and writes down what it is told.
type peer struct {
	net  *netif.Network
	host *netlab.Host

	mu       sync.Mutex
	turned   chan struct{} // closed at the end of a turn of the loop
	commands []func()
	ended    bool
	turns    int

	states  map[int]state
	reports int
	packets []arrived
	claims  []claimed
	errs    []error
}

// newPeer starts the loop of a host. The loop ends with the test.
func newPeer(t *testing.T, h *netlab.Host, cfg *netif.Config) *peer {
	t.Helper()
	p := &peer{host: h, turned: make(chan struct{}), states: make(map[int]state)}
	opened := make(chan error)
	done := h.Go(func() { p.run(cfg, opened) })
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.post(func() { p.ended = true })
		<-done
		if err := p.net.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// run is the loop.
func (p *peer) run(cfg *netif.Config, opened chan<- error) {
	var err error
	if p.net, err = netif.Open(cfg); err != nil {
		opened <- err
		return
	}
	unbind, err := p.net.Bind()
	opened <- err
	if err != nil {
		return
	}
	defer unbind()
	for p.turn() {
		p.net.Wait(time.Time{})
	}
}

// turn takes in what there is.
func (p *peer) turn() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.commands {
		f()
	}
	p.commands = nil
	p.net.Links(func(port int, up bool, addrs []netip.Addr, err error) {
		p.states[port] = state{up, slices.Clone(addrs), err}
		p.reports++
	})
	p.net.Receive(func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
		p.packets = append(p.packets, arrived{port, src, dst, hopLimit, at, time.Now(), string(payload), ""})
	})
	p.net.ReceiveAH(func(port int, at time.Time, packet []byte) {
		p.packets = append(p.packets, arrived{port: port, at: at, read: time.Now(), payload: "51: " + string(packet[20:]), header: string(packet[:20])})
	})
	p.net.Claims(func(port int, addr netip.Addr, mac [6]byte) { p.claims = append(p.claims, claimed{port, addr, mac}) })
	p.net.Flush(func(port int, err error) { p.errs = append(p.errs, err) })
	p.turns++
	close(p.turned)
	p.turned = make(chan struct{})
	return !p.ended
}

// post has f called in the loop, in the next turn.
func (p *peer) post(f func()) {
	p.mu.Lock()
	p.commands = append(p.commands, f)
	p.mu.Unlock()
	p.net.Wake()
}

// do has f called in the loop and waits for it.
func (p *peer) do(f func()) {
	done := make(chan struct{})
	p.post(func() { f(); close(done) })
	<-done
}

// await blocks until ok is true after a turn of the loop.
func (p *peer) await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	p.awaitTrying(t, what, nil, nil, ok)
}

// awaitTrying does as await, and tries something each time again ticks.
func (p *peer) awaitTrying(t *testing.T, what string, again <-chan time.Time, try func(), ok func() bool) {
	t.Helper()
	end := time.After(patience)
	for {
		p.mu.Lock()
		turned, is := p.turned, ok()
		p.mu.Unlock()
		if is {
			return
		}
		select {
		case <-turned:
		case <-again:
			try()
		case <-end:
			p.mu.Lock()
			defer p.mu.Unlock()
			t.Fatalf("%s: no %s\nstates %v\npackets %d, the last %v\nclaims %d, the last %v\nerrors %v", p.host.Name(), what,
				p.states, len(p.packets), last(p.packets), len(p.claims), last(p.claims), p.errs)
		}
	}
}

// last returns the end of a list.
func last[T any](list []T) []T { return list[max(len(list)-3, 0):] }

// attach attaches and waits until the port is up.
func (p *peer) attach(t *testing.T, link string, group netip.Addr) int {
	t.Helper()
	var port int
	var err error
	p.do(func() { port, err = p.net.Attach(link, group) })
	if err != nil {
		t.Fatal(err)
	}
	p.awaitUp(t, port)
	return port
}

// awaitUp waits until a port is up with an address.
func (p *peer) awaitUp(t *testing.T, port int) {
	t.Helper()
	p.await(t, "port that is up", func() bool { return p.states[port].up && p.states[port].err == nil })
}

// addr returns the best source of a port, the zero Addr if it has none.
func (p *peer) addr(port int) netip.Addr {
	p.mu.Lock()
	defer p.mu.Unlock()
	if addrs := p.states[port].addrs; len(addrs) > 0 {
		return addrs[0]
	}
	return netip.Addr{}
}

// seen returns the packets that have arrived.
func (p *peer) seen() []arrived {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.packets)
}

// reported returns how many reports of ports there were.
func (p *peer) reported() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reports
}

// failures returns what Flush reported.
func (p *peer) failures() []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.errs)
}

// send sends a packet from the best source.
func (p *peer) send(port int, dst netip.Addr, payload string) {
	p.sendAs(port, [6]byte{}, dst, payload)
}

// sendAs sends a packet from the best source, if there is one, and a MAC address.
func (p *peer) sendAs(port int, mac [6]byte, dst netip.Addr, payload string) {
	if src := p.addr(port); src.IsValid() {
		p.do(func() { p.net.Queue(port, mac, src, dst, []byte(payload)) })
	}
}

// awaitPacket waits for a packet with that payload and returns it.
func (p *peer) awaitPacket(t *testing.T, payload string) arrived {
	t.Helper()
	var a arrived
	p.await(t, fmt.Sprintf("packet %q", payload), func() bool {
		i := slices.IndexFunc(p.packets, func(a arrived) bool { return a.payload == payload })
		if i >= 0 {
			a = p.packets[i]
		}
		return i >= 0
	})
	return a
}

// waitUntil waits on a network whose loop the test is, until done is true.
func waitUntil(t *testing.T, n *netif.Network, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); n.Wait(end) {
		if !time.Now().Before(end) {
			t.Fatalf("no %s", what)
		}
	}
}

// eth returns the host's interface of that name, as netlink has it. Only for use in netlab's Do.
func eth(name string) netlink.Link {
	l, err := netlink.LinkByName(name)
	if err != nil {
		panic(err)
	}
	return l
}

// address returns an address as netlink has it.
func address(s string) *netlink.Addr {
	a, err := netlink.ParseAddr(s)
	if err != nil {
		panic(err)
	}
	return a
}

// within calls f in the namespace of a host.
func within(t *testing.T, h *netlab.Host, f func() error) {
	t.Helper()
	if err := h.Do(f); err != nil {
		t.Fatal(err)
	}
}

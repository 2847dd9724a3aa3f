// SPDX-License-Identifier: Apache-2.0

package netiftest

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Config is how a LAN treats packets. The zero value is a perfect LAN without
// delay.
type Config struct {
	Seed uint64 // of everything that happens at random

	Delay     time.Duration // of each packet
	Jitter    time.Duration // at random on top; packets overtake each other
	Loss      float64       // the share of packets that don't arrive, 0 to 1
	Duplicate float64       // the share that arrives twice, 0 to 1
}

// LAN is a number of switches with hosts on them. It is safe for concurrent use.
type LAN struct {
	clock   func() time.Time
	stepped bool // part of a Simulation

	mu     sync.Mutex
	cfg    Config
	random *rand.Rand
	hosts  []*Host
	parts  map[*Host]int // by Partition
	cut    map[[2]*Host]bool
	owners map[netip.Addr]*Host
	taps   []func(Packet)
	serial int
}

// New returns a LAN that runs by the clock of package time.
func New(cfg Config) *LAN { return newLAN(cfg, time.Now) }

func newLAN(cfg Config, clock func() time.Time) *LAN {
	return &LAN{clock: clock, cfg: cfg, random: rand.New(rand.NewPCG(cfg.Seed, 0)), parts: map[*Host]int{},
		cut: map[[2]*Host]bool{}, owners: map[netip.Addr]*Host{}}
}

// Now returns the time on the LAN.
func (l *LAN) Now() time.Time { return l.clock() }

// Configure changes how packets are treated from now on. The seed is not taken
// anew.
func (l *LAN) Configure(cfg Config) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cfg = cfg
}

// Partition cuts the LAN into parts: a host hears only those in its own. Hosts
// that aren't named are in a part together. Without arguments the LAN is whole.
func (l *LAN) Partition(parts ...[]*Host) {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.parts)
	for i, part := range parts {
		for _, h := range part {
			l.parts[h] = i + 1
		}
	}
}

// Cut ends the delivery of packets from one host to another, one way, or lets
// them through again.
func (l *LAN) Cut(from, to *Host, cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut[[2]*Host{from, to}] = cut
}

// Owner returns the host that announced the address last: where the neighbours
// send packets to it. It is nil if none did, or somebody else after it, by Claim.
func (l *LAN) Owner(addr netip.Addr) *Host {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owners[addr]
}

// Packet is a packet as a tap sees it.
type Packet struct {
	At       time.Time // when it was sent
	From     *Host     // nil for an injected one
	Switch   string
	MAC      [6]byte // of the sender
	Src, Dst netip.Addr
	HopLimit uint8
	// Payload is what follows the IP header or, of a packet with an authentication
	// header (AH), all of it from the IP header on. It is valid until the tap returns.
	Payload []byte
	AH      bool
}

// Tap has f called for each packet that is sent, before anything can happen to
// it. f must not call methods of the LAN or of its hosts.
func (l *LAN) Tap(f func(Packet)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taps = append(l.taps, f)
}

// Inject sends a packet from nowhere on a switch.
func (l *LAN) Inject(p Packet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.From, p.At = nil, l.clock()
	p.Payload = slices.Clone(p.Payload)
	l.send(p)
}

// send delivers a packet to every link that listens for it. The caller holds mu
// and gives the payload away.
func (l *LAN) send(p Packet) {
	for _, f := range l.taps {
		f(p)
	}
	for _, h := range l.hosts {
		if h == p.From || !l.reaches(p.From, h) {
			continue
		}
		for number, port := range h.ports {
			if port != nil && port.hears(p) && (!p.AH || port.ahUsers > 0) {
				l.deliver(h, delivery{port: number, packet: p})
			}
		}
	}
}

// Claim has somebody who is no host of the LAN claim an address on a switch, by a
// MAC address of his, as one does who was given an address that is in use. A host
// takes a claim from its own MAC address for a frame of its own that came back, and
// does not hear it.
func (l *LAN) Claim(name string, addr netip.Addr, mac [6]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claim(nil, mac, name, addr)
}

// claim tells the other hosts on a switch that from has an address, and by which
// MAC address. The caller holds mu.
func (l *LAN) claim(from *Host, mac [6]byte, name string, addr netip.Addr) {
	l.owners[addr] = from
	for _, h := range l.hosts {
		if h == from || !l.reaches(from, h) || mac == h.mac {
			continue
		}
		for number, port := range h.ports {
			if port != nil && port.up() && port.link.Switch == name && port.group.Is6() == addr.Is6() {
				l.deliver(h, delivery{port: number, claim: addr, mac: mac})
			}
		}
	}
}

// reaches reports whether packets get from one host to another.
func (l *LAN) reaches(from, to *Host) bool {
	return from == nil || l.parts[from] == l.parts[to] && !l.cut[[2]*Host{from, to}]
}

// deliver puts something into a host's inbox, for the time of its arrival, or
// loses it. The caller holds mu.
func (l *LAN) deliver(h *Host, d delivery) {
	if l.cfg.Loss > 0 && l.random.Float64() < l.cfg.Loss {
		return
	}
	h.put(l.arrival(d))
	if l.cfg.Duplicate > 0 && l.random.Float64() < l.cfg.Duplicate {
		h.put(l.arrival(d))
	}
}

// arrival gives a delivery its time.
func (l *LAN) arrival(d delivery) delivery {
	delay := l.cfg.Delay
	if l.cfg.Jitter > 0 {
		delay += time.Duration(l.random.Int64N(int64(l.cfg.Jitter)))
	}
	l.serial++
	d.at, d.serial = l.clock().Add(delay), l.serial
	return d
}

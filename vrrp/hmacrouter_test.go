// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// hmacOf has a virtual router authenticate, with the keys of the captures unless others
// are given.
func hmacOf(t testing.TB, c vrrp.HMACConfig) func(*vrrp.VirtualRouterConfig) {
	if c.Keys == nil {
		c.Keys = captureKeys(t)
	}
	return func(v *vrrp.VirtualRouterConfig) { v.HMAC = &c }
}

// modes are those of a virtual router, and none.
func modes(t testing.TB) map[string]func(*vrrp.VirtualRouterConfig) {
	return map[string]func(*vrrp.VirtualRouterConfig){
		"off":          func(*vrrp.VirtualRouterConfig) {},
		"receive-only": hmacOf(t, vrrp.HMACConfig{Mode: vrrp.HMACReceiveOnly}),
		"permissive":   hmacOf(t, vrrp.HMACConfig{Mode: vrrp.HMACPermissive}),
		"enforce":      hmacOf(t, vrrp.HMACConfig{Mode: vrrp.HMACEnforce}),
	}
}

// hears reports whether one with a mode accepts what one with another sends.
func hears(sender, receiver string) bool {
	signs := sender == "permissive" || sender == "enforce"
	if receiver == "off" {
		return !signs
	}
	return signs || receiver != "enforce"
}

// Two routers agree on one Active Router if each hears the other, in both versions and
// families, by group and by peers.
func TestHMACModesTogether(t *testing.T) {
	for transport, c := range transports() {
		for first, a := range modes(t) {
			for second, b := range modes(t) {
				t.Run(fmt.Sprint(transport, " ", first, " ", second), func(t *testing.T) {
					sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
					nodes := []*node{
						newNode(t, sim.LAN, c.host(1), c.config(priority(200)), c.change, a),
						newNode(t, sim.LAN, c.host(2), c.config(priority(100)), c.change, b),
					}
					for _, n := range nodes {
						sim.Drive(n.host, n.router)
					}
					sim.Run(20 * time.Second)
					want := []vrrp.State{vrrp.Active, vrrp.Backup}
					if !hears(first, second) {
						want[1] = vrrp.Active
					}
					wantStates(t, nodes, want...)
					s := nodes[1].virtual.Status().Stats
					if (s.UnsignedErrors > 0) != (second == "enforce" && want[1] == vrrp.Active) || (s.LengthErrors > 0) != (second == "off" && want[1] == vrrp.Active) {
						t.Errorf("%+v", s)
					}
				})
			}
		}
	}
}

// transport is how routers of a test reach each other.
type transport struct {
	config func(...func(*vrrp.Config)) vrrp.Config
	host   func(i int) string
	change func(*vrrp.VirtualRouterConfig)
}

func transports() map[string]transport {
	four := func(i int) string { return fmt.Sprint("192.0.2.", i, "/24") }
	six := func(i int) string { return fmt.Sprint("fe80::", i, "/64") }
	group := func(*vrrp.VirtualRouterConfig) {}
	return map[string]transport{
		"version 2":         {v2, four, group},
		"version 2 unicast": {v2, four, unicast},
		"IPv4":              {v3, four, group},
		"IPv4 unicast":      {v3, four, func(c *vrrp.VirtualRouterConfig) { unicast(c); c.Checksum = vrrp.ChecksumPseudoHeader }},
		"IPv6":              {v6, six, group},
		"IPv6 unicast":      {v6, six, func(c *vrrp.VirtualRouterConfig) { c.Peers = peers("fe80::1", "fe80::2", "fe80::3") }},
		"IPv6 both": {v6, six, func(c *vrrp.VirtualRouterConfig) {
			c.Peers, c.WithGroup = peers("fe80::1", "fe80::2", "fe80::3"), true
		}},
	}
}

// witness is a network that looks whether a packet was changed by who was given it.
type witness struct {
	*netiftest.Network
	t testing.TB
}

func (n witness) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	n.Network.Receive(func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
		before := slices.Clone(payload)
		if f(port, src, dst, hopLimit, at, payload); !bytes.Equal(before, payload) {
			n.t.Errorf("%x has become %x", before, payload)
		}
	})
}

// A packet is the network's, and stays as it is, though its checksum without the trailer
// is another in IPv6.
func TestHMACLeavesThePacketAsItIs(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	a := newNode(t, sim.LAN, "fe80::1/64", v6(priority(200)), hmacOf(t, vrrp.HMACConfig{}))
	host := sim.Host("b", netiftest.Link{Addresses: prefixes("fe80::2/64")})
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: witness{host.Network(), t}, Now: sim.Now})
	if err != nil {
		t.Fatal(err)
	}
	c := vrrp.VirtualRouterConfig{Config: v6(), Link: "eth0"}
	hmacOf(t, vrrp.HMACConfig{})(&c)
	v, err := router.Add(c)
	if err != nil {
		t.Fatal(err)
	}
	sim.Drive(a.host, a.router)
	sim.Drive(host, router)
	sim.Run(10 * time.Second)
	if v.Status().Stats.Received == 0 {
		t.Error("nothing received")
	}
}

// Who hears the copy for the group and the one for the peer takes neither for a replay.
func TestHMACCopiesForGroupAndPeers(t *testing.T) {
	sim, a, b := pair(t, hmacOf(t, vrrp.HMACConfig{}), func(c *vrrp.VirtualRouterConfig) { unicast(c); c.WithGroup = true })
	sim.Run(10 * time.Second)
	sent, s := a.virtual.Status().Stats.Sent, b.virtual.Status().Stats
	if s.Received != 2*sent || s.ReplayErrors > 0 {
		t.Errorf("%d sent: %+v", sent, s)
	}
}

// A key is replaced on one router after the other without a change of state.
func TestHMACKeyRotation(t *testing.T) {
	all := captureKeys(t)
	steps := []vrrp.HMACConfig{
		{Keys: all[:2], ActiveKey: 1},
		{Keys: all[:2], ActiveKey: 200},
		{Keys: all[1:2]},
		{Keys: []vrrp.Key{all[1], {ID: 7, Secret: all[2].Secret, SendFrom: epoch.Add(2 * time.Minute)}}},
	}
	sim, a, b := pair(t, hmacOf(t, vrrp.HMACConfig{Keys: all[:1]}))
	for i, step := range steps {
		for _, n := range []struct {
			*node
			priority uint8
		}{{b, 100}, {a, 200}} {
			n.reconfigure(t, v3(priority(n.priority)), hmacOf(t, step))
			sim.Run(7 * time.Second)
		}
		if got := a.virtual.Status().SigningKey; got != []uint8{1, 200, 200, 200}[i] {
			t.Errorf("step %d: signs with key %d", i, got)
		}
	}
	sim.Run(2 * time.Minute) // the last key begins by itself
	s := b.virtual.Status()
	if s.PeerKey != 7 || s.Stats.UnknownKeyErrors+s.Stats.DigestErrors+s.Stats.ReplayErrors > 0 || len(a.history()) != 2 || len(b.history()) != 1 {
		t.Errorf("%+v; %v; %v", s, a.history(), b.history())
	}
}

// What was recorded is rejected, whenever and however often it comes, also by a router
// whose keys, mode and peers were changed meanwhile; so is what was changed on the way.
func TestHMACRecordedAndChangedPackets(t *testing.T) {
	for name, c := range transports() {
		t.Run(name, func(t *testing.T) {
			sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
			a := newNode(t, sim.LAN, c.host(1), c.config(priority(200)), c.change, hmacOf(t, vrrp.HMACConfig{}))
			b := newNode(t, sim.LAN, c.host(2), c.config(priority(100)), c.change, hmacOf(t, vrrp.HMACConfig{}))
			var recorded []netiftest.Packet
			sim.Tap(func(p netiftest.Packet) {
				if p.From == a.host && !slices.ContainsFunc([]string{"192.0.2.3", "fe80::3"}, func(s string) bool { return p.Dst.String() == s }) {
					p.Payload = slices.Clone(p.Payload)
					recorded = append(recorded, p)
				}
			})
			sim.Drive(a.host, a.router)
			sim.Drive(b.host, b.router)
			sim.Run(10 * time.Second)
			b.reconfigure(t, c.config(priority(100)), c.change, hmacOf(t, vrrp.HMACConfig{Mode: vrrp.HMACPermissive, Window: 300 * time.Second}))
			sim.Crash(a.host)
			before, random := b.virtual.Status(), rand.New(rand.NewPCG(1, 2))
			for _, p := range slices.Clone(recorded) {
				sim.Inject(p)
				for range 20 {
					changed := p
					changed.Payload = slices.Clone(p.Payload)
					changed.Payload[random.IntN(len(p.Payload))] ^= 1 << random.IntN(8)
					sim.Inject(changed)
				}
			}
			sim.Run(time.Millisecond)
			after := b.virtual.Status()
			if after.Stats.Received != before.Stats.Received || after.Stats.ReplayErrors < uint64(len(recorded)) || after.Stats.DigestErrors+after.Stats.ChecksumErrors == 0 {
				t.Errorf("%d recorded: %+v", len(recorded), after.Stats)
			}
			sim.Run(4 * time.Second)
			wantStates(t, []*node{b}, vrrp.Active)
		})
	}
}

// Clocks that differ are told of before what is sent is too old or too new.
func TestHMACClocksDiffer(t *testing.T) {
	for _, c := range []struct {
		ahead time.Duration
		skew  time.Duration // as it is told
		state vrrp.State
		notes bool
	}{{-9 * time.Second, -9 * time.Second, vrrp.Backup, true}, {-4 * time.Second, -4 * time.Second, vrrp.Backup, false}, {6 * time.Second, 6 * time.Second, vrrp.Backup, true}, {12 * time.Second, 0, vrrp.Active, false}} {
		sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
		config := hmacOf(t, vrrp.HMACConfig{Window: 10 * time.Second})
		a := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200)), config)
		seen := map[vrrp.Notice]int{}
		host := sim.Host("b", netiftest.Link{Addresses: prefixes("192.0.2.2/24")})
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: shifted{host.Network(), c.ahead}, Now: func() time.Time { return sim.Now().Add(c.ahead) }, Trace: vrrp.Trace{Notice: noted(seen)}})
		if err != nil {
			t.Fatal(err)
		}
		cfg := vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"}
		config(&cfg)
		v, err := router.Add(cfg)
		if err != nil {
			t.Fatal(err)
		}
		sim.Drive(a.host, a.router)
		sim.Drive(host, shiftedStepper{router, c.ahead})
		sim.Run(30 * time.Second)
		s := v.Status()
		if s.State != c.state || s.ClockSkew != c.skew || (seen[vrrp.NoticeClockDrift] > 0) != c.notes || (s.Stats.StaleErrors > 0) != (c.state == vrrp.Active) {
			t.Errorf("%v ahead: %+v, notices %v", c.ahead, s, seen)
		}
	}
}

// shifted is a network whose clock is ahead.
type shifted struct {
	*netiftest.Network
	ahead time.Duration
}

func (n shifted) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	n.Network.Receive(func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
		f(port, src, dst, hopLimit, at.Add(n.ahead), payload)
	})
}

// shiftedStepper is a router whose clock is ahead.
type shiftedStepper struct {
	*vrrp.Router
	ahead time.Duration
}

func (r shiftedStepper) Turn() (time.Time, bool) {
	until, done := r.Router.Turn()
	if !until.IsZero() {
		until = until.Add(-r.ahead)
	}
	return until, done
}

// executor is a guard that keeps the last goodbye.
type executor struct {
	src, dst netip.Addr
	goodbye  []byte
	sets     int
}

func (e *executor) Set(_ int, _ string, src, dst netip.Addr, goodbye []byte, _ map[netip.Prefix]string, _ time.Duration) {
	e.src, e.dst, e.goodbye = src, dst, goodbye
	e.sets++
}

func (e *executor) Clear(int) { e.goodbye = nil }
func (*executor) Beat()       {}

// The goodbye that the guard has is one that peers accept, after each advertisement: it
// is given another then, if the router signs.
func TestHMACWill(t *testing.T) {
	for name, c := range transports() {
		for mode, signs := range map[vrrp.HMACMode]bool{vrrp.HMACEnforce: true, vrrp.HMACReceiveOnly: false} {
			t.Run(fmt.Sprint(name, " ", mode), func(t *testing.T) {
				sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
				guard := &executor{}
				host := sim.Host("a", netiftest.Link{Addresses: prefixes(c.host(1))})
				router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now, Guard: guard})
				if err != nil {
					t.Fatal(err)
				}
				cfg := vrrp.VirtualRouterConfig{Link: "eth0", Config: c.config(priority(200))}
				c.change(&cfg)
				hmacOf(t, vrrp.HMACConfig{Mode: mode})(&cfg)
				v, err := router.Add(cfg)
				if err != nil {
					t.Fatal(err)
				}
				b := newNode(t, sim.LAN, c.host(2), c.config(priority(100)), c.change, hmacOf(t, vrrp.HMACConfig{Mode: mode}))
				sim.Drive(host, router)
				sim.Drive(b.host, b.router)
				sim.Run(10 * time.Second)
				sim.Crash(host)
				sim.Inject(netiftest.Packet{Src: guard.src, Dst: guard.dst, HopLimit: 255, Payload: guard.goodbye})
				sim.Run(time.Second)
				if s := b.virtual.Status(); s.State != vrrp.Active || s.Last.Reason != vrrp.ReasonGoodbye {
					t.Errorf("%+v", s)
				}
				if sent := int(v.Status().Stats.Sent); signs != (guard.sets >= sent) {
					t.Errorf("%d wills, %d advertisements", guard.sets, sent)
				}
			})
		}
	}
}

// With the authentication header the guard has the addresses only.
func TestAHWill(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
	guard := &notary{}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	cfg := vrrp.VirtualRouterConfig{Link: "eth0", Config: v2()}
	withAH(t)(&cfg)
	if _, err := router.Add(cfg); err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, router)
	sim.Run(10 * time.Second)
	if want := []string{"0: say nothing from 192.0.2.1 on eth0 within 3s, remove []"}; !slices.Equal(guard.wills, want) {
		t.Errorf("%q", guard.wills)
	}
}

func TestHMACIsRefused(t *testing.T) {
	for name, change := range map[string]func(*vrrp.VirtualRouterConfig){
		"no keys":            func(c *vrrp.VirtualRouterConfig) { c.HMAC = &vrrp.HMACConfig{} },
		"a mode":             hmacOf(t, vrrp.HMACConfig{Mode: 9}),
		"a window":           hmacOf(t, vrrp.HMACConfig{Window: time.Millisecond}),
		"a password besides": func(c *vrrp.VirtualRouterConfig) { c.AuthType, c.AuthData = vrrp.AuthPassword, password(t, "1066") },
		"a header besides":   func(c *vrrp.VirtualRouterConfig) { c.AuthType, c.AuthData = vrrp.AuthAH, password(t, "1066") },
		"an active key":      hmacOf(t, vrrp.HMACConfig{ActiveKey: 9}),
		"an empty password":  func(c *vrrp.VirtualRouterConfig) { c.HMAC, c.AuthType = nil, vrrp.AuthAH },
		"AH from another MAC": func(c *vrrp.VirtualRouterConfig) {
			c.HMAC, c.AuthType, c.AuthData, c.VirtualMAC = nil, vrrp.AuthAH, password(t, "1066"), true
		},
	} {
		c := vrrp.VirtualRouterConfig{Link: "eth0", Config: v2()}
		hmacOf(t, vrrp.HMACConfig{})(&c)
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if err := c.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// bothVersions returns the configuration of a router that speaks both versions.
func bothVersions(change ...func(*vrrp.Config)) vrrp.Config {
	return v3(append([]func(*vrrp.Config){func(c *vrrp.Config) { c.WithV2 = true }}, change...)...)
}

// every sets the interval.
func every(d time.Duration) func(*vrrp.Config) { return func(c *vrrp.Config) { c.Interval = d } }

// onLAN makes a simulation of routers, each of which has its place in the list for the
// last octet of its address.
func onLAN(t testing.TB, configs []vrrp.Config, change ...func(*vrrp.VirtualRouterConfig)) (*netiftest.Simulation, []*node) {
	t.Helper()
	sim := netiftest.NewSimulation(netiftest.Config{Delay: 100 * time.Microsecond}, epoch)
	var nodes []*node
	for i, c := range configs {
		n := newNode(t, sim.LAN, fmt.Sprint("192.0.2.", i+1, "/24"), c, change...)
		sim.Drive(n.host, n.router)
		nodes = append(nodes, n)
	}
	return sim, nodes
}

// "it MUST send both types at the configured rate, even if sub-second", goodbyes
// included, and version 2 says whole seconds.
func TestSection8_4_2_ActiveSendsBoth(t *testing.T) {
	for interval, seconds := range map[time.Duration]time.Duration{
		100 * time.Millisecond: time.Second, time.Second: time.Second, 1010 * time.Millisecond: 2 * time.Second, 40950 * time.Millisecond: 41 * time.Second,
	} {
		sim, nodes := onLAN(t, []vrrp.Config{bothVersions(every(interval))})
		var said []string
		sim.Tap(func(p netiftest.Packet) {
			var adv vrrp.Advertisement
			if _, err := adv.Parse(p.Payload, vrrp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit}); err != nil {
				t.Error(err)
			}
			said = append(said, fmt.Sprint(adv.Version, " ", adv.Priority, " ", adv.Interval))
		})
		sim.Run(5 * interval) // down interval, and the next but one
		nodes[0].router.Stop()
		sim.Run(time.Second)
		want := []string{}
		for _, priority := range []int{100, 100, 0} {
			want = append(want, fmt.Sprint("version 3 ", priority, " ", interval), fmt.Sprint("version 2 ", priority, " ", seconds))
		}
		if fmt.Sprint(said) != fmt.Sprint(want) {
			t.Errorf("%v: sent %q, want %q", interval, said, want)
		}
		if s := nodes[0].virtual.Status().Stats; s.Sent != 3 || s.GoodbyesSent != 1 {
			t.Errorf("%+v", s)
		}
	}
}

// A Backup Router ignores version 2 of the Active Router that it hears in version 3: it
// goes by the rate of that.
func TestSection8_4_2_BackupIgnoresVersion2(t *testing.T) {
	sim, nodes := onLAN(t, []vrrp.Config{bothVersions(priority(200), every(100*time.Millisecond)), bothVersions(every(100 * time.Millisecond))})
	sim.Run(10 * time.Second)
	wantStates(t, nodes, vrrp.Active, vrrp.Backup)
	s := nodes[1].virtual.Status()
	if s.Interval != 100*time.Millisecond || nodes[1].router.Stats().Rejected > 0 || s.Stats.Superseded < 90 || s.Stats.Superseded != s.Stats.Received || s.Stats.IntervalMismatches > 0 {
		t.Errorf("%+v", s)
	}
	sim.Crash(nodes[0].host)
	sim.Run(400 * time.Millisecond)
	wantStates(t, nodes[1:], vrrp.Active)
}

// "in the case of a VRRPv2 Active Router, this means it must translate the timeout value
// it receives": it is followed at its rate, and when it is gone, by that too.
func TestSection8_4_2_BackupOfVersion2(t *testing.T) {
	sim, nodes := onLAN(t, []vrrp.Config{v2(priority(200), every(2*time.Second)), bothVersions(every(100 * time.Millisecond))})
	sim.Run(20 * time.Second)
	wantStates(t, nodes, vrrp.Active, vrrp.Backup)
	if s := nodes[1].virtual.Status(); s.Interval != 2*time.Second || s.Stats.IntervalErrors+s.Stats.VersionErrors > 0 {
		t.Errorf("%+v", s)
	}
	sim.Crash(nodes[0].host)
	sim.Run(5 * time.Second)
	wantStates(t, nodes[1:], vrrp.Backup)
	sim.Run(4 * time.Second)
	wantStates(t, nodes[1:], vrrp.Active)
}

// A router that has said its last in version 3 is heard in version 2 again when its
// version 3 would have made it down.
func TestSection8_4_2_BackToVersion2(t *testing.T) {
	b := backup(t, bothVersions())
	peer := netip.MustParseAddr("192.0.2.7")
	hear := func(v vrrp.Version) bool {
		adv := advertisement(200)
		adv.Version = v
		for _, a := range b.m.Receive(b.now, peer, adv) {
			if fault, ok := a.(vrrp.Discard); ok {
				if vrrp.Fault(fault) != vrrp.FaultSuperseded {
					t.Errorf("discarded for %v", vrrp.Fault(fault))
				}
				return false
			}
		}
		return true
	}
	for i, c := range []struct {
		after   time.Duration
		version vrrp.Version
		heard   bool
	}{{0, vrrp.V2, true}, {0, vrrp.V3, true}, {0, vrrp.V2, false}, {time.Second, vrrp.V3, true}, {2999 * time.Millisecond, vrrp.V2, false}, {time.Millisecond, vrrp.V2, true}, {0, vrrp.V3, true}} {
		b.now = b.now.Add(c.after)
		if got := hear(c.version); got != c.heard {
			t.Errorf("step %d: heard %v, want %v", i, got, c.heard)
		}
	}
}

// "It MAY report when a VRRPv3 Active Router is not sending VRRPv2 packets": once.
func TestSection8_4_2_OnlyVersion3IsNoticed(t *testing.T) {
	for dual, want := range map[bool]int{false: 1, true: 0} {
		seen := map[vrrp.Notice]int{}
		sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
		host := sim.Host("b", netiftest.Link{Addresses: prefixes("192.0.2.2/24")})
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now, Trace: vrrp.Trace{Notice: noted(seen)}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := router.Add(vrrp.VirtualRouterConfig{Config: bothVersions(), Link: "eth0"}); err != nil {
			t.Fatal(err)
		}
		a := newNode(t, sim.LAN, "192.0.2.1/24", v3(priority(200), func(c *vrrp.Config) { c.WithV2 = dual }))
		sim.Drive(a.host, a.router)
		sim.Drive(host, router)
		sim.Run(time.Minute)
		if seen[vrrp.NoticeOnlyVersion3] != want {
			t.Errorf("sends both: %v: notices %v", dual, seen)
		}
	}
}

// "It MAY report when a VRRPv3 Active Router is not sending VRRPv2 packets": what
// several have sent is not counted together.
func TestSection8_4_2_OnlyVersion3IsOfOneRouter(t *testing.T) {
	b := backup(t, bothVersions())
	for _, src := range []netip.Addr{higherPeer, lowerPeer} {
		for range 4 {
			b.hear(src, b.adv(200))
		}
	}
	b.want()
	b.hear(lowerPeer, b.adv(200))
	b.want("notice: " + vrrp.NoticeOnlyVersion3.String())
	b.hear(lowerPeer, b.adv(200))
	b.want()
}

// The three routers of a link go over from version 2 to version 3 one after the other,
// and there is one Active Router at all times that all of them hear.
func TestSection8_4_Migration(t *testing.T) {
	old, dual, new := v2, bothVersions, v3
	steps := [][3]func(...func(*vrrp.Config)) vrrp.Config{{old, old, dual}, {old, dual, dual}, {dual, dual, dual}, {dual, dual, new}, {dual, new, new}, {new, new, new}}
	for i, step := range steps {
		for _, strongest := range []int{0, 1, 2} {
			var configs []vrrp.Config
			want := []vrrp.State{vrrp.Backup, vrrp.Backup, vrrp.Backup}
			for j, c := range step {
				configs = append(configs, c(priority(uint8(200-10*((j+3-strongest)%3)))))
			}
			want[strongest] = vrrp.Active
			sim, nodes := onLAN(t, configs)
			sim.Run(20 * time.Second)
			wantStates(t, nodes, want...)
			if t.Failed() {
				t.Fatalf("step %d, strongest %d", i, strongest)
			}
			for _, n := range nodes {
				if len(n.history()) > 3 {
					t.Errorf("step %d: %v: %v", i, n.host, n.history())
				}
			}
		}
	}
}

// Version 2 is put aside without leaving the state, when all speak version 3.
func TestSection8_4_Version2IsPutAside(t *testing.T) {
	sim, nodes := onLAN(t, []vrrp.Config{bothVersions(priority(200)), bothVersions()})
	sim.Run(10 * time.Second)
	nodes[1].reconfigure(t, v3())
	nodes[0].reconfigure(t, v3(priority(200)))
	sim.Run(time.Second)
	versions := map[byte]int{}
	sim.Tap(func(p netiftest.Packet) { versions[p.Payload[0]>>4]++ })
	sim.Run(10 * time.Second)
	wantStates(t, nodes, vrrp.Active, vrrp.Backup)
	if versions[2] > 0 || versions[3] == 0 || len(nodes[0].history()) != 2 || len(nodes[1].history()) != 1 {
		t.Errorf("%v, %v, %v", versions, nodes[0].history(), nodes[1].history())
	}
}

// The password is that of version 2; the trailer is that of both.
func TestSection8_4_Authentication(t *testing.T) {
	pass := func(c *vrrp.VirtualRouterConfig) { c.AuthType, c.AuthData = vrrp.AuthPassword, password(t, "1066") }
	for name, change := range map[string]func(*vrrp.VirtualRouterConfig){"password": pass, "HMAC": hmacOf(t, vrrp.HMACConfig{})} {
		for _, first := range []vrrp.Config{v2(priority(200)), bothVersions(priority(200))} {
			second := bothVersions()
			if first.WithV2 {
				second = v2()
			}
			sim, nodes := onLAN(t, []vrrp.Config{first, second}, change)
			sim.Run(20 * time.Second)
			wantStates(t, nodes, vrrp.Active, vrrp.Backup)
			for _, n := range nodes {
				if s := n.virtual.Status().Stats; s.AuthTypeErrors+s.AuthDataErrors+s.DigestErrors+s.ReplayErrors > 0 {
					t.Errorf("%s: %v: %+v", name, n.host, s)
				}
			}
		}
	}
}

// The form of checksum to answer in is that of a peer's version 3: version 2 has one
// only.
func TestSection8_4_ChecksumIsThatOfVersion3(t *testing.T) {
	sim, nodes := onLAN(t, []vrrp.Config{bothVersions()})
	sim.Run(time.Millisecond)
	for i, form := range []vrrp.ChecksumForm{vrrp.ChecksumPseudoHeader, vrrp.ChecksumMessage} {
		src, adv := netip.AddrFrom4([4]byte{192, 0, 2, byte(8 + i)}), advertisement(200)
		if i == 1 {
			adv.Version = vrrp.V2
		}
		message, err := adv.Append(nil, src, vrrp.GroupIPv4(), form)
		if err != nil {
			t.Fatal(err)
		}
		sim.Inject(netiftest.Packet{Src: src, Dst: vrrp.GroupIPv4(), HopLimit: 255, Payload: message})
	}
	sim.Run(time.Millisecond)
	var adv vrrp.Advertisement
	sim.Tap(func(p netiftest.Packet) {
		form, err := adv.Parse(p.Payload, vrrp.IPHeader{Src: p.Src, Dst: p.Dst, HopLimit: p.HopLimit})
		if err != nil || adv.Version == vrrp.V3 && form != vrrp.ChecksumPseudoHeader {
			t.Errorf("%v: %v, %v", adv.Version, form, err)
		}
	})
	sim.Run(5 * time.Second)
	if s := nodes[0].virtual.Status(); s.State != vrrp.Active || s.Stats.Received != 2 || s.Checksum != vrrp.ChecksumPseudoHeader {
		t.Errorf("%+v", s)
	}
}

func TestSection8_4_IsRefused(t *testing.T) {
	for name, c := range map[string]vrrp.Config{
		"IPv6":      v6(func(c *vrrp.Config) { c.WithV2 = true }),
		"version 2": v2(func(c *vrrp.Config) { c.WithV2 = true }),
	} {
		var value *vrrp.ValueError
		if err := c.Validate(); !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := vrrp.VirtualRouterConfig{Link: "eth0", Config: bothVersions()}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if withAH(t)(&c); c.Validate() == nil {
		t.Error("authentication header besides version 3")
	}
}

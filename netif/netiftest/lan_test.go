// SPDX-License-Identifier: Apache-2.0

package netiftest_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

func TestDelivery(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Millisecond}, epoch)
	probes := newProbes(t, sim, 3)
	probes[0].send("one")
	probes[0].send("two")
	sim.Run(time.Second)
	probes[0].want()
	for _, p := range probes[1:] {
		p.want("1ms port 0: one from 192.0.2.1 to 224.0.0.18", "1ms port 0: two from 192.0.2.1 to 224.0.0.18")
	}
	probes[2].sendTo(probes[2].v6, probes[2].addr6, group6, "six")
	sim.Run(time.Second)
	probes[0].want("1.001s port 1: six from fe80::3 to ff02::12")
	probes[1].want("1.001s port 1: six from fe80::3 to ff02::12")
	probes[2].want()
}

func TestUnicast(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 3)
	probes[0].sendTo(probes[0].v4, probes[0].addr4, probes[2].addr4, "hello")
	sim.Run(time.Second)
	probes[1].want()
	probes[2].want("0s port 0: hello from 192.0.2.1 to 192.0.2.3")
}

// TestOtherGroup: a port hears the group that it was attached for.
func TestOtherGroup(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 2)
	probes[0].sendTo(probes[0].v4, probes[0].addr4, netip.MustParseAddr("224.0.0.5"), "ospf")
	sim.Run(time.Second)
	probes[1].want()
}

// TestSwitches: a host with two links is on two switches, and what is sent on one isn't heard on the other.
func TestSwitches(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 2)
	two := &probe{t: t, now: sim.Now, Host: sim.Host("two",
		netiftest.Link{Switch: "left", Addresses: []netip.Prefix{netip.MustParsePrefix("198.51.100.1/24")}},
		netiftest.Link{Name: "eth1"})}
	two.net = two.Network()
	left, right := two.attach("eth0", group4), two.attach("eth1", group4)
	sim.Drive(two.Host, two)
	sim.Run(0)
	two.want("0s port 0: up true, addresses [198.51.100.1], error <nil>", "0s port 1: up true, addresses [], error <nil>")

	two.sendTo(left, netip.MustParseAddr("198.51.100.1"), group4, "left")
	two.sendTo(right, netip.MustParseAddr("192.0.2.9"), group4, "right")
	probes[0].send("hello")
	sim.Inject(netiftest.Packet{Switch: "left", Src: netip.MustParseAddr("198.51.100.9"), Dst: group4, HopLimit: 255, Payload: []byte("stranger")})
	sim.Run(time.Second)
	probes[1].want("0s port 0: right from 192.0.2.9 to 224.0.0.18", "0s port 0: hello from 192.0.2.1 to 224.0.0.18")
	two.want("0s port 1: hello from 192.0.2.1 to 224.0.0.18", "0s port 0: stranger from 198.51.100.9 to 224.0.0.18")
}

func TestPayloadIsCopied(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 2)
	payload := []byte("good")
	probes[0].net.Queue(probes[0].v4, [6]byte{}, probes[0].addr4, group4, payload)
	copy(payload, "evil")
	probes[0].net.Flush(func(_ int, err error) { t.Error(err) })
	payload = []byte("also")
	sim.Inject(netiftest.Packet{Src: probes[0].addr4, Dst: group4, HopLimit: 255, Payload: payload})
	copy(payload, "evil")
	sim.Run(time.Second)
	probes[1].want("0s port 0: good from 192.0.2.1 to 224.0.0.18", "0s port 0: also from 192.0.2.1 to 224.0.0.18")
}

func TestLinkDown(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 3)
	a, b, c := probes[0], probes[1], probes[2]
	if err := b.SetLink("eth0", false); err != nil {
		t.Fatal(err)
	}
	a.send("one")
	b.net.Queue(b.v4, [6]byte{}, b.addr4, group4, []byte("two"))
	b.net.Queue(b.v6, [6]byte{}, b.addr6, group6, []byte("three"))
	var failed []int
	b.net.Flush(func(port int, err error) { failed = append(failed, port) })
	if len(failed) != 2 || failed[0] != b.v4 || failed[1] != b.v6 {
		t.Errorf("not sent from ports %v, want both", failed)
	}
	b.net.Flush(func(int, error) { t.Error("what failed was kept") })
	sim.Run(time.Second)
	a.want()
	b.want("0s port 0: up false, addresses [192.0.2.2], error <nil>", "0s port 1: up false, addresses [fe80::2], error <nil>")
	c.want("0s port 0: one from 192.0.2.1 to 224.0.0.18")

	if err := b.SetLink("eth0", true); err != nil {
		t.Fatal(err)
	}
	a.send("four")
	sim.Run(time.Second)
	b.want("1s port 0: four from 192.0.2.1 to 224.0.0.18",
		"1s port 0: up true, addresses [192.0.2.2], error <nil>", "1s port 1: up true, addresses [fe80::2], error <nil>")
}

// TestSetAddresses: reported is what can be a source.
func TestSetAddresses(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	a := newProbes(t, sim, 1)[0]
	var addrs []netip.Prefix
	for _, s := range []string{"2001:db8::1/64", "198.51.100.1/24", "fe80::9/64", "192.0.2.1/24"} {
		addrs = append(addrs, netip.MustParsePrefix(s))
	}
	if err := a.SetAddresses("eth0", addrs...); err != nil {
		t.Fatal(err)
	}
	clear(addrs)
	sim.Run(time.Second)
	a.want("0s port 0: up true, addresses [198.51.100.1 192.0.2.1], error <nil>", "0s port 1: up true, addresses [fe80::9 2001:db8::1], error <nil>")
}

func TestNoLink(t *testing.T) {
	lan := netiftest.New(netiftest.Config{})
	host := lan.Host("a", netiftest.Link{})
	for what, err := range map[string]error{
		"RemoveLink":   host.RemoveLink("eth1"),
		"SetLink":      host.SetLink("eth1", false),
		"SetAddresses": host.SetAddresses("eth1"),
		"Announce":     host.Network().Announce(t.Context(), "eth1", [6]byte{}, nil),
	} {
		if !errors.Is(err, netiftest.ErrNoLink) {
			t.Errorf("%s of a link that isn't there: %v", what, err)
		}
	}
}

// TestLinkIsAddedLater: who is attached to a name takes part when there is a link of that name, and only then.
func TestLinkIsAddedLater(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 2)
	a, b := probes[0], probes[1]
	port := b.attach("eth1", group4)
	if again := b.attach("eth1", group4); again != port {
		t.Errorf("attached again as %d, before as %d", again, port)
	}
	sim.Run(time.Second)
	b.want("0s port 2: up false, addresses [], error netiftest: no such link: eth1 of host b")
	var failed error
	b.net.Queue(port, [6]byte{}, b.addr4, group4, []byte("lost"))
	b.net.Flush(func(_ int, err error) { failed = err })
	if failed == nil {
		t.Error("sent without a link")
	}

	given := netiftest.Link{Name: "eth1", Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.9/24")}}
	if err := b.AddLink(given); err != nil {
		t.Fatal(err)
	}
	given.Addresses[0] = netip.Prefix{}
	a.send("one")
	sim.Run(time.Second)
	b.want("1s port 0: one from 192.0.2.1 to 224.0.0.18", "1s port 2: one from 192.0.2.1 to 224.0.0.18",
		"1s port 2: up true, addresses [192.0.2.9], error <nil>")
	b.sendTo(port, netip.MustParseAddr("192.0.2.9"), group4, "two")
	sim.Run(time.Second)
	a.want("2s port 0: two from 192.0.2.9 to 224.0.0.18")
	if err := b.AddLink(given); !errors.Is(err, netiftest.ErrLinkExists) {
		t.Errorf("added twice: %v", err)
	}

	a.send("late")
	if err := b.RemoveLink("eth1"); err != nil {
		t.Fatal(err)
	}
	sim.Run(time.Second)
	b.want("3s port 0: late from 192.0.2.1 to 224.0.0.18", "3s port 2: up false, addresses [], error netiftest: no such link: eth1 of host b")
	if err := b.AddLink(netiftest.Link{Name: "eth1", Switch: "other"}); err != nil {
		t.Fatal(err)
	}
	a.send("elsewhere")
	sim.Run(time.Second)
	b.want("4s port 0: elsewhere from 192.0.2.1 to 224.0.0.18", "4s port 2: up true, addresses [], error <nil>")
}

// TestClaimOfAStranger: hosts hear the claim with its MAC address, but not if that is their own.
func TestClaimOfAStranger(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Millisecond}, epoch)
	probes := newProbes(t, sim, 3)
	a, b, c := probes[0], probes[1], probes[2]
	four, stranger, virtual := netip.MustParseAddr("192.0.2.100"), [6]byte{2, 0, 0, 0, 0, 9}, [6]byte{0, 0, 0x5e, 0, 1, 7}
	a.announce(four)
	sim.Run(time.Second)
	a.log, b.log, c.log = nil, nil, nil
	var macs [][6]byte
	b.claimed = func(mac [6]byte) { macs = append(macs, mac) }

	sim.Claim("", four, stranger)
	sim.Claim("other", four, stranger)
	sim.Claim("", four, a.MAC())
	sim.Claim("", four, virtual)
	if owner := sim.Owner(four); owner != nil {
		t.Errorf("%v has the address that a stranger claimed", owner)
	}
	sim.Run(time.Second)
	a.want("1.001s port 0: 192.0.2.100 claimed", "1.001s port 0: 192.0.2.100 claimed")
	if diff := cmp.Diff([][6]byte{stranger, a.MAC(), virtual}, macs); diff != "" {
		t.Errorf("MAC addresses (-want +got):\n%s", diff)
	}
}

// TestAttach: a port is the same for everybody who attaches, and goes with the last one.
func TestAttach(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 2)
	a, b := probes[0], probes[1]
	if again := b.attach("eth0", group4); again != b.v4 {
		t.Errorf("attached again as %d, before as %d", again, b.v4)
	}
	b.net.Detach(b.v4)
	a.send("one")
	sim.Run(time.Second)
	if !b.heard("one") {
		t.Error("nothing heard after the first of two Detach")
	}
	b.net.Detach(b.v4)
	b.log = nil
	a.send("two")
	sim.Run(time.Second)
	b.want()
	if again := b.attach("eth0", group4); again != b.v4 {
		t.Errorf("the number that is free again was not used, but %d", again)
	}
	sim.Run(0)
	b.want("2s port 0: up true, addresses [192.0.2.2], error <nil>")
}

// TestAttachIsReported: whoever attaches is told of the link, though somebody else was before.
func TestAttachIsReported(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	a := newProbes(t, sim, 1)[0]
	a.attach("eth0", group4)
	sim.Run(0)
	a.want("0s port 0: up true, addresses [192.0.2.1], error <nil>")
}

// TestDetachDropsWhatIsUnderWay: a packet for a port that is gone isn't given to the next one of the same number.
func TestDetachDropsWhatIsUnderWay(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Second}, epoch)
	probes := newProbes(t, sim, 2)
	a, b := probes[0], probes[1]
	a.send("late")
	b.net.Detach(b.v4)
	if again := b.attach("eth0", netip.MustParseAddr("224.0.0.5")); again != b.v4 {
		t.Fatalf("attached as %d, want %d", again, b.v4)
	}
	sim.Run(time.Minute)
	b.want("0s port 0: up true, addresses [192.0.2.2], error <nil>")
}

func TestClaims(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Millisecond}, epoch)
	probes := newProbes(t, sim, 3)
	a, b, c := probes[0], probes[1], probes[2]
	four, six := netip.MustParseAddr("192.0.2.100"), netip.MustParseAddr("fe80::100")
	if owner := sim.Owner(four); owner != nil {
		t.Errorf("%v has the address before it was announced", owner)
	}
	sim.Cut(a.Host, c.Host, true)
	a.announce(four, six)
	if owner := sim.Owner(six); owner != a.Host {
		t.Errorf("%v has the address that a announced", owner)
	}
	sim.Run(time.Second)
	a.want()
	b.want("1ms port 0: 192.0.2.100 claimed", "1ms port 1: fe80::100 claimed")
	c.want()
	b.announce(four)
	if owner := sim.Owner(four); owner != b.Host {
		t.Errorf("%v has the address that b announced last", owner)
	}
	sim.Run(time.Second)
	a.want("1.001s port 0: 192.0.2.100 claimed")
	b.want()
}

func TestAnnounceFails(t *testing.T) {
	lan := netiftest.New(netiftest.Config{})
	host := lan.Host("a", netiftest.Link{})
	addr := netip.MustParseAddr("192.0.2.100")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := host.Announce(ended, "eth0", [6]byte{}, []netip.Addr{addr}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if err := host.SetLink("eth0", false); err != nil {
		t.Fatal(err)
	}
	if err := host.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{addr}); err == nil {
		t.Error("no error though the link is down")
	}
	if owner := lan.Owner(addr); owner != nil {
		t.Errorf("%v has the address", owner)
	}
}

// TestTap: a tap sees all that is sent, also what nobody hears, and no packet twice.
func TestTap(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Loss: 1, Delay: time.Second}, epoch)
	probes := newProbes(t, sim, 3)
	var got []netiftest.Packet
	sim.Tap(func(p netiftest.Packet) { got = append(got, p) })
	sim.Run(time.Minute)
	probes[0].send("one")
	injected := netiftest.Packet{At: epoch, From: probes[1].Host, Switch: "other", Src: group4, Dst: group6, HopLimit: 1, Payload: []byte("two")}
	sim.Inject(injected)
	sim.Run(time.Minute)
	probes[1].want()
	now := epoch.Add(time.Minute)
	injected.At, injected.From = now, nil
	want := []netiftest.Packet{{At: now, From: probes[0].Host, MAC: probes[0].MAC(), Src: probes[0].addr4, Dst: group4, HopLimit: 255, Payload: []byte("one")}, injected}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b *netiftest.Host) bool { return a == b }), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("tapped (-want +got):\n%s", diff)
	}
}

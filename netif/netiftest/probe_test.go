// SPDX-License-Identifier: Apache-2.0

package netiftest_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

var (
	epoch  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	group4 = netip.MustParseAddr("224.0.0.18")
	group6 = netip.MustParseAddr("ff02::12")
)

// probe takes the place of a router: it attaches to eth0 in both families and notes all that the network tells it.
type probe struct {
	t *testing.T
	*netiftest.Host
	net    *netiftest.Network
	now    func() time.Time
	v4, v6 int // ports
	addr4  netip.Addr
	addr6  netip.Addr
	log    []string
	until  time.Time // what Turn returns
	done   bool      // the same

	claimed func(mac [6]byte) // nil: none
}

// newProbes makes hosts a, b, c and so on, whose addresses on eth0 end in 1, 2, 3, and steps their probes.
func newProbes(t *testing.T, sim *netiftest.Simulation, n int) []*probe {
	t.Helper()
	var probes []*probe
	for i := range n {
		addrs := []netip.Prefix{
			netip.MustParsePrefix(fmt.Sprintf("192.0.2.%d/24", i+1)),
			netip.MustParsePrefix(fmt.Sprintf("fe80::%d/64", i+1)),
		}
		p := &probe{t: t, Host: sim.Host(string(rune('a'+i)), netiftest.Link{Addresses: addrs}), now: sim.Now,
			addr4: addrs[0].Addr(), addr6: addrs[1].Addr()}
		p.net = p.Network()
		p.v4, p.v6 = p.attach("eth0", group4), p.attach("eth0", group6)
		sim.Drive(p.Host, p)
		probes = append(probes, p)
	}
	sim.Run(0)
	for _, p := range probes {
		p.log = nil // the first report of the links
	}
	return probes
}

// attach attaches to a link that is there.
func (p *probe) attach(link string, group netip.Addr) int {
	p.t.Helper()
	port, err := p.net.Attach(link, group)
	if err != nil {
		p.t.Fatal(err)
	}
	return port
}

// Turn notes what has come in, in the order in which a router looks at it.
func (p *probe) Turn() (time.Time, bool) {
	p.net.Receive(func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
		if hopLimit != 255 || at.After(p.now()) {
			p.t.Errorf("%v received %q with hop limit %d at %v, which is %v", p, payload, hopLimit, at, p.now())
		}
		p.note(at, fmt.Sprintf("port %d: %s from %v to %v", port, payload, src, dst))
	})
	p.net.Links(func(port int, up bool, addrs []netip.Addr, err error) {
		p.note(p.now(), fmt.Sprintf("port %d: up %v, addresses %v, error %v", port, up, addrs, err))
	})
	p.net.Claims(func(port int, addr netip.Addr, mac [6]byte) {
		if p.claimed != nil {
			p.claimed(mac)
		}
		p.note(p.now(), fmt.Sprintf("port %d: %v claimed", port, addr))
	})
	return p.until, p.done
}

// note writes a line into the log, with the time since the beginning.
func (p *probe) note(at time.Time, line string) {
	p.log = append(p.log, fmt.Sprintf("%v %s", at.Sub(epoch), line))
}

// send sends a payload to the group of IPv4.
func (p *probe) send(payload string) {
	p.t.Helper()
	p.sendTo(p.v4, p.addr4, group4, payload)
}

// sendTo sends a payload from a port.
func (p *probe) sendTo(port int, src, dst netip.Addr, payload string) {
	p.t.Helper()
	p.net.Queue(port, [6]byte{}, src, dst, []byte(payload))
	p.net.Flush(func(port int, err error) { p.t.Errorf("%v, port %d: %v", p, port, err) })
}

// announce announces addresses on eth0.
func (p *probe) announce(addrs ...netip.Addr) {
	p.t.Helper()
	if err := p.net.Announce(p.t.Context(), "eth0", [6]byte{}, addrs); err != nil {
		p.t.Error(err)
	}
}

// want compares what was noted since the last call.
func (p *probe) want(lines ...string) {
	p.t.Helper()
	if diff := cmp.Diff(lines, p.log); diff != "" {
		p.t.Errorf("%v noted (-want +got):\n%s", p, diff)
	}
	p.log = nil
}

// heard reports whether the payload is in the log.
func (p *probe) heard(payload string) bool {
	line := fmt.Sprintf(": %s from ", payload)
	return slices.ContainsFunc(p.log, func(l string) bool { return strings.Contains(l, line) })
}

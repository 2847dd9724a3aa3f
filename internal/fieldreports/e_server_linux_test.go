// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vrrp"
)

// serve has a host listen on an address: to each who connects it says its name.
func (b *bench) serve(host string, at netip.AddrPort) {
	b.Helper()
	b.within(host, func() error {
		l, err := net.Listen("tcp", at.String())
		if err != nil {
			return err
		}
		b.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, host)
				c.Close()
			}
		}()
		return nil
	})
}

// greet returns the name that a server says to a host, empty if there is no answer.
func (b *bench) greet(host string, at netip.AddrPort) (name string) {
	b.Helper()
	b.within(host, func() error {
		c, err := net.DialTimeout("tcp", at.String(), patience)
		if err != nil {
			b.Log(err)
			return nil
		}
		defer c.Close()
		said, err := io.ReadAll(c)
		name = string(said)
		return err
	})
	return name
}

// TestNonlocalBindServer has a server on each node that listens on the service addresses, and on nothing else, before any
// of the nodes has them. Each answers when the addresses come, without being restarted.
func TestNonlocalBindServer(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	at := []netip.AddrPort{netip.AddrPortFrom(vip4().Addr(), 80), netip.AddrPortFrom(ipv6VIPs()[1].Addr(), 80)}
	for _, host := range []string{"n1", "n2"} {
		var sysctls netif.Sysctls
		b.within(host, func() error {
			_, err := sysctls.Apply(slices.Concat(netif.NonlocalBind(false), netif.NonlocalBind(true))...)
			return err
		})
		b.serve(host, at[0])
		b.serve(host, at[1])
	}
	start := func(host string, priority uint8) *node {
		return b.startWith(host, setup{Virtual: []vrrp.VirtualRouterConfig{virtual(priority), virtual(priority, ipv6VIPs()...)}})
	}
	all := append(ipv6VIPs(), vip4())
	answers := func(host, other string) {
		t.Helper()
		b.awaitHolder(host, []string{other}, all...)
		b.awaitNeighbour("client", "eth0", b.mac(host), ipv6VIPs()[1], vip4())
		for _, a := range at {
			if got := b.greet("client", a); got != host {
				t.Errorf("%q answers on %v, want %s", got, a, host)
			}
		}
	}
	n1 := start("n1", 200)
	n1.awaitAll("is Active", isActive)
	n2 := start("n2", 100)
	n2.awaitFollower()
	b.learn("client", "eth0", b.mac("n1"), ipv6VIPs()[1], vip4())
	answers("n1", "n2")
	n1.stop()
	answers("n2", "n1")
	start("n1", 200)
	answers("n1", "n2")
	b.must(b.host("n1").SetLink(0, false)) // a failure
	await(t, "n2 has the addresses", func() bool { return b.holds("n2", all...) })
	answers("n2", "n1")
}

// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestIPv6UsableAtOnce has IPv6 service addresses move to a node whose links run duplicate address detection, while the
// node from which they go still has them: cut off from the switch, and then for the time of a hand-over. The first echo
// request and the first SYN after an announcement are answered, and no address is ever tentative, let alone given up.
func TestIPv6UsableAtOnce(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2", "client")
	doubts := make(map[string]*doubts)
	for _, host := range []string{"n1", "n2"} {
		b.setSysctl(host, "ipv6/conf/eth0/accept_dad", 1)
		b.serve(host, netip.AddrPortFrom(netip.IPv6Unspecified(), 80))
		doubts[host] = b.watchDetection(host)
	}
	service := ipv6VIPs()[1]
	n1 := b.start("n1", virtual(200, ipv6VIPs()...))
	n1.awaitState(vrrp.Active)
	n2 := b.start("n2", virtual(100, ipv6VIPs()...))
	n2.awaitFollower()
	b.learn("client", "eth0", b.mac("n1"), service)

	mark := b.wire.mark()
	b.must(b.host("n1").Unplug())
	b.usableAtOnce("n2", mark, service)
	if !b.holds("n1", ipv6VIPs()...) {
		t.Error("n1 has let go: this shows nothing")
	}
	n1.stop()
	b.must(b.host("n1").Plug())
	for range 2 { // n1 adds them while n2 has them, and lets go again
		mark = b.wire.mark()
		n1 = b.start("n1", virtual(200, ipv6VIPs()...))
		b.usableAtOnce("n1", mark, service)
		mark = b.wire.mark()
		n1.stop()
		b.usableAtOnce("n2", mark, service)
	}
	for host, d := range doubts {
		if got := d.all(); len(got) > 0 {
			t.Errorf("%s: tentative or given up: %v", host, got)
		}
	}
}

// usableAtOnce waits until a host has announced an address after the mark, and the client has taken that in. It then
// wants one echo request and one SYN to reach that host without a question, and both to be answered.
func (b *bench) usableAtOnce(host string, mark int, service netip.Prefix) {
	b.Helper()
	await(b.T, host+" announces "+service.String(), func() bool { return b.announced(host, mark, service.Addr()) })
	b.awaitNeighbour("client", "eth0", b.mac(host), service)
	mark = b.wire.mark()
	if r := b.pingOnce("client", service.Addr()); r.Answers != 1 {
		b.Errorf("echo request to %s: %+v", host, r)
	}
	if got := b.greet("client", netip.AddrPortFrom(service.Addr(), 80)); got != host {
		b.Errorf("%q answers, want %s", got, host)
	}
	var got []string
	await(b.T, "the SYN-ACK on the wire", func() bool {
		got = nil
		for _, s := range b.wire.since(mark) {
			if what := about(s, service.Addr()); what != "" {
				got = append(got, what+" "+s.host)
			}
		}
		return slices.Contains(got, "SYN-ACK "+host)
	})
	if want := []string{"echo request client", "echo reply " + host, "SYN client", "SYN-ACK " + host}; !slices.Equal(got, want) {
		b.Errorf("after the announcement of %s: %q, want %q", host, got, want)
	}
}

// pingOnce returns what becomes of a single echo request.
func (b *bench) pingOnce(host string, addr netip.Addr) (result netlab.PingResult) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	_, err := netlab.Ping(ctx, b.host(host), addr, time.Hour, func(r netlab.PingResult) {
		result = r
		cancel()
	})
	b.must(err)
	return result
}

// announced reports whether a host has announced an address after the mark.
func (b *bench) announced(host string, mark int, addr netip.Addr) bool {
	return slices.ContainsFunc(b.wire.sent(host, mark, claim), func(s seen) bool { return s.addr == addr })
}

// about says what a frame is, of those that matter to the first use of an IPv6 address.
func about(s seen, addr netip.Addr) string {
	if len(s.raw) < 14+40+14 || s.raw[12] != 0x86 {
		return ""
	}
	from, to := netip.AddrFrom16([16]byte(s.raw[22:])), netip.AddrFrom16([16]byte(s.raw[38:]))
	const flags = 54 + 13
	switch next, typ := s.raw[20], s.raw[54]; {
	case next == 58 && typ == 128 && to == addr:
		return "echo request"
	case next == 58 && typ == 129 && from == addr:
		return "echo reply"
	case next == 58 && typ == 135 && s.host == "client" && netip.AddrFrom16([16]byte(s.raw[62:])) == addr:
		return "solicitation"
	case next == 6 && s.raw[flags]&0x12 == 0x02 && to == addr:
		return "SYN"
	case next == 6 && s.raw[flags]&0x12 == 0x12 && from == addr:
		return "SYN-ACK"
	}
	return ""
}

// doubts are the IPv6 addresses of a host that duplicate address detection was about.
type doubts struct {
	mu    sync.Mutex
	addrs []string
}

// watchDetection notes them from now on, but for those that the kernel made.
func (b *bench) watchDetection(host string) *doubts {
	b.Helper()
	d := &doubts{}
	updates, done := make(chan netlink.AddrUpdate, 64), make(chan struct{})
	b.within(host, func() error { return netlink.AddrSubscribe(updates, done) })
	b.Cleanup(func() { close(done) })
	go func() {
		for u := range updates {
			d.note(u)
		}
	}()
	return d
}

// note takes a message of the kernel.
func (d *doubts) note(u netlink.AddrUpdate) {
	ip, _ := netip.AddrFromSlice(u.LinkAddress.IP)
	for _, p := range ipv6VIPs() {
		if u.NewAddr && ip == p.Addr() && u.Flags&(unix.IFA_F_TENTATIVE|unix.IFA_F_DADFAILED) != 0 {
			d.mu.Lock()
			d.addrs = append(d.addrs, ip.String())
			d.mu.Unlock()
		}
	}
}

// all returns them.
func (d *doubts) all() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.addrs)
}

// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport62DuplicateSourceIsAFaultWithAReason has another host with the link-local address: the kernel gives ours
// up for good, and the status says why the router does not take part.
func TestFieldReport62DuplicateSourceIsAFaultWithAReason(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	source := netip.MustParsePrefix("fe80::71/64")
	b.removeLinkLocal("n1", "eth0")
	b.address("n2", "eth0", source, unix.IFA_F_NODAD)
	b.setSysctl("n1", "ipv6/conf/eth0/accept_dad", 1)
	b.address("n1", "eth0", source, 0)
	await(t, "duplicate address detection fails", func() bool { return b.flags("n1", "eth0", source.Addr())&unix.IFA_F_DADFAILED != 0 })
	n1 := b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{virtual(200, ipv6VIPs()...), virtual(100)}})
	await(t, "IPv4 is Active", func() bool { return n1.virtual[1].Status().State == vrrp.Active })
	s := n1.status()
	if s.State != vrrp.Initialize || s.Stats.Sent != 0 {
		t.Errorf("%+v", s)
	}
	if s.Last.Reason != vrrp.ReasonNoAddress && (s.LinkError == nil || !strings.Contains(s.LinkError.Error(), "address")) {
		t.Errorf("no reason is given: last %v, link error %v", s.Last, s.LinkError)
	}
	b.somebody("n1", "eth0", netlink.AddrDel, source)
	b.address("n1", "eth0", netip.MustParsePrefix("fe80::72/64"), unix.IFA_F_NODAD)
	n1.awaitState(vrrp.Active)
}

// flags returns what the kernel says of an address on a link, all bits set if it is not there.
func (b *bench) flags(host, link string, addr netip.Addr) (flags int) {
	b.Helper()
	flags = -1
	b.somebody(host, link, func(l netlink.Link, _ *netlink.Addr) error {
		all, err := netlab.Whole(func() ([]netlink.Addr, error) { return netlink.AddrList(l, netlink.FAMILY_ALL) })
		for _, a := range all {
			if ip, _ := netip.AddrFromSlice(a.IP); ip.Unmap() == addr {
				flags = a.Flags
			}
		}
		return err
	}, vip4())
	return flags
}

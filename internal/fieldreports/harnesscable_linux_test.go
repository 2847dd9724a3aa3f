// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"

	"github.com/vishvananda/netlink"
)

// unwire deletes eth0 of a host, and the port of the switch with it.
func (b *bench) unwire(host string) {
	b.Helper()
	b.within(host, func() error {
		l, err := netlink.LinkByName("eth0")
		if err == nil {
			err = netlink.LinkDel(l)
		}
		return err
	})
}

// rewire makes eth0 of a host anew, with other numbers and another MAC address, and plugs it in. It has the address of
// the host, and is up.
func (b *bench) rewire(host string) {
	b.Helper()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = fmt.Sprintf("port%d.0", slices.Index(b.hosts, host))
	master, err := netlink.LinkByName("br0")
	b.must(err)
	attrs.MasterIndex = master.Attrs().Index
	var ns *os.File
	b.within(host, func() (err error) {
		ns, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	defer ns.Close()
	veth := netlink.NewVeth(attrs)
	veth.PeerName, veth.PeerNamespace = "eth0", netlink.NsFd(ns.Fd())
	b.must(netlink.LinkAdd(veth))
	b.must(netlink.LinkSetUp(veth))
	b.somebody(host, "eth0", netlink.AddrAdd, netip.PrefixFrom(b.host(host).Addr(0), 24))
	b.must(b.host(host).SetLink(0, true))
}

// mtu sets that of eth0 of a host.
func (b *bench) mtu(host string, octets int) {
	b.Helper()
	b.within(host, func() error {
		l, err := netlink.LinkByName("eth0")
		if err == nil {
			err = netlink.LinkSetMTU(l, octets)
		}
		return err
	})
}

// setSysctl sets one of a host, such as "ipv6/conf/eth0/disable_ipv6".
func (b *bench) setSysctl(host, name string, value int) {
	b.Helper()
	b.within(host, func() error { return os.WriteFile("/proc/sys/net/"+name, []byte(strconv.Itoa(value)), 0) })
}

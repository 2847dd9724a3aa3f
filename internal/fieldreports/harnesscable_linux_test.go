// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"os"
	"strconv"

	"github.com/vishvananda/netlink"
)

// unwire deletes eth0 of a host, and the port of the switch with it.
func (b *bench) unwire(host string) {
	b.Helper()
	b.must(b.host(host).Unwire(0))
}

// rewire makes eth0 of a host anew, with other numbers and another MAC address, and plugs it in. It has the addresses of
// the host, and is up.
func (b *bench) rewire(host string) {
	b.Helper()
	b.must(b.host(host).Rewire(0))
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

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// marksFile balances what has a mark, whatever its port.
const marksFile = `virtual_server fwmark 7 {
	lvs_sched rr
	lvs_method DR
	real_server 10.10.10.41 {
		PING_CHECK {
		}
	}
}
virtual_server fwmark 8 {
	lvs_sched rr
	lvs_method DR
	real_server fd00::73 {
		PING_CHECK {
		}
	}
}
`

// TestMarks has an answer from two ports of an address by one service, which knows its packets by their mark.
func TestMarks(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	b.shell("d1", "ip addr add 10.10.10.11/32 dev eth0; ip -6 addr add fd00::11/128 dev eth0")
	b.shell("s1", "ip addr add 10.10.10.11/32 dev dummy0; ip -6 addr add fd00::11/128 dev dummy0")
	if err := b.lab.Host("d1").Do(func() error {
		return errors.Join(mark(unix.ETH_P_IP, "10.10.10.11", 7), mark(unix.ETH_P_IPV6, "fd00::11", 8))
	}); err != nil {
		t.Fatal(err)
	}
	addrs := []string{"10.10.10.11:90", "10.10.10.11:91", "[fd00::11]:90", "[fd00::11]:91"}
	for _, addr := range addrs {
		b.answerTCP("s1", addr)
	}
	d, _ := b.director("d1", marksFile)
	for _, addr := range addrs {
		b.eventually("answer from "+addr, func() bool { return b.query("tcp", "", addr) == "hello" })
	}
	b.stop(d)
	if got := b.query("tcp", "", addrs[0]); got != "" {
		t.Errorf("%q without a service", got)
	}
}

// mark gives what comes for an address a mark, as nft(8) and iptables(8) do where there are rules for it.
func mark(protocol uint16, addr string, number uint32) error {
	eth0, err := netlink.LinkByName("eth0")
	if err != nil {
		return err
	}
	index := eth0.Attrs().Index
	clsact := &netlink.Clsact{QdiscAttrs: netlink.QdiscAttrs{LinkIndex: index, Handle: netlink.MakeHandle(0xffff, 0), Parent: netlink.HANDLE_CLSACT}}
	edit := netlink.NewSkbEditAction()
	edit.Mark = &number
	filter := &netlink.Flower{
		FilterAttrs: netlink.FilterAttrs{LinkIndex: index, Parent: netlink.HANDLE_MIN_INGRESS, Priority: uint16(number), Protocol: protocol},
		EthType:     protocol, DestIP: net.ParseIP(addr), Actions: []netlink.Action{edit},
	}
	if err := netlink.QdiscAdd(clsact); err != nil && !errors.Is(err, unix.EEXIST) {
		return err
	}
	return netlink.FilterAdd(filter)
}

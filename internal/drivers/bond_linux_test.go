// SPDX-License-Identifier: Apache-2.0

package drivers

import (
	"errors"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// TestBond has a bond fail over to its other slave without a change of roles.
func TestBond(t *testing.T) {
	b := newBench(t, 2, "bond0", "bond0", "10.8.0.", "fd08::")
	if b == nil {
		return
	}
	b.joinSwitches()
	b.each(makeBond, b.n1, b.n2, b.client)
	b.failover()
	became := b.transitions(b.n1) + b.transitions(b.n2)

	b.setPort("port0.0", false) // of eth0 of n1
	b.eventually("the other slave", func() bool { return b.activeSlave(b.n1) == "eth1" })
	b.wantHolder(b.n1)
	b.passTime(5)
	if n := b.transitions(b.n1) + b.transitions(b.n2); n != became || b.holds(b.n1) != 4 {
		t.Errorf("roles changed %d times, n1 has %d addresses", n-became, b.holds(b.n1))
	}

	b.setPort("port0.1", false) // the last slave
	b.eventually("addresses on n2", func() bool { return b.holds(b.n2) == 4 })
	b.setPort("port0.0", true)
	b.wantHolder(b.n1)
	b.end()
}

// makeBond makes bond0 of both links of a host.
func makeBond(h *netlab.Host) error {
	bond := netlink.NewLinkBond(attributes("bond0"))
	bond.Mode, bond.Miimon = netlink.BOND_MODE_ACTIVE_BACKUP, 50
	if err := netlink.LinkAdd(bond); err != nil {
		return err
	}
	for _, name := range []string{"eth0", "eth1"} {
		slave, err := netlink.LinkByName(name)
		if err != nil {
			return err
		}
		if err := errors.Join(netlink.LinkSetDown(slave), netlink.LinkSetMaster(slave, bond), netlink.LinkSetUp(slave)); err != nil {
			return err
		}
	}
	return configure(h, bond, "10.8.0.", "fd08::")
}

// joinSwitches makes one network of both switches.
func (b *bench) joinSwitches() {
	b.t.Helper()
	trunk := netlink.NewVeth(attributes("trunk0"))
	trunk.PeerName = "trunk1"
	if err := netlink.LinkAdd(trunk); err != nil {
		b.t.Fatal(err)
	}
	for name, bridge := range map[string]string{"trunk0": "br0", "trunk1": "br1"} {
		port, err1 := netlink.LinkByName(name)
		master, err2 := netlink.LinkByName(bridge)
		if err := errors.Join(err1, err2); err != nil {
			b.t.Fatal(err)
		}
		if err := errors.Join(netlink.LinkSetMaster(port, master), netlink.LinkSetUp(port)); err != nil {
			b.t.Fatal(err)
		}
	}
	b.t.Cleanup(func() {
		if err := netlink.LinkDel(trunk); err != nil {
			b.t.Error(err)
		}
	})
}

// setPort takes the carrier from the link of a host, or gives it back.
func (b *bench) setPort(name string, up bool) {
	b.t.Helper()
	port, err := netlink.LinkByName(name)
	if err == nil && up {
		err = netlink.LinkSetUp(port)
	} else if err == nil {
		err = netlink.LinkSetDown(port)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// activeSlave returns which of its links the bond of a host uses.
func (b *bench) activeSlave(h *netlab.Host) (name string) {
	b.on(h, func() error {
		link, err := netlink.LinkByName("bond0")
		if err != nil {
			return err
		}
		slave, err := netlink.LinkByIndex(link.(*netlink.Bond).ActiveSlave)
		if err == nil {
			name = slave.Attrs().Name
		}
		return nil // there may be none for a moment
	})
	return name
}

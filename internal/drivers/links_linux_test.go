// SPDX-License-Identifier: Apache-2.0

package drivers

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// attributes returns those of a link to be made.
func attributes(name string) netlink.LinkAttrs {
	a := netlink.NewLinkAttrs()
	a.Name = name
	return a
}

// TestDummy has service addresses of both families on a dummy interface, on hosts that forward nothing. The kernel answers
// ARP requests for them on every link, but no neighbour solicitations: the daemons do.
func TestDummy(t *testing.T) {
	b := newBench(t, 1, "eth0", "dummy0", "10.0.0.", "fd00::")
	if b == nil {
		return
	}
	b.each(func(h *netlab.Host) error {
		dummy := &netlink.Dummy{LinkAttrs: attributes("dummy0")}
		return errors.Join(netlink.LinkAdd(dummy), netlink.LinkSetUp(dummy))
	}, b.n1, b.n2)
	b.failover()
	b.end()
}

// set sets a kernel setting.
func set(name, value string) error { return os.WriteFile("/proc/sys/"+name, []byte(value), 0) }

// TestVLAN has everything in a VLAN: what crosses the switch with the protocols' numbers has its tag.
func TestVLAN(t *testing.T) {
	b := newBench(t, 1, "eth0.7", "eth0.7", "10.7.0.", "fd07::")
	if b == nil {
		return
	}
	b.each(func(h *netlab.Host) error {
		parent, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		vlan := &netlink.Vlan{LinkAttrs: attributes("eth0.7"), VlanId: 7}
		vlan.ParentIndex = parent.Attrs().Index
		return errors.Join(netlink.LinkAdd(vlan), configure(h, vlan, "10.7.0.", "fd07::"))
	}, b.n1, b.n2, b.client)
	b.failover()
	b.end()
}

// TestVRF has the link of the routers in a VRF.
func TestVRF(t *testing.T) {
	b := newBench(t, 1, "eth0", "eth0", "10.0.0.", "fd00::")
	if b == nil {
		return
	}
	b.each(func(h *netlab.Host) error {
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		vrf := &netlink.Vrf{LinkAttrs: attributes("blue"), Table: 100}
		return errors.Join(set("net/ipv6/conf/eth0/keep_addr_on_down", "1"), netlink.LinkAdd(vrf), netlink.LinkSetUp(vrf), netlink.LinkSetMaster(eth0, vrf))
	}, b.n1, b.n2)
	b.failover()
	b.end()
}

// TestNetem has the link of the better router delay, duplicate and reorder, which changes nothing, and then lose
// everything that it sends: the other one takes over, and yields when it hears it again.
func TestNetem(t *testing.T) {
	b := newBench(t, 1, "eth0", "eth0", "10.0.0.", "fd00::")
	if b == nil {
		return
	}
	b.start(b.n1)
	b.start(b.n2)
	b.wantHolder(b.n1)
	before := b.transitions(b.n2)
	b.impair(netlink.NetemQdiscAttrs{Latency: 200_000, Jitter: 100_000, Duplicate: 30})
	b.passTime(8)
	if n := b.transitions(b.n2); n != before || b.holds(b.n1) != 4 {
		t.Errorf("n2 became Active %d times, n1 has %d addresses", n-before, b.holds(b.n1))
	}
	b.impair(netlink.NetemQdiscAttrs{Loss: 100})
	b.eventually("addresses on n2", func() bool { return b.holds(b.n2) == 4 })
	b.impair(netlink.NetemQdiscAttrs{Latency: 1000})
	b.wantHolder(b.n1)
	b.end()
}

// impair says what becomes of what n1 sends.
func (b *bench) impair(how netlink.NetemQdiscAttrs) {
	b.t.Helper()
	b.on(b.n1, func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		return netlink.QdiscReplace(netlink.NewNetem(netlink.QdiscAttrs{LinkIndex: eth0.Attrs().Index, Parent: netlink.HANDLE_ROOT}, how))
	})
}

// passTime waits for a number of advertisements of n1 on the switch.
func (b *bench) passTime(advertisements int) {
	b.t.Helper()
	source := b.vrrp4.As4() // which has the network of n1's own
	source[3] = b.n1.Addr(0).As4()[3]
	heard := make(chan struct{}, 1000)
	stop, err := b.lab.Capture(func(_ time.Time, frame []byte) {
		if len(frame) > 34 && frame[12] == 8 && frame[13] == 0 && frame[14+9] == 112 && [4]byte(frame[26:30]) == source {
			select {
			case heard <- struct{}{}:
			default:
			}
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	defer stop()
	for i := range advertisements {
		select {
		case <-heard:
		case <-time.After(patience):
			b.t.Fatalf("%d advertisements", i)
		}
	}
}

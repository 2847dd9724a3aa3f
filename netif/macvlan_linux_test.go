// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/checksum"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// neighbour returns the MAC address at which a host finds another address on its eth0.
func neighbour(t *testing.T, h *netlab.Host, addr netip.Addr) (mac [6]byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := netlab.Ping(ctx, h, addr, 50*time.Millisecond, func(r netlab.PingResult) {
		if r.Answers > 0 {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	within(t, h, func() error {
		list, err := netlab.Whole(func() ([]netlink.Neigh, error) {
			return netlink.NeighList(eth("eth0").Attrs().Index, netlink.FAMILY_ALL)
		})
		for _, n := range list {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && ip.Unmap() == addr && len(n.HardwareAddr) == 6 {
				mac = [6]byte(n.HardwareAddr)
			}
		}
		return err
	})
	return mac
}

// newMacvlan returns a virtual MAC that is removed when the test ends. It skips the test if the kernel has no driver.
func newMacvlan(t *testing.T, h *netlab.Host, cfg netif.MacvlanConfig) *netif.Macvlan {
	t.Helper()
	var m *netif.Macvlan
	err := h.Do(func() (err error) {
		m, err = netif.AddMacvlan(cfg)
		return err
	})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Remove(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// serve has an interface up with an address.
func serve(t *testing.T, h *netlab.Host, m *netif.Macvlan, addr netip.Prefix) {
	t.Helper()
	if err := m.SetUp(true); err != nil {
		t.Fatal(err)
	}
	within(t, h, func() error { return addAddress(m.Name(), addr, unix.IFA_F_NODAD|unix.IFA_F_NOPREFIXROUTE) })
}

func TestVirtualMAC(t *testing.T) {
	for want, got := range map[[6]byte][6]byte{
		{0x00, 0x00, 0x5e, 0x00, 0x01, 0x33}: netif.VirtualMAC(51, false),
		{0x00, 0x00, 0x5e, 0x00, 0x02, 0xff}: netif.VirtualMAC(255, true),
	} {
		if got != want {
			t.Errorf("%x, want %x", got, want)
		}
	}
}

// TestFieldReport31ParentKeepsItsMAC wants the MAC address of the network card never to change.
func TestFieldReport31ParentKeepsItsMAC(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, host := hostWithDriver(t, &netlink.Macvlan{})
	before := macOf(t, host)
	m := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 51})
	if err := m.SetUp(true); err != nil {
		t.Fatal(err)
	}
	if after := macOf(t, host); after != before {
		t.Errorf("MAC of the parent was %x and is %x", before, after)
	}
}

// TestFieldReport57NoLinkLocalOfTheVirtualMAC looks at the interface when it is up: it has made no address, is
// in private mode and has its settings. Adding it once more changes nothing.
func TestFieldReport57NoLinkLocalOfTheVirtualMAC(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, host := hostWithDriver(t, &netlink.Macvlan{})
	for _, ipv6 := range []bool{false, true} {
		cfg := netif.MacvlanConfig{Parent: "eth0", VRID: 51, IPv6: ipv6, Sysctls: new(netif.Sysctls)}
		m := newMacvlan(t, host, cfg)
		if err := m.SetUp(true); err != nil {
			t.Fatal(err)
		}
		within(t, host, func() error {
			same, err := netif.AddMacvlan(cfg)
			if err != nil {
				return err
			}
			if !m.Made() || !same.Made() || same.Name() != m.Name() {
				t.Errorf("second: %v, first: %v", same, m)
			}
			checkMacvlan(t, m.Name(), netif.VirtualMAC(51, ipv6))
			return sysctlsHold(netif.MacvlanSettings(m.Name(), "eth0", ipv6))
		})
	}
}

// TestFieldReport69MACFromTheBeginning wants the first message about the interface to tell its MAC address.
func TestFieldReport69MACFromTheBeginning(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, host := hostWithDriver(t, &netlink.Macvlan{})
	updates, done := make(chan netlink.LinkUpdate), make(chan struct{})
	defer close(done)
	within(t, host, func() error { return netlink.LinkSubscribe(updates, done) })
	m := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 51})
	want := netif.VirtualMAC(51, false)
	for {
		select {
		case u := <-updates:
			if u.Attrs().Name != m.Name() {
				continue
			}
			if !bytes.Equal(u.Attrs().HardwareAddr, want[:]) {
				t.Errorf("MAC %v", u.Attrs().HardwareAddr)
			}
			return
		case <-time.After(20 * time.Second):
			t.Fatal("no message")
		}
	}
}

// sysctlsHold returns an error if settings are not as they are to be.
func sysctlsHold(settings []netif.Setting) error {
	var sysctls netif.Sysctls
	return sysctls.Verify(settings...)
}

// checkMacvlan checks an interface that is up.
func checkMacvlan(t *testing.T, name string, mac [6]byte) {
	t.Helper()
	l := eth(name)
	m, ok := l.(*netlink.Macvlan)
	if !ok || m.Mode != netlink.MACVLAN_MODE_PRIVATE || !bytes.Equal(m.HardwareAddr, mac[:]) || m.RawFlags&unix.IFF_UP == 0 {
		t.Errorf("%s: %+v", name, l)
	}
	if !strings.HasPrefix(l.Attrs().Alias, "fhrp: virtual MAC ") {
		t.Errorf("%s: alias %q", name, l.Attrs().Alias)
	}
	if addrs, err := netlab.Whole(func() ([]netlink.Addr, error) { return netlink.AddrList(l, netlink.FAMILY_ALL) }); err != nil || len(addrs) > 0 {
		t.Errorf("%s: addresses %v, %v", name, addrs, err)
	}
}

// TestMacvlanPutsSettingsBack has two virtual MACs on a parent, with rp_filter on for all links.
func TestMacvlanPutsSettingsBack(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, host := hostWithDriver(t, &netlink.Macvlan{})
	rpFilter := func(all, eth0, fresh string) {
		t.Helper()
		within(t, host, func() error {
			wantSysctl(t, "net/ipv4/conf/all/rp_filter", all)
			wantSysctl(t, "net/ipv4/conf/eth0/rp_filter", eth0)
			wantSysctl(t, "net/ipv4/conf/default/rp_filter", fresh)
			return nil
		})
	}
	within(t, host, func() error { return os.WriteFile("/proc/sys/net/ipv4/conf/all/rp_filter", []byte("1"), 0) })
	rpFilter("1", "0", "0")

	sysctls := new(netif.Sysctls)
	first := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 1, Sysctls: sysctls})
	rpFilter("0", "1", "1")
	second := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 2, Sysctls: sysctls})
	if err := first.Remove(); err != nil {
		t.Fatal(err)
	}
	rpFilter("0", "1", "1")
	if err := second.Remove(); err != nil {
		t.Fatal(err)
	}
	rpFilter("1", "0", "0")
	within(t, host, func() error {
		wantSysctl(t, "net/ipv4/conf/eth0/arp_ignore", "0")
		wantSysctl(t, "net/ipv4/conf/eth0/arp_filter", "0")
		links, err := netlab.Whole(func() ([]netlink.Link, error) { return netlink.LinkList() })
		if len(links) != 2 {
			t.Errorf("links: %v", links)
		}
		return err
	})
}

// TestFieldReport66VirtualMACAnswers has a neighbour find the service address at the virtual MAC and the address of the
// host at its own, and nothing else.
func TestFieldReport66VirtualMACAnswers(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, host := hostWithDriver(t, &netlink.Macvlan{})
	own := macOf(t, host)
	answers := watchARP(t, lab)
	for _, tt := range []struct {
		service netip.Prefix
		host    netip.Addr
	}{
		{netip.MustParsePrefix("10.0.0.200/32"), host.Addr(0)},
		{netip.MustParsePrefix("fd00::200/128"), host.Addr6(0)},
	} {
		ipv6 := tt.service.Addr().Is6()
		m := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 51, IPv6: ipv6})
		serve(t, host, m, tt.service)
		if got := neighbour(t, lab.Host("n2"), tt.service.Addr()); got != netif.VirtualMAC(51, ipv6) {
			t.Errorf("%v is at %x", tt.service, got)
		}
		if got := neighbour(t, lab.Host("n2"), tt.host); got != own {
			t.Errorf("%v is at %x, want %x", tt.host, got, own)
		}
	}
	for answer := range answers() {
		if strings.HasPrefix(answer, "10.0.0.200") != strings.HasSuffix(answer, "00:00:5e:00:01:33") {
			t.Errorf("ARP answer: %s", answer)
		}
	}
}

// watchARP notes the ARP replies that cross the switch: which address is where.
func watchARP(t *testing.T, lab *netlab.Lab) func() map[string]bool {
	t.Helper()
	seen := make(map[string]bool)
	stop, err := lab.Capture(func(_ time.Time, b []byte) {
		if len(b) >= 42 && b[12] == 8 && b[13] == 6 && b[21] == 2 {
			seen[fmt.Sprintf("%v at %v", netip.AddrFrom4([4]byte(b[28:])), net.HardwareAddr(b[22:28]))] = true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() map[string]bool {
		stop()
		return seen
	}
}

// TestFieldReport41NoReportsFromVirtualMAC wants nothing at all from a virtual MAC that is down, on a host that
// forwards: those that are up join the group of all routers.
func TestFieldReport41NoReportsFromVirtualMAC(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, host := hostWithDriver(t, &netlink.Macvlan{})
	within(t, host, func() error {
		return errors.Join(os.WriteFile("/proc/sys/net/ipv6/conf/all/forwarding", []byte("1"), 0),
			os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0))
	})
	down := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 1, IPv6: true})
	newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 1})
	up4 := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 2})
	up6 := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 2, IPv6: true})

	var mu sync.Mutex
	frames := make(map[string]int)
	reported := make(chan struct{})
	stop, err := lab.Capture(func(_ time.Time, b []byte) {
		if !bytes.HasPrefix(b[6:], []byte{0, 0, 0x5e, 0}) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		src := net.HardwareAddr(b[6:12]).String()
		if frames[src]++; src == "00:00:5e:00:02:02" && frames[src] == 1 {
			close(reported)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(up4.SetUp(true), up6.SetUp(true)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reported: // as everybody's would
	case <-time.After(20 * time.Second):
		t.Error("no report from one that is up: this test can't tell")
	}
	if err := down.SetUp(false); err != nil {
		t.Error(err)
	}
	stop()
	delete(frames, "00:00:5e:00:02:02")
	if len(frames) > 0 {
		t.Errorf("frames: %v", frames)
	}
}

// advertisement returns a frame with a packet of protocol 112. A bridge may look at the checksum of its header.
func advertisement(mac [6]byte) []byte {
	header := []byte{0x45, 0xc0, 0, 28, 0, 0, 0, 0, 255, 112, 0, 0, 10, 0, 0, 72, 224, 0, 0, 18}
	binary.BigEndian.PutUint16(header[10:], ^checksum.Fold(checksum.Sum(header, 0)))
	return slices.Concat([]byte{1, 0, 0x5e, 0, 0, 18}, mac[:], []byte{8, 0}, header, []byte{0x31, mac[5], 100, 0, 0, 100, 0, 0})
}

// TestFieldReport46AdvertisementsOfARival sends packets of protocol 112 from the virtual MAC of two routers, one of
// which is up here: a packet socket on the parent sees both.
func TestFieldReport46AdvertisementsOfARival(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, host := hostWithDriver(t, &netlink.Macvlan{})
	newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 1})
	up := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 2})
	if err := up.SetUp(true); err != nil {
		t.Fatal(err)
	}
	var fd int
	within(t, host, func() (err error) {
		ifi, err := net.InterfaceByName("eth0")
		if err != nil {
			return err
		}
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); err != nil {
			return err
		}
		const all = unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8
		return unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all & 0xffff, Ifindex: ifi.Index})
	})
	defer unix.Close(fd)
	within(t, lab.Host("n2"), func() error {
		for vrid := range uint8(2) {
			sendFrame(t, "eth0", advertisement(netif.VirtualMAC(vrid+1, false)))
		}
		return nil
	})
	seen := make(map[byte]bool)
	b := make([]byte, 2048)
	for deadline := time.Now().Add(20 * time.Second); !(seen[1] && seen[2]) && time.Now().Before(deadline); {
		if n, _ := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 100); n == 0 {
			continue
		}
		n, _, err := unix.Recvfrom(fd, b, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n >= 36 && b[23] == 112 {
			seen[b[11]] = true
		}
	}
	if !seen[1] || !seen[2] {
		t.Errorf("seen: %v", seen)
	}
}

// TestFieldReport67ParentFlaps wants the address answered for with the virtual MAC again when the parent is back. In IPv6,
// where a link-local address would be gone, that is report 61.
func TestFieldReport67ParentFlaps(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab, host := hostWithDriver(t, &netlink.Macvlan{})
		m := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 51, IPv6: group.Is6()})
		service := netip.MustParsePrefix("10.0.0.200/32")
		if group.Is6() {
			service = netip.MustParsePrefix("fd00::200/128")
			within(t, host, func() error {
				return addAddress(m.Name(), netip.MustParsePrefix("fe80::200/128"), unix.IFA_F_NODAD)
			})
		}
		serve(t, host, m, service)
		if err := errors.Join(host.SetLink(0, false), host.SetLink(0, true)); err != nil {
			t.Fatal(err)
		}
		if err := m.SetUp(true); err != nil {
			t.Fatal(err)
		}
		if group.Is6() {
			within(t, host, func() error { // the kernel takes the parent's own with its state
				return addAddress("eth0", netip.PrefixFrom(host.Addr6(0), 64), unix.IFA_F_NODAD)
			})
		}
		if got := neighbour(t, lab.Host("n2"), service.Addr()); got != vmac(group) {
			t.Errorf("%v is at %x", service, got)
		}
		within(t, host, func() error {
			addrs, err := netlink.AddrList(eth(m.Name()), netlink.FAMILY_ALL)
			if want := 1 + group.BitLen()/128; len(addrs) != want {
				t.Errorf("addresses on the virtual MAC: %v, want %d", addrs, want)
			}
			return err
		})
	})
}

// TestMacvlanSetAgain wants settings that a program made otherwise after the interface was made set again.
func TestMacvlanSetAgain(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, host := hostWithDriver(t, &netlink.Macvlan{})
	m := newMacvlan(t, host, netif.MacvlanConfig{Parent: "eth0", VRID: 51})
	name := "net/ipv4/conf/" + m.Name() + "/rp_filter"
	within(t, host, func() error { return os.WriteFile("/proc/sys/"+name, []byte("2"), 0) })
	if err := m.SetUp(true); err != nil {
		t.Fatal(err)
	}
	within(t, host, func() error {
		wantSysctl(t, name, "0")
		return nil
	})
}

// TestMacvlanLeftBehind finds what an earlier run left: one that does not fit is made anew, with all it had gone.
func TestMacvlanLeftBehind(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, host := hostWithDriver(t, &netlink.Macvlan{})
	within(t, host, func() error {
		cfg := netif.MacvlanConfig{Parent: "eth0", VRID: 51, Name: "vip0"}
		left, err := netif.AddMacvlan(cfg)
		if err != nil {
			return err
		}
		if err := addAddress("vip0", netip.MustParsePrefix("10.0.0.200/32"), 0); err != nil {
			return err
		}
		cfg.VRID = 52
		m, err := netif.AddMacvlan(cfg)
		if err != nil {
			return err
		}
		if err := errors.Join(m.SetUp(true), left.SetUp(true)); !errors.Is(err, netif.ErrNoLink) {
			t.Errorf("the interface that is gone: %v", err)
		}
		checkMacvlan(t, "vip0", netif.VirtualMAC(52, false))
		return errors.Join(m.Remove(), left.Remove())
	})
}

func ExampleAddMacvlan() {
	sysctls := new(netif.Sysctls) // of the whole program
	m, err := netif.AddMacvlan(netif.MacvlanConfig{Parent: "eth0", VRID: 51, Sysctls: sysctls})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Remove()
	// Active: SetUp(true), then the addresses. Backup: the addresses away, then SetUp(false).
	fmt.Println("service addresses go to", m.Name())
}

// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/netif/doctor"
	"github.com/go-fhrp/fhrp/vip"
)

// TestHealthyHost wants nothing found where nothing is wrong, and nothing sent.
func TestHealthyHost(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	var sent []string
	stop, err := lab.Capture(func(_ time.Time, b []byte) {
		if len(b) > 23 && (b[12] == 0x08 && b[23] == 112 || b[12] == 0x86 && b[20] == 112) {
			sent = append(sent, string(b))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, diagnose(t, lab.Host("n1"), briefly, router4(), router6()))
	if stop(); len(sent) > 0 {
		t.Errorf("%d packets of protocol 112, the first: %x", len(sent), sent[0])
	}
}

// TestFieldReport25FirewallDropsProtocol112 has packets dropped on their way in and out, in every hook.
func TestFieldReport25FirewallDropsProtocol112(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	for name, hook := range map[string]uint32{
		"input": unix.NF_INET_LOCAL_IN, "prerouting": unix.NF_INET_PRE_ROUTING,
		"output": unix.NF_INET_LOCAL_OUT, "postrouting": unix.NF_INET_POST_ROUTING,
	} {
		t.Run(name, func(t *testing.T) {
			n1, _ := twoHosts(t, 1)
			firewall(t, n1, hook)
			for _, r := range []doctor.Router{router4(), router6()} {
				findings := diagnose(t, n1, briefly, r)
				want(t, findings, doctor.PacketsDropped)
				refused := strings.Contains(findings[0].Detail, "refuses to send")
				if name != "postrouting" && refused != (name == "output") || refused != strings.Contains(findings[0].Fix, "OUTPUT") {
					t.Errorf("hook %s", name)
				}
			}
		})
	}
}

// TestFieldReport26SeenOnTheLinkOnly has advertisements come by the link and be dropped for their source.
func TestFieldReport26SeenOnTheLinkOnly(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, n2 := twoHosts(t, 1)
	add(t, n2, "eth0", "192.0.2.72/24", 0)
	setOn(t, n1, "ipv4/conf/eth0/rp_filter", "1")
	speak(t, n2, "192.0.2.72", vrrp(51, "10.0.0.200"))
	findings := diagnose(t, n1, briefly, router4())
	want(t, findings, doctor.PacketsDropped)
	if !strings.Contains(findings[0].Detail, "192.0.2.72") || !strings.Contains(findings[0].Fix, "rp_filter") {
		t.Error(findings[0])
	}
}

// TestFieldReport66RPFilter has the way back to a network lead to another link.
func TestFieldReport66RPFilter(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 2)
	within(t, n1, func() error {
		eth1, err := netlink.LinkByName("eth1")
		if err != nil {
			return err
		}
		for _, network := range []string{"10.0.0.0/25"} { // longer than that of eth0
			if err := netlink.RouteAdd(&netlink.Route{LinkIndex: eth1.Attrs().Index, Dst: ipNet(netip.MustParsePrefix(network))}); err != nil {
				return err
			}
		}
		return nil
	})
	want(t, diagnose(t, n1, silently, router4()))
	setOn(t, n1, "ipv4/conf/all/rp_filter", "1")
	findings := diagnose(t, n1, silently, router4())
	want(t, findings, doctor.RPFilter)
	if f := findings[0]; f.Fix != "sysctl -w net/ipv4/conf/eth0/rp_filter=2" || !strings.Contains(f.Detail, "leave by eth1") {
		t.Error(f)
	}
	setOn(t, n1, "ipv4/conf/eth0/rp_filter", "2")
	want(t, diagnose(t, n1, silently, router4()))
}

// TestFieldReport68VRF has the link in a routing domain of its own.
func TestFieldReport68VRF(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 1)
	err := n1.Do(func() error {
		vrf := &netlink.Vrf{LinkAttrs: netlink.NewLinkAttrs(), Table: 10}
		vrf.Name = "blue"
		if err := netlink.LinkAdd(vrf); err != nil {
			return err
		}
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		return errors.Join(netlink.LinkSetUp(vrf), netlink.LinkSetMaster(eth0, vrf), set("ipv4/conf/eth0/rp_filter", "1"))
	})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("the kernel has no driver vrf: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var findings []doctor.Finding
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		findings = diagnose(t, n1, briefly, router4(), router6())
		if len(findings) == 0 {
			break // the kernel has given it a link-local address again
		}
	}
	want(t, findings)
}

// TestForeignSpeaker has others use the number of the router: with other addresses, with the same as a peer has, and in
// another protocol.
func TestForeignSpeaker(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	carp := append([]byte{0x21, 51, 0, 7, 0, 1, 0, 0}, make([]byte, 28)...)
	for name, tt := range map[string]struct {
		payload  []byte
		router   doctor.Router
		severity doctor.Severity
	}{
		"peer":                {vrrp(51, "10.0.0.200"), router4(), 0},
		"another number":      {vrrp(52, "10.0.0.201"), router4(), 0},
		"other addresses":     {vrrp(51, "10.0.0.201"), router4(), doctor.Error},
		"one address more":    {vrrp(51, "10.0.0.200", "10.0.0.201"), router4(), doctor.Warning},
		"another protocol":    {carp, router4(), doctor.Error},
		"IPv6 peer":           {vrrp(51, "fe80::200"), router6(), 0},
		"other IPv6 address":  {vrrp(51, "fe80::201"), router6(), doctor.Error},
		"CARP with that VHID": {carp, doctor.Router{Link: "eth0", ID: 51, CARP: true}, doctor.Note},
	} {
		t.Run(name, func(t *testing.T) {
			n1, n2 := twoHosts(t, 1)
			source := n2.Addr(0).String()
			if tt.router.IPv6 {
				source = n2.Addr6(0).String()
			}
			speak(t, n2, source, tt.payload)
			findings := diagnose(t, n1, briefly, tt.router)
			if tt.severity == 0 {
				want(t, findings)
				return
			}
			want(t, findings, doctor.ForeignSpeaker)
			if f := findings[0]; f.Severity != tt.severity || !strings.Contains(f.Detail, source) {
				t.Error(f)
			}
		})
	}
}

// TestFieldReport64LinkLocalNotReady has the link-local address go and come back as one that another host has.
func TestFieldReport64LinkLocalNotReady(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, n2 := twoHosts(t, 1)
	flush(t, n1, "eth0", netlink.FAMILY_V6)
	want(t, diagnose(t, n1, silently, router6()), doctor.NoLinkLocal)

	setOn(t, n1, "ipv6/conf/eth0/accept_dad", "1")
	setOn(t, n1, "ipv6/conf/eth0/dad_transmits", "600") // a second each
	add(t, n1, "eth0", "fe80::1/64", 0)
	want(t, diagnose(t, n1, silently, router6()), doctor.Tentative)
	flush(t, n1, "eth0", netlink.FAMILY_V6)

	add(t, n2, "eth0", "fe80::1/64", unix.IFA_F_NODAD)
	add(t, n1, "eth0", "fe80::1/64", 0)
	var findings []doctor.Finding
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		findings = diagnose(t, n1, silently, router6())
		if len(findings) == 1 && findings[0].Kind == doctor.DuplicateAddress {
			break
		}
	}
	want(t, findings, doctor.DuplicateAddress)
	setOn(t, n1, "ipv6/conf/eth0/disable_ipv6", "1")
	findings = diagnose(t, n1, silently, router6())
	want(t, findings, doctor.NoLinkLocal)
	if f := findings[0]; f.Fix != "sysctl -w net/ipv6/conf/eth0/disable_ipv6=0" {
		t.Error(f)
	}
}

// TestLinks looks at links that are missing, down, and without an address.
func TestLinks(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 1)
	absent := router4()
	absent.Link = "absent0"
	want(t, diagnose(t, n1, silently, absent), doctor.LinkMissing)
	if err := n1.SetLink(0, false); err != nil {
		t.Fatal(err)
	}
	findings := diagnose(t, n1, silently, router4())
	want(t, findings, doctor.LinkDown)
	if f := findings[0]; f.Fix != "ip link set eth0 up" || !strings.Contains(f.Detail, "administratively") {
		t.Error(f)
	}
	if err := n1.SetLink(0, true); err != nil {
		t.Fatal(err)
	}
	flush(t, n1, "eth0", netlink.FAMILY_V4)
	add(t, n1, "eth0", "10.0.0.200/32", 0)
	want(t, diagnose(t, n1, silently, router4()), doctor.NoIPv4, doctor.AddressPresent)
}

// TestCapabilities looks as somebody without any, who can't listen either.
func TestCapabilities(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 1)
	within(t, n1, func() error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			return err
		}
		findings, err := doctor.Diagnose(t.Context(), doctor.Config{Routers: []doctor.Router{router4()}})
		want(t, findings, doctor.Capability, doctor.Capability, doctor.NotChecked)
		return err
	})
}

// TestMembership has a program listen that is not a member of the group.
func TestMembership(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 1)
	within(t, n1, func() error {
		for _, tt := range []struct {
			domain int
			router doctor.Router
		}{{unix.AF_INET, router4()}, {unix.AF_INET6, router6()}} {
			fd, err := unix.Socket(tt.domain, unix.SOCK_RAW, 112)
			if err != nil {
				return err
			}
			defer unix.Close(fd)
			cfg := doctor.Config{Routers: []doctor.Router{tt.router}, Listen: silently}
			findings, err := doctor.Diagnose(t.Context(), cfg)
			if err != nil {
				return err
			}
			want(t, findings, doctor.Membership)
			if err := join(fd, tt.domain); err != nil {
				return err
			}
			if findings, err = doctor.Diagnose(t.Context(), cfg); err != nil {
				return err
			}
			want(t, findings)
		}
		return nil
	})
}

// join makes eth0 a member of the group.
func join(fd, domain int) error {
	eth0, err := netlink.LinkByName("eth0")
	if err != nil {
		return err
	}
	if domain == unix.AF_INET {
		m := unix.IPMreqn{Multiaddr: [4]byte{224, 0, 0, 18}, Ifindex: int32(eth0.Attrs().Index)}
		return unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP, &m)
	}
	m := unix.IPv6Mreq{Multiaddr: netip.MustParseAddr("ff02::12").As16(), Interface: uint32(eth0.Attrs().Index)}
	return unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, &m)
}

// TestBridge looks at a bridge that snoops, and at its port.
func TestBridge(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 1)
	within(t, n1, func() error {
		br := &netlink.Bridge{LinkAttrs: netlink.NewLinkAttrs()}
		br.Name = "lan0"
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		return errors.Join(netlink.LinkAdd(br), netlink.LinkSetMaster(eth0, br), netlink.LinkSetUp(br))
	})
	want(t, diagnose(t, n1, silently, router4()), doctor.BridgePort)

	onBridge := router6()
	onBridge.Link = "lan0"
	var findings []doctor.Finding
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		findings = diagnose(t, n1, silently, onBridge)
		if len(findings) == 1 {
			break // it is up, and has its address
		}
	}
	want(t, findings, doctor.Snooping)
	within(t, n1, func() error {
		req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_ACK)
		lan0, err := netlink.LinkByName("lan0")
		if err != nil {
			return err
		}
		m := nl.NewIfInfomsg(unix.AF_UNSPEC)
		m.Index = int32(lan0.Attrs().Index)
		req.AddData(m)
		info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
		info.AddRtAttr(unix.IFLA_INFO_KIND, []byte("bridge"))
		info.AddRtAttr(unix.IFLA_INFO_DATA, nil).AddRtAttr(nl.IFLA_BR_MCAST_QUERIER, nl.Uint8Attr(1))
		req.AddData(info)
		_, err = req.Execute(unix.NETLINK_ROUTE, 0)
		return err
	})
	want(t, diagnose(t, n1, silently, onBridge))
}

// TestAddressPresent looks at service addresses that are there: by whose hand makes the difference.
func TestAddressPresent(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 1)
	r := router4()
	within(t, n1, func() error {
		d, err := vip.Open("eth0", nil)
		if err != nil {
			return err
		}
		defer d.Close()
		if err := d.Add(t.Context(), r.Addresses); err != nil {
			return err
		}
		findings, err := doctor.Diagnose(t.Context(), doctor.Config{Routers: []doctor.Router{r}, Listen: silently})
		want(t, findings, doctor.AddressPresent)
		if f := findings[0]; f.Severity != doctor.Warning || !strings.Contains(f.Detail, "earlier run") {
			t.Error(f)
		}
		return errors.Join(err, d.Remove(t.Context(), r.Addresses))
	})
	add(t, n1, "lo", "10.0.0.200/32", 0)
	findings := diagnose(t, n1, silently, r)
	want(t, findings, doctor.AddressPresent, doctor.ARPIgnore)
	if !slices.ContainsFunc(findings, func(f doctor.Finding) bool {
		return f.Severity == doctor.Error && f.Fix == "ip address del 10.0.0.200/32 dev lo, and from the configuration that adds it"
	}) {
		t.Error(findings)
	}
	within(t, n1, func() error {
		var sysctls netif.Sysctls
		_, err := sysctls.Apply(netif.SilentAddresses("eth0")...)
		return err
	})
	findings = diagnose(t, n1, silently, r)
	want(t, findings, doctor.AddressPresent)
	if f := findings[0]; f.Severity != doctor.Note || !strings.Contains(f.Detail, "is on lo") {
		t.Error(f)
	}
	r.Owner = true
	want(t, diagnose(t, n1, silently, r))
	r.Addresses = []netip.Prefix{netip.MustParsePrefix("10.0.0.201/32")}
	want(t, diagnose(t, n1, silently, r), doctor.AddressMissing)
}

// TestFieldReport66VirtualMACSettings has somebody change what a virtual MAC needs.
func TestFieldReport66VirtualMACSettings(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 1)
	r := router4()
	r.VirtualMAC = true
	var m *netif.Macvlan
	err := n1.Do(func() (err error) {
		m, err = netif.AddMacvlan(netif.MacvlanConfig{Parent: "eth0", VRID: 51})
		return err
	})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.Device = m.Name()
	want(t, diagnose(t, n1, silently, r))
	setOn(t, n1, "ipv4/conf/all/rp_filter", "1")
	setOn(t, n1, "ipv4/conf/"+m.Name()+"/arp_ignore", "0")
	findings := diagnose(t, n1, silently, r)
	want(t, findings, doctor.VirtualMAC, doctor.VirtualMAC)
	if !slices.ContainsFunc(findings, func(f doctor.Finding) bool {
		return f.Fix == "sysctl -w net/ipv4/conf/"+m.Name()+"/arp_ignore=1"
	}) {
		t.Error(findings)
	}
}

// TestContextEnds wants the listening to end with its context, and what was found before.
func TestContextEnds(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	n1, _ := twoHosts(t, 1)
	absent := router4()
	absent.Link = "absent0"
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	within(t, n1, func() error {
		findings, err := doctor.Diagnose(ctx, doctor.Config{Routers: []doctor.Router{router4(), absent}, Listen: time.Hour})
		want(t, findings, doctor.LinkMissing)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		return nil
	})
}

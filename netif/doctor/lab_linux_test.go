// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif/doctor"
)

// within calls f in the namespace of a host.
func within(t *testing.T, h *netlab.Host, f func() error) {
	t.Helper()
	if err := h.Do(f); err != nil {
		t.Fatal(err)
	}
}

// twoHosts returns hosts n1 and n2 of a new lab.
func twoHosts(t *testing.T, links int) (n1, n2 *netlab.Host) {
	t.Helper()
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}, Links: links})
	return lab.Host("n1"), lab.Host("n2")
}

// router4 returns a virtual router on eth0, and router6 one in IPv6.
func router4() doctor.Router {
	return doctor.Router{Link: "eth0", ID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.200/32")}}
}

func router6() doctor.Router {
	return doctor.Router{Link: "eth0", ID: 51, IPv6: true, Addresses: []netip.Prefix{netip.MustParsePrefix("fe80::200/128")}}
}

// briefly is for how long is listened to somebody who speaks all the time; silently is not at all.
const (
	briefly  = 500 * time.Millisecond
	silently = -1
)

// diagnose returns what the doctor finds on a host.
func diagnose(t *testing.T, h *netlab.Host, listen time.Duration, routers ...doctor.Router) (findings []doctor.Finding) {
	t.Helper()
	within(t, h, func() (err error) {
		findings, err = doctor.Diagnose(t.Context(), doctor.Config{Routers: routers, Listen: listen})
		return err
	})
	return findings
}

// want checks that the findings are of some kinds, each once.
func want(t *testing.T, findings []doctor.Finding, kinds ...doctor.Kind) {
	t.Helper()
	var got []doctor.Kind
	for _, f := range findings {
		got = append(got, f.Kind)
	}
	slices.Sort(got)
	slices.Sort(kinds)
	if !slices.Equal(got, kinds) {
		t.Errorf("want %v, got:", kinds)
		for _, f := range findings {
			t.Error(f)
		}
	}
	for _, f := range findings {
		t.Log(f)
	}
}

// set sets a sysctl in the namespace of the calling thread.
func set(name, value string) error { return os.WriteFile("/proc/sys/net/"+name, []byte(value), 0) }

// setOn sets a sysctl of a host.
func setOn(t *testing.T, h *netlab.Host, name, value string) {
	t.Helper()
	within(t, h, func() error { return set(name, value) })
}

// ipNet returns a prefix as netlink has it.
func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// add adds an address to a link of a host.
func add(t *testing.T, h *netlab.Host, link, prefix string, flags int) {
	t.Helper()
	within(t, h, func() error {
		l, err := netlink.LinkByName(link)
		if err != nil {
			return err
		}
		return netlink.AddrAdd(l, &netlink.Addr{IPNet: ipNet(netip.MustParsePrefix(prefix)), Flags: flags})
	})
}

// flush removes the addresses of one family from a link of a host.
func flush(t *testing.T, h *netlab.Host, link string, family int) {
	t.Helper()
	within(t, h, func() error {
		l, err := netlink.LinkByName(link)
		if err != nil {
			return err
		}
		addrs, err := netlab.Whole(func() ([]netlink.Addr, error) { return netlink.AddrList(l, family) })
		for _, a := range addrs {
			err = errors.Join(err, netlink.AddrDel(l, &a))
		}
		return err
	})
}

// speak sends packets of protocol 112 to the group from a host, until the test ends. When it returns the first one
// is sent.
func speak(t *testing.T, h *netlab.Host, source string, payload []byte) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan struct{})
	done := h.Go(func() {
		if err := speakUntil(ctx, netip.MustParseAddr(source), payload, sync.OnceFunc(func() { close(sent) })); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		<-done
	})
	select {
	case <-sent:
	case <-done:
	}
}

func speakUntil(ctx context.Context, source netip.Addr, payload []byte, sent func()) error {
	eth0, err := net.InterfaceByName("eth0")
	if err != nil {
		return err
	}
	var local, group unix.Sockaddr = &unix.SockaddrInet4{Addr: [4]byte(source.AsSlice()[:4])}, &unix.SockaddrInet4{Addr: [4]byte{224, 0, 0, 18}}
	domain, level, hops := unix.AF_INET, unix.IPPROTO_IP, unix.IP_MULTICAST_TTL
	if source.Is6() {
		local = &unix.SockaddrInet6{Addr: source.As16(), ZoneId: uint32(eth0.Index)}
		group = &unix.SockaddrInet6{Addr: netip.MustParseAddr("ff02::12").As16(), ZoneId: uint32(eth0.Index)}
		domain, level, hops = unix.AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS
	}
	fd, err := unix.Socket(domain, unix.SOCK_RAW, 112)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := errors.Join(unix.BindToDevice(fd, "eth0"), unix.Bind(fd, local), unix.SetsockoptInt(fd, level, hops, 255)); err != nil {
		return err
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if err := unix.Sendto(fd, payload, 0, group); err != nil {
			return err
		}
		sent()
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// vrrp returns an advertisement of version 3, whose checksum nobody looks at.
func vrrp(vrid byte, addrs ...string) []byte {
	b := []byte{0x31, vrid, 100, byte(len(addrs)), 0, 100, 0, 0}
	for _, a := range addrs {
		b = append(b, netip.MustParseAddr(a).AsSlice()...)
	}
	return b
}

// firewall has a host drop packets of protocol 112 in a hook of its packet filter: what nft(8) does as "meta
// l4proto 112 drop". The test is skipped if the kernel has none.
func firewall(t *testing.T, h *netlab.Host, hook uint32) {
	t.Helper()
	err := h.Do(func() error {
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		if err := unix.Sendto(fd, dropRule(hook), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
			return err
		}
		b := make([]byte, 1<<16)
		n, _, err := unix.Recvfrom(fd, b, 0)
		if err != nil {
			return err
		}
		if code := int32(binary.NativeEndian.Uint32(b[16:])); n < 20 || code != 0 {
			return unix.Errno(-code)
		}
		return nil
	})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("the kernel has no nf_tables for family inet: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// dropRule returns the messages that make a table, a chain in a hook and a rule (linux/netfilter/nf_tables.h).
func dropRule(hook uint32) []byte {
	const (
		batchBegin, batchEnd = unix.NLMSG_MIN_TYPE, unix.NLMSG_MIN_TYPE + 1
		create               = unix.NLM_F_REQUEST | unix.NLM_F_CREATE
		verdict, register    = 0, 1
		protocolKey, drop    = 16, 0 // NFT_META_L4PROTO, NF_DROP
	)
	name := []byte("t\x00")
	expr := func(kind string, data ...[]byte) []byte {
		return nla(unix.NFTA_LIST_ELEM, nla(unix.NFTA_EXPR_NAME, []byte(kind+"\x00")), nla(unix.NFTA_EXPR_DATA, data...))
	}
	return slices.Concat(
		nft(batchBegin, unix.NLM_F_REQUEST, unix.AF_UNSPEC, unix.NFNL_SUBSYS_NFTABLES),
		nft(unix.NFT_MSG_NEWTABLE, create, unix.NFPROTO_INET, 0, nla(unix.NFTA_TABLE_NAME, name)),
		nft(unix.NFT_MSG_NEWCHAIN, create, unix.NFPROTO_INET, 0,
			nla(unix.NFTA_CHAIN_TABLE, name), nla(unix.NFTA_CHAIN_NAME, name), nla(unix.NFTA_CHAIN_TYPE, []byte("filter\x00")),
			nla(unix.NFTA_CHAIN_HOOK, nla(unix.NFTA_HOOK_HOOKNUM, be32(hook)), nla(unix.NFTA_HOOK_PRIORITY, be32(0)))),
		nft(unix.NFT_MSG_NEWRULE, create|unix.NLM_F_ACK, unix.NFPROTO_INET, 0,
			nla(unix.NFTA_RULE_TABLE, name), nla(unix.NFTA_RULE_CHAIN, name),
			nla(unix.NFTA_RULE_EXPRESSIONS,
				expr("meta", nla(unix.NFTA_META_KEY, be32(protocolKey)), nla(unix.NFTA_META_DREG, be32(register))),
				expr("cmp", nla(unix.NFTA_CMP_SREG, be32(register)), nla(unix.NFTA_CMP_OP, be32(unix.NFT_CMP_EQ)),
					nla(unix.NFTA_CMP_DATA, nla(unix.NFTA_DATA_VALUE, []byte{112}))),
				expr("immediate", nla(unix.NFTA_IMMEDIATE_DREG, be32(verdict)),
					nla(unix.NFTA_IMMEDIATE_DATA, nla(unix.NFTA_DATA_VERDICT, nla(unix.NFTA_VERDICT_CODE, be32(drop))))))),
		nft(batchEnd, unix.NLM_F_REQUEST, unix.AF_UNSPEC, unix.NFNL_SUBSYS_NFTABLES),
	)
}

// nft returns a message of nf_tables.
func nft(typ, flags uint16, family uint8, resource uint16, attrs ...[]byte) []byte {
	if typ != unix.NLMSG_MIN_TYPE && typ != unix.NLMSG_MIN_TYPE+1 {
		typ |= unix.NFNL_SUBSYS_NFTABLES << 8
	}
	body := slices.Concat([]byte{family, 0}, binary.BigEndian.AppendUint16(nil, resource), bytes.Join(attrs, nil))
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.NLMSG_HDRLEN+len(body)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, 1) // sequence
	b = binary.NativeEndian.AppendUint32(b, 0) // port
	return append(b, body...)
}

// nla returns an attribute.
func nla(typ uint16, value ...[]byte) []byte {
	joined := bytes.Join(value, nil)
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(joined)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, joined...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

// be32 returns a number in network byte order.
func be32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

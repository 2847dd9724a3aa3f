// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"errors"
	"net/netip"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// newHost returns a host with links eth0 (2), eth1 (3) and dummy0 (4) that has these files and addresses.
func newHost(files map[string]string, addresses ...address) *host {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return &host{
		files: fsys,
		links: []link{
			{name: "lo", index: 1, up: true},
			{name: "eth0", index: 2, up: true},
			{name: "eth1", index: 3, up: true},
			{name: "dummy0", index: 4, up: true, kind: "dummy"},
		},
		addresses: addresses,
		way:       func(netip.Addr) (int, error) { return 2, nil },
	}
}

// on returns an address of a link that is permanent.
func on(index int, prefix string) address {
	return address{link: index, prefix: netip.MustParsePrefix(prefix), flags: flagPermanent}
}

// sysctls returns settings as files.
func sysctls(settings map[string]string) map[string]string {
	files := make(map[string]string)
	for name, value := range settings {
		files["proc/sys/net/"+name] = value + "\n"
	}
	return files
}

// router returns an IPv4 router on eth0, or an IPv6 one if its first address is.
func router(prefixes ...string) Router {
	r := Router{Link: "eth0", ID: 51}
	for _, p := range prefixes {
		r.Addresses = append(r.Addresses, netip.MustParsePrefix(p))
	}
	r.IPv6 = len(r.Addresses) > 0 && r.Addresses[0].Addr().Is6()
	return r
}

// wantKinds runs one check and wants findings of these kinds, with these fixes.
func wantFixes(t *testing.T, check func(*host, *subject) []Finding, h *host, r Router, kind Kind, fixes ...string) {
	t.Helper()
	var got []string
	for _, s := range subjects(h, []Router{r}) {
		for _, f := range check(h, s) {
			if f.Kind != kind || f.Detail == "" || f.Severity == 0 {
				t.Errorf("finding %#v", f)
			}
			got = append(got, f.Fix)
		}
	}
	if diff := cmp.Diff(fixes, got); diff != "" {
		t.Errorf("fixes (-want +got):\n%s", diff)
	}
}

func TestCheckCapabilities(t *testing.T) {
	for set, want := range map[string]int{
		"000001ffffffffff": 0,
		"0000000000003000": 0, // CAP_NET_ADMIN and CAP_NET_RAW
		"0000000000001000": 1,
		"0000000000002000": 1,
		"0000000000000000": 2,
		"garbage":          1, // not checked
	} {
		h := newHost(map[string]string{"proc/thread-self/status": "Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t" + set + "\nCapBnd:\t0\n"})
		if got := checkCapabilities(h); len(got) != want {
			t.Errorf("%s: %v", set, got)
		}
	}
	if got := checkCapabilities(newHost(nil)); len(got) != 1 || got[0].Kind != NotChecked {
		t.Errorf("without /proc: %v", got)
	}
}

func TestCheckLink(t *testing.T) {
	h := newHost(nil)
	wantFixes(t, checkLink, h, router(), LinkMissing)
	h.link("eth0").down = errors.New("netif: eth0: link is down: no carrier")
	wantFixes(t, checkLink, h, router(), LinkDown, "look at the cable and at the other end of it")
	h.link("eth0").up = false
	wantFixes(t, checkLink, h, router(), LinkDown, "ip link set eth0 up")
	absent := router()
	absent.Link = "eth9"
	wantFixes(t, checkLink, h, absent, LinkMissing, "correct the name, or make the link")
}

func TestCheckBridgePort(t *testing.T) {
	h := newHost(nil)
	h.links = append(h.links, link{name: "br0", index: 9, kind: "bridge"}, link{name: "bond0", index: 8, kind: "bond"})
	wantFixes(t, checkBridgePort, h, router(), BridgePort)
	h.link("eth0").master = 8
	wantFixes(t, checkBridgePort, h, router(), BridgePort)
	h.link("eth0").master = 9
	wantFixes(t, checkBridgePort, h, router(), BridgePort, "use br0 instead of eth0")
}

func TestCheckSnooping(t *testing.T) {
	const fix = "ip link set br0 type bridge mcast_querier 1"
	lan := func(change func(h *host, br *link)) *host {
		h := newHost(nil)
		h.links = append(h.links, link{name: "br0", index: 9, kind: "bridge", snooping: true})
		h.link("eth0").kind, h.link("eth0").lower = "vlan", 9
		change(h, h.link("br0"))
		return h
	}
	r := router("fe80::1/128")
	wantFixes(t, checkSnooping, lan(func(*host, *link) {}), r, Snooping, fix)
	wantFixes(t, checkSnooping, lan(func(*host, *link) {}), router("10.0.0.1/32"), Snooping)
	wantFixes(t, checkSnooping, lan(func(_ *host, br *link) { br.snooping = false }), r, Snooping)
	wantFixes(t, checkSnooping, lan(func(_ *host, br *link) { br.querier = true }), r, Snooping)
	wantFixes(t, checkSnooping, lan(func(_ *host, br *link) { br.otherQuerier = true }), r, Snooping)
	wantFixes(t, checkSnooping, lan(func(h *host, _ *link) { h.link("eth0").lower = 0 }), r, Snooping)
	// One end of a veth pair, whose other end is a port.
	wantFixes(t, checkSnooping, lan(func(h *host, _ *link) {
		h.link("eth0").kind, h.link("eth0").lower, h.link("eth1").kind = "veth", 3, "veth"
		h.link("eth1").lower, h.link("eth1").master = 2, 9
	}), r, Snooping, fix)
	// Both ends of it, and no bridge.
	wantFixes(t, checkSnooping, lan(func(h *host, _ *link) {
		h.link("eth0").kind, h.link("eth0").lower, h.link("eth1").lower = "vlan", 3, 2
	}), r, Snooping)
	r.Unicast = true
	wantFixes(t, checkSnooping, lan(func(*host, *link) {}), r, Snooping)
}

func TestCheckIPv4(t *testing.T) {
	r := router("10.0.0.200/24")
	ours := on(2, "10.0.0.9/32")
	ours.mark = ownMark
	const fix = "ip address add ADDRESS/LENGTH dev eth0"
	wantFixes(t, checkIPv4, newHost(nil, on(2, "10.0.0.1/24")), r, NoIPv4)
	wantFixes(t, checkIPv4, newHost(nil), r, NoIPv4, fix)
	wantFixes(t, checkIPv4, newHost(nil, on(3, "10.0.0.1/24"), on(2, "fe80::1/64")), r, NoIPv4, fix)
	wantFixes(t, checkIPv4, newHost(nil, on(2, "10.0.0.200/24"), ours), r, NoIPv4, fix)
	wantFixes(t, checkIPv4, newHost(nil), router("fe80::1/128"), NoIPv4)
	r.Owner = true // whose address it is
	wantFixes(t, checkIPv4, newHost(nil, on(2, "10.0.0.200/24")), r, NoIPv4)
}

func TestCheckLinkLocal(t *testing.T) {
	r := router("fe80::200/128")
	flagged := func(flags uint32) address {
		return address{link: 2, prefix: netip.MustParsePrefix("fe80::1/64"), flags: flags}
	}
	wantFixes(t, checkLinkLocal, newHost(nil, flagged(flagPermanent)), r, NoLinkLocal)
	wantFixes(t, checkLinkLocal, newHost(nil, flagged(flagTentative|flagOptimistic)), r, NoLinkLocal)
	wantFixes(t, checkLinkLocal, newHost(nil, flagged(flagTentative), on(2, "fe80::2/64")), r, NoLinkLocal)
	wantFixes(t, checkLinkLocal, newHost(nil, flagged(flagTentative)), r, Tentative,
		"wait a second; if it stays so the link has no carrier")
	wantFixes(t, checkLinkLocal, newHost(nil, flagged(flagTentative|flagDADFailed)), r, DuplicateAddress,
		"find the other host, then ip address del fe80::1/64 dev eth0 and ip link set eth0 down, up")
	for fix, settings := range map[string]map[string]string{
		"ip address add fe80::N/64 dev eth0":                  {"ipv6/conf/eth0/disable_ipv6": "0"},
		"sysctl -w net/ipv6/conf/eth0/disable_ipv6=0":         {"ipv6/conf/eth0/disable_ipv6": "1"},
		"sysctl -w net/ipv6/conf/eth0/addr_gen_mode=0":        {"ipv6/conf/eth0/disable_ipv6": "0", "ipv6/conf/eth0/addr_gen_mode": "1"},
		"the kernel has no IPv6: boot without ipv6.disable=1": {},
	} {
		wantFixes(t, checkLinkLocal, newHost(sysctls(settings), on(2, "fe80::200/128"), on(3, "fe80::2/64")), r, NoLinkLocal, fix)
	}
	wantFixes(t, checkLinkLocal, newHost(nil), router("10.0.0.1/32"), NoLinkLocal)
}

func TestCheckRPFilter(t *testing.T) {
	r := router("10.0.0.200/32")
	check := func(own, all string, way int, err error, fixes ...string) {
		t.Helper()
		h := newHost(sysctls(map[string]string{"ipv4/conf/eth0/rp_filter": own, "ipv4/conf/all/rp_filter": all}),
			on(2, "192.0.2.1/32"), on(2, "10.0.0.71/24"))
		h.way = func(a netip.Addr) (int, error) {
			if a != netip.MustParseAddr("10.0.0.72") {
				t.Errorf("way to %v", a)
			}
			return way, err
		}
		wantFixes(t, checkRPFilter, h, r, RPFilter, fixes...)
	}
	const fix = "sysctl -w net/ipv4/conf/eth0/rp_filter=2"
	check("1", "0", 2, nil)
	check("0", "0", 3, nil)
	check("2", "1", 3, nil)
	check("1", "2", 3, nil)
	check("1", "0", 3, nil, fix)
	check("0", "1", 3, nil, fix)
	check("0", "1", 0, errors.New("no route"), fix)

	h := newHost(sysctls(map[string]string{"ipv4/conf/eth0/rp_filter": "1"}), on(2, "10.0.0.71/24"))
	h.way = func(netip.Addr) (int, error) { return 3, nil }
	h.links = append(h.links, link{name: "blue", index: 9, kind: "vrf"})
	h.link("eth0").master = 9
	wantFixes(t, checkRPFilter, h, r, RPFilter)
}

func TestNeighbourIn(t *testing.T) {
	for prefix, want := range map[string]string{
		"10.0.0.71/24":       "10.0.0.72",
		"10.0.0.255/24":      "10.0.0.254",
		"10.0.0.1/31":        "invalid IP", // 10.0.0.0 is the number of the network
		"10.0.0.0/31":        "10.0.0.1",
		"10.0.0.1/32":        "invalid IP",
		"255.255.255.255/24": "255.255.255.254",
	} {
		if got, ok := neighbourIn(netip.MustParsePrefix(prefix)); got.String() != want || ok != got.IsValid() {
			t.Errorf("%s: %v", prefix, got)
		}
	}
}

func TestCheckARP(t *testing.T) {
	elsewhere := router("10.0.0.200/32")
	elsewhere.Device = "dummy0"
	virtual := elsewhere
	virtual.VirtualMAC = true
	owner := router("10.0.0.200/32")
	owner.Owner = true
	ours := on(4, "10.0.0.200/32")
	ours.mark = ownMark
	const (
		own, all = "sysctl -w net/ipv4/conf/eth0/arp_ignore=0", "sysctl -w net/ipv4/conf/all/arp_ignore=0"
		silent   = "sysctl -w net/ipv4/conf/eth0/arp_ignore=1 && sysctl -w net/ipv4/conf/eth0/arp_announce=2"
	)
	for name, tt := range map[string]struct {
		own, all string
		router   Router
		address  address
		fixes    []string
	}{
		"normal":                   {"0", "0", router("10.0.0.200/32"), address{}, nil},
		"own addresses only":       {"1", "0", router("10.0.0.200/32"), address{}, nil},
		"none at all":              {"8", "0", router("10.0.0.200/32"), address{}, []string{own}},
		"none at all on any link":  {"0", "8", router("10.0.0.200/32"), address{}, []string{all}},
		"on another link":          {"0", "0", elsewhere, address{}, nil},
		"not of another link":      {"1", "0", elsewhere, address{}, []string{own}},
		"not of another, any link": {"1", "1", elsewhere, address{}, []string{all + " && " + own}},
		"at a virtual MAC":         {"1", "0", virtual, address{}, nil},
		"there by another hand":    {"0", "0", router("10.0.0.200/32"), on(1, "10.0.0.200/32"), []string{silent}},
		"there and silent":         {"0", "1", router("10.0.0.200/32"), on(1, "10.0.0.200/32"), nil},
		"there by this module":     {"0", "0", elsewhere, ours, nil},
		"there as its owner":       {"0", "0", owner, on(1, "10.0.0.200/32"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(sysctls(map[string]string{"ipv4/conf/eth0/arp_ignore": tt.own, "ipv4/conf/all/arp_ignore": tt.all}), tt.address)
			wantFixes(t, checkARP, h, tt.router, ARPIgnore, tt.fixes...)
		})
	}
}

func TestCheckPromotion(t *testing.T) {
	const fix = "sysctl -w net/ipv4/conf/eth0/promote_secondaries=1, or give them the length /32"
	two := router("10.0.0.200/24", "10.0.0.201/24")
	off := sysctls(map[string]string{"ipv4/conf/eth0/promote_secondaries": "0", "ipv4/conf/all/promote_secondaries": "0"})
	wantFixes(t, checkPromotion, newHost(off), two, PromoteSecondaries, fix)
	wantFixes(t, checkPromotion, newHost(off, on(2, "10.0.0.200/24"), on(3, "10.0.0.1/24")), two, PromoteSecondaries, fix)
	wantFixes(t, checkPromotion, newHost(off, on(2, "10.0.0.1/24")), two, PromoteSecondaries)
	wantFixes(t, checkPromotion, newHost(off), router("10.0.0.200/32", "10.0.0.201/32"), PromoteSecondaries)
	wantFixes(t, checkPromotion, newHost(off), router("10.0.0.200/24", "10.0.1.200/24"), PromoteSecondaries)
	wantFixes(t, checkPromotion, newHost(off), router("fd00::1/64", "fd00::2/64"), PromoteSecondaries)
	for _, name := range []string{"eth0", "all"} {
		h := newHost(sysctls(map[string]string{"ipv4/conf/" + name + "/promote_secondaries": "1"}))
		wantFixes(t, checkPromotion, h, two, PromoteSecondaries)
	}
	two.Device = "absent0"
	wantFixes(t, checkPromotion, newHost(off), two, PromoteSecondaries)
}

func TestCheckAddresses(t *testing.T) {
	r := router("10.0.0.200/24")
	r.Excluded = []netip.Prefix{netip.MustParsePrefix("10.0.0.201/32")}
	ours := on(2, "10.0.0.200/32")
	ours.mark = ownMark
	const fix = "ip address del 10.0.0.200/32 dev eth0"
	wantFixes(t, checkAddresses, newHost(nil, on(2, "10.0.0.1/24")), r, AddressPresent)
	wantFixes(t, checkAddresses, newHost(nil, ours), r, AddressPresent, fix)
	wantFixes(t, checkAddresses, newHost(nil, on(2, "10.0.0.200/32")), r, AddressPresent, fix+", and from the configuration that adds it")
	wantFixes(t, checkAddresses, newHost(nil, on(99, "10.0.0.201/32")), r, AddressPresent,
		"ip address del 10.0.0.201/32 dev link 99, and from the configuration that adds it")
	running := map[string]string{"proc/thread-self/net/raw": rawSockets}
	wantFixes(t, checkAddresses, newHost(running, ours), r, AddressPresent)
	silent := sysctls(map[string]string{"ipv4/conf/eth0/arp_ignore": "1"})
	wantFixes(t, checkAddresses, newHost(silent, on(1, "10.0.0.200/32")), r, AddressPresent,
		"nothing, if this is a server behind the load balancer as well")
	r.Owner = true
	wantFixes(t, checkAddresses, newHost(nil, on(3, "10.0.0.200/32"), on(3, "10.0.0.201/32")), r, AddressMissing)
	wantFixes(t, checkAddresses, newHost(nil, on(3, "10.0.0.200/32")), r, AddressMissing,
		"ip address add 10.0.0.201/32 dev eth0, or a priority of 254 at most")
}

func TestHand(t *testing.T) {
	for want, a := range map[string]address{
		"added by somebody who left no mark":                     {flags: flagPermanent},
		"added by somebody who left no mark, for a limited time": {},
		"added by the kernel":                                    {flags: flagPermanent, mark: 3},
		"added by somebody whose mark is 18":                     {flags: flagPermanent, mark: 18},
	} {
		if got := hand(a); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

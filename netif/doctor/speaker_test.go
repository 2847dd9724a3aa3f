// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/netif"
)

// stationOf returns the station of some routers, to which its packet came back.
func stationOf(h *host, routers ...Router) *station {
	st := newStation(subjects(h, routers)[0])
	st.returned = true
	return &st
}

// hear has a station hear an advertisement, by the link and by a socket.
func (st *station) hear(t *testing.T, src, digits string) {
	t.Helper()
	a := netip.MustParseAddr(src)
	st.arrive(packet{src: a, dst: group(st.ipv6), payload: octets(t, digits)}, net.HardwareAddr{2, 0, 0, 0, 0, 1})
	st.speaker(a).received++
}

// wantFindings checks kinds and severities, and that each detail has some words.
func wantFindings(t *testing.T, got []Finding, kind Kind, severities []Severity, words ...string) {
	t.Helper()
	var have []Severity
	for _, f := range got {
		have = append(have, f.Severity)
		if f.Kind != kind {
			t.Errorf("kind %s", f.Kind)
		}
		for _, w := range words {
			if !strings.Contains(f.String(), w) {
				t.Errorf("no %q in %v", w, f)
			}
		}
	}
	if !slices.Equal(have, severities) {
		t.Errorf("want %v, got %v", severities, got)
	}
}

func TestJudgeVRRP(t *testing.T) {
	for name, tt := range map[string]struct {
		digits    string
		addresses []string
		want      []Severity
	}{
		"peer":                     {vrrp3, []string{"192.0.2.100/24"}, nil},
		"peer of version 2":        {vrrp2, []string{"192.0.2.100/32"}, nil},
		"other address":            {vrrp3, []string{"192.0.2.101/24"}, []Severity{Error}},
		"one address less":         {vrrp3, []string{"192.0.2.100/24", "192.0.2.101/24"}, []Severity{Warning}},
		"something else":           {"00", []string{"192.0.2.101/24"}, nil},
		"CARP with another number": {carp, []string{"192.0.2.101/24"}, nil},
		"CARP":                     {"2133" + carp[4:], []string{"192.0.2.101/24"}, []Severity{Error}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(nil)
			st := stationOf(h, router(tt.addresses...))
			for range 3 {
				st.hear(t, "192.0.2.9", tt.digits)
			}
			wantFindings(t, st.findings(h), ForeignSpeaker, tt.want, "192.0.2.9", "02:00:00:00:00:01")
		})
	}
}

func TestJudgeExcluded(t *testing.T) {
	h, r := newHost(nil), router("192.0.2.100/24")
	r.Excluded = []netip.Prefix{netip.MustParsePrefix("192.0.2.101/24")} // not advertised
	st := stationOf(h, r)
	st.hear(t, "192.0.2.9", vrrp3)
	wantFindings(t, st.findings(h), ForeignSpeaker, nil)
}

func TestJudgeCARP(t *testing.T) {
	h, r := newHost(nil), Router{Link: "eth0", ID: 42, CARP: true}
	st := stationOf(h, r)
	st.hear(t, "192.0.2.9", carp)
	wantFindings(t, st.findings(h), ForeignSpeaker, []Severity{Note}, "VHID 42")
	r.ID = 51
	st = stationOf(h, r)
	st.hear(t, "192.0.2.9", vrrp3)
	wantFindings(t, st.findings(h), ForeignSpeaker, []Severity{Error}, "virtual MAC")
}

// TestJudgeOwn gives a host its own advertisement back.
func TestJudgeOwn(t *testing.T) {
	h := newHost(nil, on(2, "192.0.2.9/24"))
	st := stationOf(h, router("192.0.2.101/24"))
	st.hear(t, "192.0.2.9", vrrp3)
	wantFindings(t, st.findings(h), ForeignSpeaker, nil)
}

func TestCheckDropped(t *testing.T) {
	refused := os.NewSyscallError("sendto", syscall.EPERM)
	for name, tt := range map[string]struct {
		sent     error
		returned bool
		router   Router
		kind     Kind
		want     []Severity
		words    string
	}{
		"well":            {nil, true, router("192.0.2.1/32"), PacketsDropped, nil, ""},
		"refused":         {refused, false, router("192.0.2.1/32"), PacketsDropped, []Severity{Error}, "iptables -I OUTPUT -o eth0 -p 112 -j ACCEPT"},
		"refused in IPv6": {refused, false, router("fe80::1/128"), PacketsDropped, []Severity{Error}, "ip6tables -I OUTPUT"},
		"not sent":        {errors.New("network is unreachable"), false, router("192.0.2.1/32"), NotChecked, []Severity{Note}, "unreachable"},
		"lost":            {nil, false, router("192.0.2.1/32"), PacketsDropped, []Severity{Error}, "iptables -I INPUT -i eth0 -p 112 -j ACCEPT"},
		"lost in IPv6":    {nil, false, router("fe80::1/128"), PacketsDropped, []Severity{Error}, "ff02::12"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(nil)
			st := stationOf(h, tt.router)
			st.sent, st.returned = tt.sent, tt.returned
			wantFindings(t, st.findings(h), tt.kind, tt.want, tt.words)
		})
	}
}

// TestCheckDroppedTaken has packets come that are for somebody else: for the interface with that virtual MAC address, for
// another host, or for members of a group that this one isn't of.
func TestCheckDroppedTaken(t *testing.T) {
	src, mac := netip.MustParseAddr("192.0.2.9"), netif.VirtualMAC(51, false)
	unicast := router("192.0.2.100/24")
	unicast.Unicast = true
	for name, tt := range map[string]struct {
		router Router
		dst    netip.Addr
	}{
		"virtual MAC": {router("192.0.2.100/24"), group(false)},
		"unicast":     {router("192.0.2.100/24"), netip.MustParseAddr("192.0.2.10")},
		"no member":   {unicast, group(false)},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(nil)
			if name == "virtual MAC" {
				h.links = append(h.links, link{name: "vmac", kind: "macvlan", mode: macvlanModePrivate, up: true, lower: 2, mac: mac})
			}
			st := stationOf(h, tt.router)
			st.arrive(packet{src: src, dst: tt.dst, payload: octets(t, vrrp3)}, mac[:])
			wantFindings(t, st.findings(h), PacketsDropped, nil)
		})
	}
}

// TestCheckDroppedOfOthers has packets come by the link that no socket gets: what to do about it depends on why.
func TestCheckDroppedOfOthers(t *testing.T) {
	const accept = "iptables -I INPUT"
	for name, tt := range map[string]struct {
		rpFilter string
		way      int
		err      error
		words    string
	}{
		"no check of the source": {"0", 3, nil, accept},
		"right way":              {"1", 2, nil, accept},
		"another way, strict":    {"1", 3, nil, "sysctl -w net/ipv4/conf/eth0/rp_filter=2"},
		"another way, loose":     {"2", 3, nil, accept},
		"no way":                 {"2", 0, errors.New("no route"), "ip route add 192.0.2.9 dev eth0"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(sysctls(map[string]string{"ipv4/conf/eth0/rp_filter": tt.rpFilter}))
			h.way = func(netip.Addr) (int, error) { return tt.way, tt.err }
			st := stationOf(h, router("192.0.2.100/24"))
			st.arrive(packet{src: netip.MustParseAddr("192.0.2.9"), dst: group(false), payload: octets(t, vrrp3)}, nil)
			st.speaker(netip.MustParseAddr("192.0.2.8")).received++ // of this host, not seen on the link
			wantFindings(t, st.findings(h), PacketsDropped, []Severity{Error}, "192.0.2.9", tt.words)
		})
	}
}

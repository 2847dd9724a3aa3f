// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestPeersWithKeepalived has ours and keepalived take over from each other by files that name the other as a peer, and by files
// with an authentication header.
func TestPeersWithKeepalived(t *testing.T) {
	const ah = "authentication {\n auth_type AH\n auth_pass 1066\n }\n"
	v4, v6 := []string{"10.0.0.100/24"}, []string{"fe80::100/64", "2001:db8::100/64"}
	for _, c := range []struct {
		name  string
		conf  conf
		peers bool
	}{
		{"v2AH", conf{2, "1", ah, v4}, false},
		{"v2Unicast", conf{2, "1", "", v4}, true},
		{"v2UnicastAH", conf{2, "1", ah, v4}, true},
		{"v3Unicast", conf{3, "0.2", "", v4}, true},
		{"v3UnicastIPv6", conf{3, "0.2", "", v6}, true},
		{"v3UnicastHopLimit", conf{3, "0.2", limited, v4}, true},
		{"v3UnicastHopLimitIPv6", conf{3, "0.2", limited, v6}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				takeTurns(t, c.conf, c.peers)
			}
		})
	}
}

// takeTurns runs ours as the better one: start of both, stop, return.
func takeTurns(t *testing.T, c conf, peers bool) {
	p := newPair(t, c, 200, 100)
	own := map[string]netip.Addr{"n1": p.address("n1"), "n2": p.address("n2")}
	start := func(name, other string) {
		p.conf = c
		if peers {
			p.conf.extra += c.unicast(own[name], own[other])
		}
		p.start(name)
	}
	start("n1", "n2")
	p.wantHolder("n1")
	start("n2", "n1")
	eventually(t, "keepalived hears ours", func() bool { return p.follows("n2") })
	p.stop("n1")
	p.wantHolder("n2")
	start("n1", "n2")
	p.wantHolder("n1")
	p.stop("n2")
	p.stop("n1")
	p.wantNoComplaint()
}

// limited has peers send with a hop limit, and take no other.
const limited = "unicast_ttl 77\n  "

// unicast is what a file says about the other node.
func (c conf) unicast(own, other netip.Addr) string {
	want := ""
	if c.extra == limited {
		want = " min_ttl 77 max_ttl 77"
	}
	return fmt.Sprintf("unicast_src_ip %v\n  unicast_peer {\n    %v%s\n  }", own, other, want)
}

// address returns the address of a node that advertisements come from.
func (p *pair) address(name string) netip.Addr {
	if strings.Contains(p.conf.addresses[0], "::") {
		return p.linkLocal(name)
	}
	return p.lab.Host(name).Addr(0)
}

// TestVirtualMACWithKeepalived has the address on an interface with the virtual MAC address, from which advertisements come or, if
// that is asked for, don't, on either side.
func TestVirtualMACWithKeepalived(t *testing.T) {
	netlabtest.Program(t, "keepalived")
	for name, words := range map[string]string{"use_vmac": "use_vmac", "vmac_xmit_base": "use_vmac\n  vmac_xmit_base"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				virtualMAC(t, words)
			}
		})
	}
}

func virtualMAC(t *testing.T, words string) {
	p := newPair(t, conf{3, "0.2", words, []string{"10.0.0.100/24"}}, 200, 100)
	var virtual, other atomic.Int32
	stop, err := p.lab.Capture(func(_ time.Time, frame []byte) {
		if _, _, ok := unwrap(frame); !ok {
			return
		}
		if slices.Equal(frame[6:12], []byte{0, 0, 0x5e, 0, 1, 41}) {
			virtual.Add(1)
		} else {
			other.Add(1)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	held := func(name string) bool {
		var addrs []net.Addr
		err := p.lab.Host(name).Do(func() error {
			link, err := net.InterfaceByName("vrrp.41")
			if err == nil {
				addrs, err = link.Addrs()
			}
			return err
		})
		return err == nil && slices.ContainsFunc(addrs, func(a net.Addr) bool { return a.String() == "10.0.0.100/24" })
	}
	p.start("n1")
	eventually(t, "the address on n1", func() bool { return held("n1") })
	p.start("n2")
	eventually(t, "keepalived hears ours", func() bool { return p.follows("n2") })
	p.stop("n1")
	eventually(t, "the address on n2", func() bool { return held("n2") })
	if err := p.lab.Host("n1").Do(func() error { _, err := net.InterfaceByName("vrrp.41"); return err }); err == nil {
		t.Error("the interface is left behind")
	}
	p.start("n1")
	eventually(t, "the address on n1 again", func() bool { return held("n1") && !held("n2") })
	p.stop("n1")
	p.stop("n2")
	if words == "use_vmac" && (virtual.Load() == 0 || other.Load() > 0) || words != "use_vmac" && (virtual.Load() > 0 || other.Load() == 0) {
		t.Errorf("%d advertisements came from the virtual MAC address, %d from another one", virtual.Load(), other.Load())
	}
	p.wantNoComplaint()
}

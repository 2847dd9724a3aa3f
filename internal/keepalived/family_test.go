// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// Two instances may not be the same virtual router, nor have the same name.
func TestInstanceDuplicates(t *testing.T) {
	one := func(name, link string, vrid int, more string) string {
		return fmt.Sprintf("vrrp_instance %s {\ninterface %s\nvirtual_router_id %d\n%s}\n", name, link, vrid, more)
	}
	const v4, v6 = "virtual_ipaddress {\n10.0.0.1\n}\n", "virtual_ipaddress {\nfe80::1\n}\n"
	for _, test := range []struct{ name, text, want string }{
		{"same name", one("A", "eth0", 1, v4) + one("A", "eth0", 2, v4),
			`8: vrrp_instance "A": the name is taken, in line 1; allowed: another name`},
		{"same router", one("A", "eth0", 1, v4) + one("B", "eth0", 1, v4),
			`8: vrrp_instance "B": has the interface, the virtual_router_id and the address family of "A"; allowed: each of them once, or groups that differ`},
		{"same IPv6 router", one("A", "eth0", 1, v6) + one("B", "eth0", 1, v6),
			`8: vrrp_instance "B": has the interface, the virtual_router_id and the address family of "A"; allowed: each of them once, or groups that differ`},
		{"other interface", one("A", "eth0", 1, v4) + one("B", "eth1", 1, v4), ""},
		{"other VRID", one("A", "eth0", 1, v4) + one("B", "eth0", 2, v4), ""},
		{"other family", one("A", "eth0", 1, v4) + one("B", "eth0", 1, v6), ""},
		{"other group", one("A", "eth0", 1, v4) + one("B", "eth0", 1, "mcast_dst_ip 224.0.0.99\n"+v4), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want == "" {
				refused(t, test.text)
			} else {
				refused(t, test.text, test.want)
			}
		})
	}
}

// The family of an instance follows from the first directive that has one.
func TestInstanceFamily(t *testing.T) {
	v6 := func(more string) string {
		return "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n" + more + "}\n"
	}
	const vip = "virtual_ipaddress {\nfe80::1\n}\n"
	want := defaults()
	want.IPv6, want.Version, want.Group = true, 3, netip.MustParseAddr("ff02::12")
	want.Addresses = []keepalived.Address{{Prefix: netip.MustParsePrefix("fe80::1/128")}}

	accepted(t, v6(vip), want)
	accepted(t, "global_defs {\nvrrp_version 2\n}\n"+v6(vip), func() keepalived.Instance { i := want; i.Line = 4; return i }())
	accepted(t, v6("native_ipv6\nversion 3\n"+vip), want)
	accepted(t, v6(vip+"native_ipv6\n"), want)
	accepted(t, v6("mcast_dst_ip ff02::99\n"+vip), func() keepalived.Instance {
		i := want
		i.Group = netip.MustParseAddr("ff02::99")
		return i
	}())
	refused(t, v6("version 2\n"+vip), `4: version "2": the addresses are IPv6 ones; allowed: version 3`)
	refused(t, v6(vip+"version 2\n"), `7: version "2": the addresses are IPv6 ones; allowed: version 3`)
	refused(t, v6("version 2\nnative_ipv6\n"+vip), "5: native_ipv6: the version was 2 before; allowed: version 3")
	refused(t, v6("native_ipv6\nvirtual_ipaddress {\n10.0.0.1\n}\n"), `6: virtual_ipaddress "10.0.0.1": `+
		"the instance is an IPv6 one by the addresses before; allowed: IPv6; other addresses in virtual_ipaddress_excluded")
	refused(t, v6("mcast_src_ip 10.0.0.1\n"+vip), `6: virtual_ipaddress "fe80::1": `+
		"the instance is an IPv4 one by the addresses before; allowed: IPv4; other addresses in virtual_ipaddress_excluded")
	refused(t, v6("mcast_dst_ip ff05::99\n"+vip), `4: mcast_dst_ip "ff05::99": not a group; `+
		"allowed: an IPv4 multicast or an IPv6 link-local multicast address")
}

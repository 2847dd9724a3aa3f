// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// within returns a file whose instance has a block with lines.
func within(block string, lines ...string) keepalived.Source {
	return source("vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.0.1\n }\n " + block + " {\n" +
		strings.Join(lines, "\n") + "\n}\n}\n")
}

// TestVirtualRoutes reads what ip-route(8) and the samples of keepalived have, and writes it in the words of the former.
func TestVirtualRoutes(t *testing.T) {
	for line, want := range map[string]string{
		"192.168.100.0/24 via 192.168.200.254 dev eth1":                                                 "192.168.100.0/24 via 192.168.200.254 dev eth1",
		"src 192.168.100.1 to 192.168.109.0/24 via 192.168.200.254 dev eth1":                            "192.168.109.0/24 via 192.168.200.254 dev eth1 src 192.168.100.1",
		"192.168.111.0/24 dev eth2 no_track":                                                            "192.168.111.0/24 dev eth2",
		"192.168.113.0/24 via 192.168.200.254 or 192.168.100.254 dev eth1":                              "192.168.113.0/24 nexthop via 192.168.200.254 dev eth1 nexthop via 192.168.100.254 dev eth1",
		"blackhole 192.168.114.0/24":                                                                    "blackhole 192.168.114.0/24",
		"to unreachable 192.168.114.1":                                                                  "unreachable 192.168.114.1/32",
		"0.0.0.0/0 gw 192.168.0.1 table 100":                                                            "default via 192.168.0.1 table 100",
		"default via 10.0.0.9 metric 0x10 table main scope link onlink":                                 "default via 10.0.0.9 onlink metric 16 scope 253",
		"any via inet 10.0.0.9 priority 5 mtu 1400 advmss 1360 tos 0x10 add":                            "default via 10.0.0.9 metric 5 tos 16 mtu 1400 advmss 1360",
		"inet6 default via fe80::1 dev eth0 preference 7":                                               "inet6 default via fe80::1 dev eth0 metric 7",
		"default via fe80::1 dev eth0":                                                                  "inet6 default via fe80::1 dev eth0",
		"2001:db8:1::/48 via 2001:db8::9 src 2001:db8::1":                                               "2001:db8:1::/48 via 2001:db8::9 src 2001:db8::1",
		"192.168.100.7/24 dev eth0":                                                                     "192.168.100.0/24 dev eth0",
		"prohibit 10.9.0.0/16 protocol static":                                                          "prohibit 10.9.0.0/16",
		"192.0.2.0/24 table 7 nexthop via 10.1.1.1 dev w onlink weight 1 nexthop via 10.1.1.2 weight 2": "192.0.2.0/24 table 7 nexthop via 10.1.1.1 dev w onlink nexthop via 10.1.1.2 weight 2",
	} {
		c, err := keepalived.Read(within("virtual_routes", line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := fmt.Sprint(c.Instances[0].Routes); got != "["+want+"]" {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
		if noTrack := strings.Contains(line, "no_track"); c.Instances[0].Routes[0].NoTrack != noTrack {
			t.Errorf("%s: NoTrack is %v", line, !noTrack)
		}
	}
}

// TestVirtualRules does so with ip-rule(8). Rules without priority get one as in keepalived.
func TestVirtualRules(t *testing.T) {
	lines := []string{
		"from 192.168.2.0/24 table 1", "to 192.168.2.0/24 table 1 no_track", "to 192.168.2.0/24 table 1 preference 16383 no_track",
		"from 192.168.28.0/24 to 192.168.29.0/26 table 300 iif eth1 oif wlan0 tos 22 fwmark 24/12 preference 39",
		"not from 2001:db8::/32 lookup main order 0x10", "inet6 from any fwmark 0x7 blackhole priority 8",
		"from all fwmark 0x7 prohibit priority 8", "from 2001:db8::/32 table 2",
	}
	c, err := keepalived.Read(within("virtual_rules", lines...))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range c.Instances[0].Rules {
		got = append(got, u.String())
	}
	want := []string{
		"priority 16384 from 192.168.2.0/24 table 1", "priority 16383 to 192.168.2.0/24 table 1",
		"priority 39 from 192.168.28.0/24 to 192.168.29.0/26 tos 22 fwmark 0x18/0xc iif eth1 oif wlan0 table 300",
		"inet6 priority 16 not from 2001:db8::/32 table 254", "inet6 priority 8 fwmark 0x7 blackhole",
		"priority 8 fwmark 0x7 prohibit", "inet6 priority 16384 from 2001:db8::/32 table 2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestRoutesAndRulesRefused names the line of what can't be done.
func TestRoutesAndRulesRefused(t *testing.T) {
	for _, c := range []struct {
		block, line string
		cause       error
	}{
		{"virtual_routes", "via 10.0.0.9", keepalived.ErrMissing},
		{"virtual_routes", "blackhole", keepalived.ErrMissing},
		{"virtual_routes", "10.1.0.0/16", keepalived.ErrMissing},
		{"virtual_routes", "10.1.0.0/16 via", keepalived.ErrMissing},
		{"virtual_routes", "10.1.0.0/33 dev eth0", keepalived.ErrValue},
		{"virtual_routes", "10.1.0.0/16 vai 10.0.0.9", keepalived.ErrValue},
		{"virtual_routes", "10.1.0.0/16 via fe80::1", keepalived.ErrConflict},
		{"virtual_routes", "blackhole 10.1.0.0/16 dev eth0", keepalived.ErrConflict},
		{"virtual_routes", "10.1.0.0/16 dev eth0 nexthop via 10.0.0.9", keepalived.ErrConflict},
		{"virtual_routes", "10.1.0.0/16 dev eth0 or 10.0.0.9", keepalived.ErrConflict},
		{"virtual_routes", "10.1.0.0/16 nexthop via 10.0.0.9 weight 257", keepalived.ErrValue},
		{"virtual_routes", "10.1.0.0/16 nexthop via 10.0.0.9 realms 5", errors.ErrUnsupported},
		{"virtual_routes", "10.1.0.0/16 dev eth0 table isp1", keepalived.ErrValue},
		{"virtual_routes", "10.1.0.0/16 dev eth0 table 0", keepalived.ErrValue},
		{"virtual_routes", "10.1.0.0/16 dev eth0 metric 1_0", keepalived.ErrValue},
		{"virtual_routes", "10.1.0.0/16 dev eth0 encap ip", errors.ErrUnsupported},
		{"virtual_routes", "10.1.0.0/16 dev a-very-long-interface", keepalived.ErrValue},
		{"virtual_rules", "from 10.0.0.0/8", keepalived.ErrMissing},
		{"virtual_rules", "from", keepalived.ErrMissing},
		{"virtual_rules", "from 10.0.0.0/8 table 5 blackhole", keepalived.ErrConflict},
		{"virtual_rules", "from 10.0.0.0/8 to fe80::/10 table 5", keepalived.ErrConflict},
		{"virtual_rules", "from 10.0.0./8 table 5", keepalived.ErrValue},
		{"virtual_rules", "fwmark x table 5", keepalived.ErrValue},
		{"virtual_rules", "10.0.0.0/8 table 5", keepalived.ErrUnknown},
		{"virtual_rules", "uidrange 1-2 table 5", errors.ErrUnsupported},
	} {
		_, err := keepalived.Read(within(c.block, "", c.line))
		var where *keepalived.Error
		if !errors.Is(err, c.cause) || !errors.As(err, &where) || where.Line != 9 || where.Directive != c.block {
			t.Errorf("%s: %v", c.line, err)
		}
	}
}

// TestTableNames knows the tables of iproute2 by name, those of /etc before those of the distribution.
func TestTableNames(t *testing.T) {
	s := within("virtual_routes", "10.1.0.0/16 dev eth0 table isp1", "10.2.0.0/16 dev eth0 table isp2", "10.3.0.0/16 dev eth0 table local")
	files := s.FS.(fstest.MapFS)
	files["etc/iproute2/rt_tables"] = &fstest.MapFile{Data: []byte("# a comment\n0 unspec\n\n100 isp1 # here\nx isp2\n300 more words\n7 local\n")}
	files["usr/share/iproute2/rt_tables"] = &fstest.MapFile{Data: []byte("101\tisp1\n0x66\tisp2")}
	c, err := keepalived.Read(s)
	if err != nil {
		t.Fatal(err)
	}
	var got []uint32
	for _, r := range c.Instances[0].Routes {
		got = append(got, r.Table)
	}
	if diff := cmp.Diff([]uint32{100, 102, 255}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, name := range []string{"unspec", "more", "isp3"} {
		s := within("virtual_rules", "from 10.0.0.0/8 priority 5 lookup "+name)
		s.FS.(fstest.MapFS)["etc/iproute2/rt_tables"] = files["etc/iproute2/rt_tables"]
		if _, err := keepalived.Read(s); !errors.Is(err, keepalived.ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

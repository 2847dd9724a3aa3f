// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// checkRouting checks that routes and rules can be had, and mean the same as what they are told by.
func checkRouting(t *testing.T, in *keepalived.Instance) {
	t.Helper()
	for _, r := range in.Routes {
		if r.Dst != r.Dst.Masked() || r.Table == 0 || (r.Type == keepalived.Unicast) != (len(r.Hops) > 0) {
			t.Errorf("route %+v", r)
		}
		for _, hop := range r.Hops {
			if hop.Weight < 1 || hop.Weight > 256 || hop.Via.IsValid() && hop.Via.Is6() != r.Dst.Addr().Is6() {
				t.Errorf("route %v: hop %+v", r, hop)
			}
		}
	}
	for _, u := range in.Rules {
		if u.Type == 0 || (u.Type == keepalived.Unicast) != (u.Table > 0) || u.From.IsValid() && u.From.Addr().Is6() != u.IPv6 {
			t.Errorf("rule %+v", u)
		}
	}
}

// TestRoutesAndRulesTold reads what String says of each kind, and gets the same.
func TestRoutesAndRulesTold(t *testing.T) {
	for _, line := range []string{
		"src 10.0.0.1 default via 10.0.0.9 dev eth1 metric 5 table 0x64 scope link onlink", "inet6 default via fe80::1 dev eth0", "blackhole 2001:db8::/32 mtu 1400 advmss 5",
		"10.1.0.0/16 tos 16 nexthop via 10.0.0.8 weight 2 nexthop dev eth1 onlink", "throw 10.2.0.0/16 table 5",
	} {
		first := readOne(t, within("virtual_routes", line)).Routes
		if diff := cmp.Diff(first, readOne(t, within("virtual_routes", first[0].String())).Routes, cmpopts.EquateComparable(first[0].Dst, first[0].Source)); diff != "" {
			t.Errorf("%s: -first +again:\n%s", line, diff)
		}
	}
	for _, line := range []string{
		"not from 10.0.0.0/8 to 10.1.0.0/16 fwmark 7/0xff iif eth0 oif eth1 tos 4 lookup main priority 7", "inet6 from any prohibit preference 5", "fwmark 7 table 9 order 0",
	} {
		first := readOne(t, within("virtual_rules", line)).Rules
		if diff := cmp.Diff(first, readOne(t, within("virtual_rules", first[0].String())).Rules, cmpopts.EquateComparable(first[0].From)); diff != "" {
			t.Errorf("%s: -first +again:\n%s", line, diff)
		}
	}
}

// readOne returns the one instance of a file.
func readOne(t *testing.T, s keepalived.Source) keepalived.Instance {
	t.Helper()
	c, err := keepalived.Read(s)
	if err != nil {
		t.Fatal(err)
	}
	return c.Instances[0]
}

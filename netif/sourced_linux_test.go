// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFieldReport30SourceAwayForAMoment has the only source of a link go and come back before anybody looks: the
// memberships are looked at as soon as somebody does, for they may have gone with it.
func TestFieldReport30SourceAwayForAMoment(t *testing.T) {
	for name, tt := range map[string]struct {
		group, source, other string
		scope                uint8
	}{
		"IPv4": {group: "224.0.0.18", source: "192.0.2.1/24", other: "192.0.2.2/24"},
		"IPv6": {group: "ff02::12", source: "fe80::1/64", other: "fe80::2/64", scope: unix.RT_SCOPE_LINK},
	} {
		t.Run(name, func(t *testing.T) {
			n := new(network)
			n.route = &routeSocket{table: newLinkTable(n.linkChanged)}
			p := n.newPort("eth0", netip.MustParseAddr(tt.group))
			n.ports = []*port{p}
			apply := func(typ uint16, prefix string) {
				n.route.table.apply(typ, addressBody(2, prefix, permanent, tt.scope))
			}
			n.route.table.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
			apply(unix.RTM_NEWADDR, tt.source)
			p.sourced = true // as links finds it

			apply(unix.RTM_NEWADDR, tt.other)
			apply(unix.RTM_DELADDR, tt.source)
			if !p.sourced {
				t.Error("sources were never away: another was there")
			}
			apply(unix.RTM_DELADDR, tt.other)
			apply(unix.RTM_NEWADDR, tt.source)
			if p.sourced {
				t.Error("nobody will know that the sources were away")
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"net/netip"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// hasAddress reports whether this host has an address of a virtual server. One by marks only has it always.
func hasAddress(v *keepalived.VirtualServer) bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return true // rather a check too many
	}
	marks := true
	for _, e := range v.Endpoints {
		marks = marks && e.Mark != 0
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && e.Mark == 0 && p.Addr() == e.Addr.Addr() {
				return true
			}
		}
	}
	return marks
}

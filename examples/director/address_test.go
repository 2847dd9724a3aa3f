// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// TestHasAddress finds one of the addresses of a virtual server; marks are everywhere.
func TestHasAddress(t *testing.T) {
	loopback := keepalived.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:80")}
	elsewhere := keepalived.Endpoint{Addr: netip.MustParseAddrPort("192.0.2.1:80")}
	mark := keepalived.Endpoint{Mark: 7}
	for _, c := range []struct {
		endpoints []keepalived.Endpoint
		want      bool
	}{
		{[]keepalived.Endpoint{loopback}, true}, {[]keepalived.Endpoint{elsewhere}, false},
		{[]keepalived.Endpoint{elsewhere, loopback}, true}, {[]keepalived.Endpoint{mark}, true},
		{[]keepalived.Endpoint{elsewhere, mark}, false},
	} {
		if got := hasAddress(&keepalived.VirtualServer{Endpoints: c.endpoints}); got != c.want {
			t.Errorf("%v: %v", c.endpoints, got)
		}
	}
}

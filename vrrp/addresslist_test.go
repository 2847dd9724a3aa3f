// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"testing"

	"github.com/go-fhrp/fhrp/vrrp"
)

// The addresses that a peer's are compared to, in whatever order, are those of the
// configuration that is in force (RFC 9568 section 7.1).
func TestAddressListOfAnotherConfiguration(t *testing.T) {
	of := func(addrs ...string) vrrp.Config {
		return v3(func(c *vrrp.Config) { c.Addresses = prefixes(addrs...) })
	}
	b := backup(t, of("192.0.2.100/32", "192.0.2.101/32"))
	says := func(list ...string) {
		b.hear(higherPeer, b.adv(200, func(a *vrrp.Advertisement) { a.Addresses = addrs(list...) }))
	}
	says("192.0.2.101", "192.0.2.100")
	b.want()
	b.reconfigure(of("192.0.2.100/32", "192.0.2.102/32"))
	b.got = nil
	says("192.0.2.102", "192.0.2.100")
	b.want()
	says("192.0.2.101", "192.0.2.100")
	b.want("notice: peer has other addresses")
}

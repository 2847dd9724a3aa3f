// SPDX-License-Identifier: Apache-2.0

// Package netiftest is a LAN in memory: switches, hosts and their links, for
// tests of what a failover does to a program. A [Network] of one of its hosts
// takes the place of netif's.
//
// A [LAN] can be made to lose, delay, duplicate and reorder packets, be cut into
// parts, and have links go down; what it does at random follows from its seed.
// With New it runs by the clock of package time, so that it can be used in a
// bubble of testing/synctest. With [NewSimulation] it has a clock of its own and
// runs, on one goroutine, routers that are stepped by their Turn method: a day
// takes a fraction of a second, and every run of a seed is the same.
//
//	lan := netiftest.New(netiftest.Config{})
//	host := lan.Host("a", netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}})
//	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network()})
package netiftest

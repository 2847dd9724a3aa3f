// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// The two nodes of the cluster, by number.
const (
	node1 = iota
	node2
	numNodes
)

// nobody is no node.
const nobody = -1

// pingInterval is how often the client asks for the service address.
const pingInterval = 2 * time.Millisecond

// link is the interface that each host has.
const link = "eth0"

// name returns the name of a node and its host.
func name(node int) string { return [numNodes]string{"node1", "node2"}[node] }

// peerOf returns the other node.
func peerOf(node int) int { return numNodes - 1 - node }

// source returns the address that a node's host has for itself.
func source(node int) netip.Addr {
	return [numNodes]netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, 71}), netip.AddrFrom4([4]byte{10, 0, 0, 72})}[node]
}

// nodeAt returns the node whose host has an address, or nobody.
func nodeAt(addr netip.Addr) int {
	for node := range numNodes {
		if source(node) == addr {
			return node
		}
	}
	return nobody
}

// service is the address that the cluster is there for.
func service() netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, 100}), 32) }

// priority returns the priority of a node.
func priority(node int) uint8 { return [numNodes]uint8{200, 100}[node] }

// virtualRouter returns the configuration of the virtual router on a node. What
// isn't set is as the protocol has it, but for the interval: with the usual
// second the demonstration would be ten times as long.
func virtualRouter(node int, backend vrrp.Backend) vrrp.VirtualRouterConfig {
	return vrrp.VirtualRouterConfig{
		Link:    link,
		Backend: backend,
		Config: vrrp.Config{
			VRID:      1,
			Priority:  priority(node),
			Interval:  100 * time.Millisecond,
			Addresses: []netip.Prefix{service()},
		},
	}
}

// timers returns how long a node waits before it claims the role: after a goodbye
// and after the last advertisement (RFC 9568 section 6.1).
func timers(node int) (skew, down time.Duration) {
	m, err := vrrp.NewMachine(virtualRouter(node, nil).Config)
	if err != nil {
		panic(err) // it is a constant
	}
	return m.SkewTime(), m.DownInterval()
}

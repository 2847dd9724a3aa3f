// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// The kernel acknowledges a new IPv6 address before it has made the route by which it takes packets to the address for its
// own: that is work of a queue, also without duplicate address detection. Who announced the address in between would get
// packets that it refuses.
const (
	usablePause = 200 * time.Microsecond // between two looks
	usableBound = 250 * time.Millisecond // then addresses are taken for usable: the device may be down
)

// awaitUsable waits until the host takes packets to the IPv6 addresses that were just added to a device for its own.
func (c *conn) awaitUsable(ctx context.Context, index int32, orders []order) {
	waiting := newIPv6(orders)
	if len(waiting) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, usableBound)
	defer cancel()
	for len(waiting) > 0 && ctx.Err() == nil {
		if waiting = c.notLocal(ctx, index, waiting); len(waiting) > 0 {
			time.Sleep(usablePause)
		}
	}
}

// newIPv6 returns the IPv6 addresses among orders that were carried out and are new.
func newIPv6(orders []order) []netip.Addr {
	var addrs []netip.Addr
	for i := range orders {
		if o := &orders[i]; o.err == nil && !o.replace && o.prefix.Addr().Is6() {
			addrs = append(addrs, o.prefix.Addr())
		}
	}
	return addrs
}

// notLocal returns those of the addresses to which packets that come by the device would not be delivered on this host.
func (c *conn) notLocal(ctx context.Context, index int32, addrs []netip.Addr) []netip.Addr {
	var missing []netip.Addr
	for batch := range slices.Chunk(addrs, maxBatch) {
		for _, a := range batch {
			c.request(routeTo(a, index))
		}
		var local [maxBatch]bool
		c.exchange(ctx, func(i int, m syscall.NetlinkMessage) { local[i] = isLocal(m) })
		for i, a := range batch {
			if !local[i] {
				missing = append(missing, a)
			}
		}
	}
	return missing
}

// routeTo returns the request for the route to an IPv6 address by a device.
func routeTo(a netip.Addr, index int32) *nl.NetlinkRequest {
	r := nl.NewNetlinkRequest(unix.RTM_GETROUTE, unix.NLM_F_ACK)
	r.AddData(&nl.RtMsg{RtMsg: unix.RtMsg{Family: unix.AF_INET6, Dst_len: 128}})
	r.AddData(nl.NewRtAttr(unix.RTA_DST, a.AsSlice()))
	r.AddData(nl.NewRtAttr(unix.RTA_OIF, nl.Uint32Attr(uint32(index))))
	return r
}

// isLocal reports whether an answer is a route that ends on this host.
func isLocal(m syscall.NetlinkMessage) bool {
	return m.Header.Type == unix.RTM_NEWROUTE && len(m.Data) >= unix.SizeofRtMsg && nl.DeserializeRtMsg(m.Data).Type == unix.RTN_LOCAL
}

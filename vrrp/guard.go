// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"time"
)

// Guard is a process that outlives this one and keeps its last will: it says
// goodbye for the virtual routers that were Active, and removes their addresses,
// when this process has died without doing so. Package netif/guard has one. No
// method may block; all are called by the loop.
//
// It may have a method Flush(ctx context.Context) error, too, which waits until what was
// set and cleared before holds, whatever happens to this process; another error than
// that of ctx says that no will would be executed anyway. In a hand-over all wills are
// cleared, and that is waited for, before the other Router gets anything: a process
// that dies in the middle of it says no goodbye for what may be another one's.
type Guard interface {
	// Set replaces the will of a virtual router, which id stands for: the
	// goodbye, a message to be sent from src to dst on link, or nil for none;
	// the addresses, with their devices; and how long after the last Beat the
	// goodbye may still be sent, because a late one would be about the
	// successor. Slices and maps are not changed afterwards.
	Set(id int, link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration)
	// Clear ends a will.
	Clear(id int)
	// Beat tells that the loop is alive. It is called at the end of each turn,
	// when the wills are true.
	Beat()
}

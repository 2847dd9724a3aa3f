// SPDX-License-Identifier: Apache-2.0

package netiftest

import (
	"container/heap"
	"net/netip"
	"slices"
	"time"
)

// delivery is a packet, or the claim of an address, on its way to a port.
type delivery struct {
	at     time.Time
	serial int
	port   int
	packet Packet
	claim  netip.Addr
	mac    [6]byte // of the claim
}

// inbox holds deliveries in the order of their arrival.
type inbox []delivery

func (b inbox) Len() int      { return len(b) }
func (b inbox) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b inbox) Less(i, j int) bool {
	if b[i].at.Equal(b[j].at) {
		return b[i].serial < b[j].serial
	}
	return b[i].at.Before(b[j].at)
}
func (b *inbox) Push(x any) { *b = append(*b, x.(delivery)) }
func (b *inbox) Pop() any {
	last := len(*b) - 1
	d := (*b)[last]
	(*b)[last] = delivery{}
	*b = (*b)[:last]
	return d
}

// put adds a delivery. The caller holds lan.mu.
func (h *Host) put(d delivery) {
	heap.Push(&h.inbox, d)
	if !h.lan.stepped { // a simulation looks into the inbox
		h.network.Wake()
	}
}

// get returns the first delivery that has arrived by now. One whose link has gone
// down meanwhile is lost. The caller holds lan.mu.
func (h *Host) get(now time.Time) (delivery, bool) {
	for len(h.inbox) > 0 && !h.inbox[0].at.After(now) {
		d := heap.Pop(&h.inbox).(delivery)
		if p := h.port(d.port); p != nil && p.up() {
			return d, true
		}
	}
	return delivery{}, false
}

// drop loses what is on its way to a port. The caller holds lan.mu.
func (h *Host) drop(port int) {
	h.inbox = slices.DeleteFunc(h.inbox, func(d delivery) bool { return d.port == port })
	heap.Init(&h.inbox)
}

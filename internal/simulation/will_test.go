// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"maps"
	"net/netip"
	"slices"
	"time"
)

// wills are the last wills of a program, as a guard keeps them.
type wills struct {
	life *life
	list map[int]will
	beat time.Time
}

// will is what is to be done about one group.
type will struct {
	src, dst netip.Addr
	goodbye  []byte
	addrs    []netip.Prefix
	validity time.Duration
}

// Set replaces a will.
func (w *wills) Set(id int, _ string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration) {
	sorted := slices.SortedFunc(maps.Keys(addrs), netip.Prefix.Compare)
	w.list[id] = will{src, dst, slices.Clone(goodbye), sorted, validity}
}

// Clear ends a will.
func (w *wills) Clear(id int) { delete(w.list, id) }

// Beat tells that the program is alive.
func (w *wills) Beat() { w.beat = w.life.c.now() }

// execute does what the wills say. The host's network is that of another process.
func (w *wills) execute() {
	st := w.life.st
	network := st.host.Network()
	for _, id := range slices.Sorted(maps.Keys(w.list)) {
		will := w.list[id]
		if will.goodbye != nil && w.life.c.now().Sub(w.beat) < will.validity {
			if port, err := network.Attach(link, will.dst); err == nil {
				network.Queue(port, [6]byte{}, will.src, will.dst, will.goodbye)
				network.Flush(func(int, error) {})
				network.Detach(port)
			}
		}
		for _, p := range will.addrs {
			st.book.set(p, time.Time{})
		}
	}
	for _, s := range st.seats {
		s.dirty()
	}
}

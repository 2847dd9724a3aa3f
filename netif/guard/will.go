// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// Bounds of a will.
const (
	// maxName is IFNAMSIZ less the terminating zero.
	maxName = 15

	// maxGoodbye is what an IP packet holds beside the longer of the two headers.
	maxGoodbye = 1<<16 - 1 - ipv6HeaderLen

	// maxAddrs is some hundred times what a VRRP advertisement holds.
	maxAddrs = 1 << 14
)

// A will is what to do for one virtual router. It is not changed once it is made.
type will struct {
	link     string
	src, dst netip.Addr
	goodbye  []byte
	validity time.Duration
	addrs    []address // ascending
}

// An address is to be removed from a device.
type address struct {
	prefix netip.Prefix
	device string
}

// plain returns an address as packets carry it.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// newWill returns a will with copies of what is the caller's.
func newWill(link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration) *will {
	w := &will{link: link, src: src, dst: dst, goodbye: bytes.Clone(goodbye), validity: validity}
	for _, p := range slices.SortedFunc(maps.Keys(addrs), netip.Prefix.Compare) {
		w.addrs = append(w.addrs, address{p, addrs[p]})
	}
	return w
}

// is reports whether newWill would return the same. It allocates nothing.
func (w *will) is(link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration) bool {
	if w.link != link || w.src != src || w.dst != dst || w.validity != validity ||
		!bytes.Equal(w.goodbye, goodbye) || len(w.addrs) != len(addrs) {
		return false
	}
	for _, a := range w.addrs {
		if device, ok := addrs[a.prefix]; !ok || device != a.device {
			return false
		}
	}
	return true
}

// check returns why the will can't be executed.
func (w *will) check() error {
	if len(w.goodbye) > 0 && (!w.src.IsValid() || w.src.BitLen() != w.dst.BitLen()) {
		return fmt.Errorf("goodbye from %v to %v", w.src, w.dst)
	}
	if len(w.goodbye) > maxGoodbye {
		return fmt.Errorf("goodbye of %d octets, at most %d", len(w.goodbye), maxGoodbye)
	}
	if len(w.goodbye) > 0 || w.link != "" {
		if err := checkName(w.link); err != nil {
			return err
		}
	}
	return w.checkAddrs()
}

// checkAddrs returns why the addresses can't be removed.
func (w *will) checkAddrs() error {
	if len(w.addrs) > maxAddrs {
		return fmt.Errorf("%d addresses, at most %d", len(w.addrs), maxAddrs)
	}
	for _, a := range w.addrs {
		if !a.prefix.IsValid() {
			return errors.New("invalid prefix")
		}
		if err := checkName(a.device); err != nil {
			return fmt.Errorf("%v: %w", a.prefix, err)
		}
	}
	return nil
}

// checkName returns why a string is not the name of a device. What else the kernel refuses, it says when it is asked.
func checkName(s string) error {
	if s == "" || len(s) > maxName {
		return fmt.Errorf("device name %q has not 1 to %d octets", s, maxName)
	}
	return nil
}

// says reports whether the will has a goodbye that is still true, age after the last heartbeat.
func (w *will) says(age time.Duration) bool { return len(w.goodbye) > 0 && age <= w.validity }

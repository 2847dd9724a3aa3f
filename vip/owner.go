// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"strconv"
	"strings"
)

// Protocol is the mark that a [Device] puts on the addresses it adds: their protocol in the sense of ip-address(8)
// (IFA_PROTO of rtnetlink), which says who added an address. 112 is the number of VRRP among IP protocols. The kernel
// itself uses 1 to 3; before Linux 5.18 it does not keep the mark.
//
// A Device that a [Keeper] holds uses one of the sixteen numbers from Protocol on, or the one after them: see there.
const Protocol = 112

const (
	keepers  = 16                 // marks that a keeper can have for itself, from Protocol on
	unlocked = Protocol + keepers // mark of those keepers that got none of these
	labelEnd = ":fhrp"            // what follows the name of the device in a label, before the digit of the mark
)

// isKeepers reports whether a mark is of those that only one keeper has.
func isKeepers(mark uint8) bool { return mark >= Protocol && mark < unlocked }

// An owner says whose the addresses of a device are: those of one owner bear the same mark. Where the kernel keeps no
// marks, an IPv4 address that has no label of its own can have the mark in its label, and the rest is remembered.
type owner struct {
	device     string
	mark       uint8 // our own
	inKernel   bool  // the kernel keeps marks
	inLabels   bool  // where it doesn't: labels may have them
	remembered map[netip.Prefix]uint8
}

// markOf returns the mark of an address, 0 if it has none of ours.
func (o *owner) markOf(h heldAddr) uint8 {
	if o.inKernel {
		return h.protocol
	}
	if digit, ok := strings.CutPrefix(h.label, o.device+labelEnd); ok {
		if n, err := strconv.ParseUint(digit, 36, 8); err == nil && len(digit) == 1 && n <= keepers {
			return Protocol + uint8(n)
		}
	}
	return o.remembered[place(h.prefix)]
}

// owns reports whether an address is our own.
func (o *owner) owns(h heldAddr) bool { return o.markOf(h) == o.mark }

// label returns the label that an address is to have, where it has none by its attributes: one that bears the mark,
// if that can be and has to be.
func (o *owner) label(p netip.Prefix) string {
	if o.inKernel || !o.inLabels || p.Addr().Is6() {
		return ""
	}
	if label := o.device + labelEnd + strconv.FormatUint(uint64(o.mark-Protocol), 36); len(label) <= maxName {
		return label
	}
	return ""
}

// remember notes that an address is our own, where nothing else says so.
func (o *owner) remember(p netip.Prefix) { o.ascribe(p, o.mark) }

// ascribe notes whose an address is, where nothing else says so.
func (o *owner) ascribe(p netip.Prefix, mark uint8) {
	if o.inKernel {
		return
	}
	if o.remembered == nil {
		o.remembered = make(map[netip.Prefix]uint8)
	}
	o.remembered[place(p)] = mark
}

// forget notes that an address is no more.
func (o *owner) forget(p netip.Prefix) { delete(o.remembered, place(p)) }

// own returns the addresses that are remembered as our own, in no order.
func (o *owner) own() []netip.Prefix {
	var own []netip.Prefix
	for p, mark := range o.remembered {
		if mark == o.mark {
			own = append(own, p)
		}
	}
	return own
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"time"
)

// maxSpans is how much of its past is kept of a cluster.
const maxSpans = 200

// A span is a time during which the same speakers held the role of a cluster, until
// the next one.
type span struct {
	from    time.Time
	holder  netip.Addr // the zero value if nobody was heard
	holders int        // more than one: a conflict
}

// timeline is the past of a cluster, the oldest span first.
type timeline []span

// change begins a span, unless it is as the last one.
func (l *timeline) change(s span) (changed bool) {
	if n := len(*l); n > 0 && (*l)[n-1].holder == s.holder && (*l)[n-1].holders == s.holders {
		return false
	}
	if len(*l) == maxSpans {
		copy(*l, (*l)[1:])
		*l = (*l)[:maxSpans-1]
	}
	*l = append(*l, s)
	return true
}

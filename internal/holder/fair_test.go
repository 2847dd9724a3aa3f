// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// TestRoundsAreFair: all holders add and announce once before any announces again.
func TestRoundsAreFair(t *testing.T) {
	b := newBench(t)
	other := holder.New(b.config())
	for i, h := range []*holder.Holder{b.holder, other} {
		addrs := many(2)[i : i+1]
		h.Add(addrs)
		h.Announce(addrs, 2)
	}
	b.work()
	b.want("add 10.0.0.0/32", "announce eth0 10.0.0.0", "announced: <nil>", "added: <nil>",
		"add 10.0.0.1/32", "announce eth0 10.0.0.1", "announced: <nil>", "added: <nil>",
		"announce eth0 10.0.0.0", "announced: <nil>", "announce eth0 10.0.0.1", "announced: <nil>", "idle", "idle")
}

// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"testing"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// selective is a network that notes which identifiers are wanted.
type selective struct {
	*network
	wanted map[int][]int
}

func (n *selective) Select(port int, wanted *[256]bool) {
	n.wanted[port] = nil
	for id, ok := range wanted {
		if ok {
			n.wanted[port] = append(n.wanted[port], id)
		}
	}
}

// The network is told of the identifiers of each port, before anything is received, and only if that is asked for.
func TestSelect(t *testing.T) {
	for _, asked := range []bool{false, true} {
		n := &selective{wanted: map[int][]int{}}
		b := newBench(t, func(c *engine.Config) {
			n.network = c.Network.(*network)
			c.Network, c.Select = n, asked
		})
		b.add(1)
		three := b.add(3)
		b.turn()
		if got := n.wanted[0]; asked && (len(got) != 2 || got[0] != 1 || got[1] != 3) || !asked && got != nil {
			t.Errorf("asked %v: wanted are %v", asked, got)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		_ = three.seat.Remove(ended) // goes on without waiting
		b.advance(handOver)
		b.turn()
		if got := n.wanted[0]; asked && (len(got) != 1 || got[0] != 1) {
			t.Errorf("after the removal wanted are %v", got)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestRouteSocketRests: of many messages the first are taken in one by one, and the others together after a rest, for
// which the loop has its wait end.
func TestRouteSocketRests(t *testing.T) {
	onHost(t, func(n *network) error { return restAndGoOn(t, n) })
}

// onHost calls f with the network of a host of its own, if it can make one.
func onHost(t *testing.T, f func(n *network) error) {
	t.Helper()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	err := lab.Host("n1").Do(func() error {
		n, err := open(Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return err
		}
		defer n.close()
		return f(n)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// restAndGoOn makes messages at one moment, and looks at what happens then and a rest later.
func restAndGoOn(t *testing.T, n *network) error {
	const messages = 100
	ifi, err := net.InterfaceByName("eth0")
	if err != nil {
		return err
	}
	r, now, reads := n.route, time.Now(), 0
	for i := range messages {
		if err := Replace(ifi.Index, uint32(i), 0); err != nil {
			return err
		}
		n.collect()
		r.ready = len(n.poll.flags) > 1 // as if it had been waited for
		if r.due(now) {
			n.poll.stale = r.update(now)
			reads++
		}
	}
	if want := routeBurst + 1; reads != want || !r.resting || r.ready {
		t.Errorf("%d reads of %d messages at once, resting %t, ready %t; want %d, true, false", reads, messages, r.resting, r.ready, want)
	}
	end := now.Add(routeRest)
	if n.collect(); !n.restUntil().Equal(end) {
		t.Errorf("a wait ends %v after the first message, want %v", n.restUntil().Sub(now), routeRest)
	}
	if !r.due(end) || r.update(end) || !r.resting { // there was something, so that there may be more
		t.Error("the rest of the messages does not make it rest once more")
	}
	if later := end.Add(routeRest); !r.due(later) || !r.update(later) || r.resting {
		t.Error("it rests without messages")
	}
	n.poll.stale = true
	n.collect()
	if len(n.poll.flags) < 2 || n.poll.flags[1] != &r.ready || !n.restUntil().IsZero() {
		t.Error("the loop is not woken by the next message")
	}
	return nil
}

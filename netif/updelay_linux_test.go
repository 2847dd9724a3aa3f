// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestUpDelay has a link go up and down by the clock of a bubble.
func TestUpDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay = 30 * time.Second
		n := &network{cfg: Config{UpDelay: delay}}
		p := &port{name: "eth0", fd: -1}
		e := &linkEntry{link: link{index: 2, name: "eth0"}}
		check := func(when string, down error, flapped bool, want error) {
			t.Helper()
			if err := n.settle(p, e, down, flapped); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%s: error %v, want %v", when, err, want)
			}
		}
		check("up when it is attached", nil, false, nil)
		check("down", ErrLinkDown, false, ErrLinkDown)
		time.Sleep(time.Hour)
		check("up", nil, false, ErrUpDelay)
		if want := time.Now().Add(delay); n.retryAt != want || !p.refused {
			t.Errorf("looked at again at %v, want %v", n.retryAt, want)
		}
		time.Sleep(delay - 1)
		check("a moment too early", nil, false, ErrUpDelay)
		check("down for a moment that was seen", nil, true, ErrUpDelay)
		time.Sleep(delay - 1)
		check("the time counts anew", nil, false, ErrUpDelay)
		e.carrierChanges += 2
		check("down for a moment that nobody saw", nil, false, ErrUpDelay)
		time.Sleep(delay)
		check("long enough", nil, false, nil)
		time.Sleep(time.Second)
		check("later", nil, false, nil)
		check("flapped", nil, true, ErrUpDelay)
		e.index++
		time.Sleep(delay)
		check("another link of that name", nil, false, ErrUpDelay)
		time.Sleep(delay)
		check("up for good", nil, false, nil)

		n.cfg.UpDelay = 0
		check("down without a delay", ErrLinkDown, false, ErrLinkDown)
		check("up without a delay", nil, false, nil)
	})
}

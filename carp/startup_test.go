// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// A host that starts again during a hand-over keeps for the successor what it still has,
// and removes what may have been left behind by somebody else.
func TestStartupDuringAHandOver(t *testing.T) {
	h := master(t, timing(1, 0))
	h.do(h.m.Shutdown(h.now, carp.ReasonShutdown))
	actions, err := h.m.Reconfigure(h.now, config(timing(1, 0), func(c *carp.Config) { c.Addresses = prefixes("192.0.2.100/24", "192.0.2.101/24") }))
	if h.do(actions); err != nil {
		t.Fatal(err)
	}
	h.got = nil
	h.do(h.m.Startup(h.now, local))
	h.want("remove 192.0.2.101", "Init -> Backup: startup")
	h.advance(1100 * time.Millisecond)
	h.want("remove 192.0.2.100")
}

// An answer is sent a tenth of an interval after the last advertisement, and not later.
func TestAnswerAfterATenthOfAnInterval(t *testing.T) {
	h := master(t, timing(1, 0), quiet)
	h.advance(time.Second)
	h.got = nil
	h.advance(100 * time.Millisecond)
	h.hear(higherPeer, adv(9, 0))
	h.want("notice: competing master", "announce 192.0.2.100 x5", "send 1/0")
}

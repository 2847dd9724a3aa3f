// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// A router that starts again during a hand-over keeps for the successor what it still
// has, and removes what may have been left behind by somebody else.
func TestStartupDuringAHandOver(t *testing.T) {
	b := active(t, v3())
	b.do(b.m.Shutdown(b.now, vrrp.ReasonShutdown))
	b.reconfigure(v3(func(c *vrrp.Config) { c.Addresses = prefixes("192.0.2.100/24", "192.0.2.101/24") }))
	b.got = nil
	b.do(b.m.Startup(b.now, local))
	b.want("remove 192.0.2.101", "Initialize -> Backup: startup")
	b.advance(1100 * time.Millisecond)
	b.want("remove 192.0.2.100")
}

// What was returned refers to nothing when the next input has been taken: the machine of
// a router that is quiet holds on to nobody's addresses.
func TestActionsAreLetGo(t *testing.T) {
	b := newBench(t, v3())
	before := b.m.Startup(b.now, local)
	if len(before) == 0 || before[0] == nil {
		t.Fatalf("%v", before)
	}
	b.do(b.m.Expire(b.now))
	for i, a := range before {
		if a != nil {
			t.Errorf("action %d is %v still", i, a)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// While a backend takes its time a program goes on: it advertises, so that its peer
// stays Backup, and hands over when it is asked to.
func TestSlowBackendKeepsNobodyWaiting(t *testing.T) {
	s := &scenario{Nodes: make([]nodeSpec, 2), Length: 40 * time.Second, Groups: []groupSpec{
		{Protocol: vrrp3, Interval: time.Second, Addresses: 1, Members: []memberSpec{{Rank: 254}, {Rank: 1}}}}}
	s.Faults = []fault{{At: time.Second, Kind: slow, Size: 7 * time.Second, For: 30 * time.Second}, {At: 20 * time.Second, Kind: resign, Size: time.Minute}}
	v, told := play(s, newProgram)
	if v != nil {
		t.Error(v)
	}
	want := []string{
		"          0s   node 0    group 0: Initialize -> Backup: startup",
		"          0s   node 1    group 0: Initialize -> Backup: startup",
		"          1s             slow node 0 size 7s for 30s",
		"  3.0078125s   node 0    group 0: Backup -> Active: no advertisement heard",
		" 10.0078125s   node 0    lease [192.0.2.100/24]",
		" 17.0078125s   node 0    lease [192.0.2.100/24]", // the one before is over
		"         20s             resign node 0 group 0 size 1m0s",
		"         20s   node 0    group 0: Active -> Backup: resigned",
		"20.99609375s   node 1    group 0: Backup -> Active: active router left",
		"20.99609375s   node 1    lease [192.0.2.100/24]",
		" 24.0078125s   node 0    lease [192.0.2.100/24]", // was under way
		"         31s             end of slow",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("transcript (-want +got):\n%s", diff)
	}
}

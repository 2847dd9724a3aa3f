// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vrrp"
)

// A reader of the events is told of the condition, of what each member did about it, and of
// the group.
func TestEventsOfConditionsAndGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newRig(t, netiftest.New(netiftest.Config{}), 1, 200, "4")
		s := follow(t)
		cfg := rigConfig("6", 200)
		watched(s, track.Action{Fault: true})(&cfg)
		a.add(cfg)
		g := a.group(vrrp.GroupConfig{}, "4", "6")
		events := a.router.Events(t.Context())
		end := a.run()
		time.Sleep(5500 * time.Millisecond)
		s.bad.Store(true)
		time.Sleep(2 * time.Second)
		end()
		var got []string
		for e := range events {
			switch e.Kind {
			case vrrp.EventTransition:
				got = append(got, fmt.Sprintf("%s: %v", e.Name, e.Transition))
			case vrrp.EventCondition:
				got = append(got, fmt.Sprintf("%s: %s %v: %v", e.Name, e.Condition.Name, e.Condition.Now, e.Err))
			case vrrp.EventGroup:
				got = append(got, fmt.Sprintf("%s: %v", e.Name, e.Moved))
				if e.Group != g || e.VirtualRouter != nil || e.State != e.Moved.To || e.At != e.Moved.At {
					t.Errorf("%+v", e)
				}
			}
		}
		got = slices.Compact(got)
		want := []string{
			"6: web up: <nil>",
			"4: Initialize -> Backup: startup", "6: Initialize -> Backup: startup", "g: Initialize -> Backup (6)",
			"4: Backup -> Active: no advertisement heard", "6: Backup -> Active: no advertisement heard", "g: Backup -> Active (6)",
			"6: web down: track: web: service is down",
			"6: Active -> Initialize: tracked condition (web)", "4: Active -> Initialize: moved with its group (6)", "g: Active -> Initialize (6)",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package conditions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/track"
)

// TestWatch wants conditions followed across changes of the list.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bad atomic.Bool
		posted := make(chan func(time.Time), 10)
		tracker := func(name string) *track.Tracker {
			tr, err := track.New(track.Config{Name: name, Phase: time.Second, Check: func(context.Context) error {
				if bad.Load() {
					return errors.New("bad")
				}
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			return tr
		}
		x, y := tracker("x"), tracker("y")
		var got []string
		w := Watch{Post: func(f func(time.Time)) { posted <- f }, Changed: func(_ time.Time, c track.Change, e Effect) {
			got = append(got, fmt.Sprintf("%s %v: %d %v %v", c.Name, c.Now, e.Weight, e.Fault, e.Resign))
		}}
		w.Set([]track.Track{{Tracker: x, Action: track.Action{Fault: true, Resign: true}}}, false)
		if e := w.Effect(); !e.Fault || e.FaultBy != "x" {
			t.Errorf("unknown: %+v", e)
		}
		w.Start()
		time.Sleep(time.Second / 2)
		w.Set([]track.Track{{Tracker: x, Action: track.Action{Weight: -7, Resign: true}}, {Tracker: y, Action: track.Action{Fault: true}}}, true)
		if e := w.Effect(); e.Fault {
			t.Errorf("added while running: %+v", e)
		}
		synctest.Wait()
		bad.Store(true)
		time.Sleep(2 * time.Second)
		for len(posted) > 0 {
			(<-posted)(time.Time{})
		}
		var all Watches
		all.Set(&w, []track.Track{{Tracker: y, Action: track.Action{Weight: -1}}}, true)
		if e := w.Effect(); len(all.ending) != 1 || e.Fault || e.Weight != -1 || len(w.Status()) != 1 {
			t.Errorf("%d ended, %+v", len(all.ending), e)
		}
		all.Start(&w)
		all.StopAll()
		if len(all.ending) == 0 || len(all.running) != 0 {
			t.Errorf("%d end, %d run", len(all.ending), len(all.running))
		}
		all.Wait()
		all.end(nil)
		if len(all.ending) != 0 {
			t.Errorf("%d left", len(all.ending))
		}
		want := "x up: 0 false false, y up: 0 false false, x down: -7 false true, y down: -7 true false"
		if strings.Join(got, ", ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// ended reports whether a channel that release returned is closed.
func ended(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestUse wants a tracker to run as long as somebody uses it, and to begin anew after that.
func TestUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{begun: time.Now(), outcomes: "+-"}
		l := newLab(t, Config{Check: s.check})
		var got, found []string
		use := func(who string) func() <-chan struct{} {
			now, release := l.Use(func(c Change) { got = append(got, who+" "+c.Now.String()) })
			found = append(found, who+" "+now.String())
			return release
		}
		releaseA := use("a")
		l.until(0.5)
		releaseB := use("b")
		l.until(1.5)
		if releaseB() != nil {
			t.Error("b was not the last")
		}
		end := releaseA()
		l.until(3.5)
		if !ended(end) || len(s.runs) != 2 {
			t.Errorf("runs at %v", s.runs)
		}
		end = use("c")()
		l.until(4)
		if !ended(end) {
			t.Error("c has not ended")
		}
		if s := strings.Join(got, ", "); s != "a up, a down, b down" && s != "a up, a down, b down, c down" {
			t.Errorf("reported %s", s) // c may be gone before its first run
		}
		if s := strings.Join(found, ", "); s != "a unknown, b up, c unknown" {
			t.Errorf("found %s", s)
		}
	})
}

// TestUseOfOneThatHangs wants one goroutine for a check that hangs, however often the tracker is used anew.
func TestUseOfOneThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var checks atomic.Int64
		stop := make(chan struct{})
		l := newLab(t, Config{Check: func(context.Context) error {
			if checks.Add(1) > 1 {
				t.Error("a second check")
			}
			<-stop
			return nil
		}})
		for range 10 {
			_, release := l.Use(func(Change) {})
			time.Sleep(5 * time.Second)
			end := release()
			time.Sleep(2 * time.Second)
			if !ended(end) {
				t.Error("it goes on")
			}
		}
		close(stop)
	})
}

// TestWatch wants conditions followed across changes of the list.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bad atomic.Bool
		posted := make(chan func(time.Time), 10)
		tracker := func(name string) *Tracker {
			tr, err := New(Config{Name: name, Phase: time.Second, Check: func(context.Context) error {
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
		w := Watch{Post: func(f func(time.Time)) { posted <- f }, Changed: func(_ time.Time, c Change, e Effect) {
			got = append(got, fmt.Sprintf("%s %v: %d %v %v", c.Name, c.Now, e.Weight, e.Fault, e.Resign))
		}}
		w.Set([]Track{{x, Action{Fault: true, Resign: true}}}, false)
		if e := w.Effect(); !e.Fault || e.FaultBy != "x" {
			t.Errorf("unknown: %+v", e)
		}
		w.Start()
		time.Sleep(time.Second / 2)
		w.Set([]Track{{x, Action{Weight: -7, Resign: true}}, {y, Action{Fault: true}}}, true)
		if e := w.Effect(); e.Fault {
			t.Errorf("added while running: %+v", e)
		}
		synctest.Wait()
		bad.Store(true)
		time.Sleep(2 * time.Second)
		for len(posted) > 0 {
			(<-posted)(time.Time{})
		}
		end := w.Set([]Track{{y, Action{Weight: -1}}}, true)
		if e := w.Effect(); len(end) != 1 || e.Fault || e.Weight != -1 || len(w.Status()) != 1 {
			t.Errorf("%d ended, %+v", len(end), e)
		}
		end = append(end, w.Stop()...)
		var e Ending
		e.Add(end)
		e.Wait()
		e.Add(nil)
		if len(end) != 2 || len(e.list) != 0 {
			t.Errorf("%d ended, %d left", len(end), len(e.list))
		}
		want := "x up: 0 false false, y up: 0 false false, x down: -7 false true, y down: -7 true false"
		if strings.Join(got, ", ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
		}
	})
}

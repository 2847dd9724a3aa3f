// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
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

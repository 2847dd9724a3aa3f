// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestResume: what was known counts until as many outcomes say otherwise as it takes, and all who use the tracker
// know it.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := errors.New("bad")
		tracker, err := New(Config{Name: "web", Fall: 3, Phase: time.Second, Check: func(context.Context) error { return bad }})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var all []Change
		_, release := tracker.Use(func(c Change) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, c)
		})
		told := func() []Change {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(all)
		}
		synctest.Wait() // the first outcome: down, for want of better knowledge
		tracker.Resume(Reading{State: Up})
		if got := tracker.Status().Reading.State; got != Up || len(told()) != 2 || told()[1].Now.State != Up {
			t.Errorf("%v, told %v", got, told())
		}
		time.Sleep(1500 * time.Millisecond)
		if got := tracker.Status().Reading.State; got != Up {
			t.Errorf("%v after two outcomes", got)
		}
		time.Sleep(time.Second)
		if got := tracker.Status().Reading.State; got != Down {
			t.Errorf("%v after three", got)
		}
		tracker.Resume(Reading{State: Up})
		if got := tracker.Status().Reading.State; got != Down || len(told()) != 3 {
			t.Errorf("%v when that is known, told %v", got, told())
		}
		<-release()
	})
}

// TestResumeRefuses what can't be known of a tracker.
func TestResumeRefuses(t *testing.T) {
	tracker, err := New(Config{Name: "web", Check: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Reading{{State: 3}, {State: Up, Numeric: true, Number: 7}} {
		if tracker.Resume(r); tracker.Status().Reading != (Reading{}) {
			t.Errorf("%v became %v", r, tracker.Status().Reading)
		}
	}
}

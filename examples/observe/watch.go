// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"sync"
	"time"
)

const (
	// tickTime is how often is looked who was not heard in time, and how long a frame
	// may be on its way from the kernel meanwhile.
	tickTime = 50 * time.Millisecond

	// heldUp is after which time without a look this process was held up: frames have
	// to be read first.
	heldUp = 4 * tickTime
)

// A watch is an observer that several goroutines use.
type watch struct {
	mu       sync.Mutex
	observer *observer
	bell     chan struct{} // closed when there are new events
}

func newWatch(links ...string) *watch {
	return &watch{observer: newObserver(links...), bell: make(chan struct{})}
}

// do calls f with the observer, which nobody else uses meanwhile, and tells if there
// are new events.
func (w *watch) do(f func(o *observer)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.observer.events.last
	f(w.observer)
	if w.observer.events.last > before {
		close(w.bell)
		w.bell = make(chan struct{})
	}
}

// frame takes a frame.
func (w *watch) frame(at time.Time, link string, b []byte) {
	w.do(func(o *observer) { o.frame(at, link, b) })
}

// after returns the events that follow a number, how many are lost, and a channel that
// is closed when there are more.
func (w *watch) after(seq uint64) (list []event, lost uint64, more <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list, lost = w.observer.events.after(seq)
	return list, lost, w.bell
}

// view returns what has changed since a version, and the version it is of.
func (w *watch) view(since uint64) (view, uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.observer.view(since), w.observer.version
}

// tick has the time go on until ctx ends.
func (w *watch) tick(ctx context.Context) {
	t := time.NewTicker(tickTime)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			now := time.Now()
			if now.Sub(last) < heldUp {
				w.do(func(o *observer) { o.tick(now.Add(-tickTime)) })
			}
			last = now
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package conditions

import "github.com/go-fhrp/fhrp/netif/track"

// Watches is the conditions of all virtual routers of one router: those that run, and trackers that were released and may
// still end. The zero value is none. It belongs to the loop.
type Watches struct {
	running map[*Watch]bool
	ending  []<-chan struct{}
}

// Start has the trackers of a watch run.
func (a *Watches) Start(w *Watch) {
	if a.running == nil {
		a.running = map[*Watch]bool{}
	}
	a.running[w] = true
	w.Start()
}

// Stop ends that.
func (a *Watches) Stop(w *Watch) {
	delete(a.running, w)
	a.end(w.Stop())
}

// Set changes the list of a watch, see [Watch.Set].
func (a *Watches) Set(w *Watch, list []track.Track, lenient bool) { a.end(w.Set(list, lenient)) }

// StopAll stops those that were not stopped one by one.
func (a *Watches) StopAll() {
	for w := range a.running {
		a.Stop(w)
	}
}

// end takes in what ends, and forgets what has ended.
func (a *Watches) end(more []<-chan struct{}) {
	kept := a.ending[:0]
	for _, c := range a.ending {
		select {
		case <-c:
		default:
			kept = append(kept, c)
		}
	}
	a.ending = append(kept, more...)
}

// Wait waits until all have ended, which is the time-out of their checks at most. Nothing must be added meanwhile.
func (a *Watches) Wait() {
	for _, c := range a.ending {
		<-c
	}
}

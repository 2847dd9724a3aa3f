// SPDX-License-Identifier: Apache-2.0

package conditions

// Ending is trackers that have been released, and may still end. The zero value is none. It belongs to the loop.
type Ending struct{ list []<-chan struct{} }

// Add takes further ones in, as [Watch.Stop] returns them, and forgets those that have ended.
func (e *Ending) Add(more []<-chan struct{}) {
	kept := e.list[:0]
	for _, c := range e.list {
		select {
		case <-c:
		default:
			kept = append(kept, c)
		}
	}
	e.list = append(kept, more...)
}

// Wait waits until all have ended, which is the time-out of their checks at most.
func (e *Ending) Wait() {
	for _, c := range e.list {
		<-c
	}
}

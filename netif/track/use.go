// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"slices"
)

// users are those for whom a tracker runs. It is guarded by the tracker's mu.
type users struct {
	list  []*user // replaced, never changed
	end   context.CancelFunc
	ended chan struct{} // closed when the condition isn't followed for them any more
}

// user is one of them.
type user struct{ report func(Change) }

// Use has the tracker run until it is released by all who use it, on a goroutine of its own: it begins anew with the
// first of them. report is called after each change, on that goroutine, and must not wait for release; a call may still
// be under way, or come, when release has returned. now is the reading before the first change that is reported.
//
// release returns a channel that is closed when no goroutine is left of those that were started, or only one whose check
// hangs beyond its time-out; nil if others use the tracker. It must be called once.
func (t *Tracker) Use(report func(Change)) (now Reading, release func() <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := &user{report}
	if len(t.users.list) == 0 {
		t.reset()
		t.begin()
	}
	t.users.list = append(slices.Clone(t.users.list), u)
	return t.tally.reading, func() <-chan struct{} { return t.release(u) }
}

// begin has the condition followed, as soon as nobody else does.
func (t *Tracker) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	t.users.end, t.users.ended = cancel, ended
	go func() {
		defer close(ended)
		_ = t.follow(ctx) // what hangs is in the status
	}()
}

// release ends the use.
func (t *Tracker) release(u *user) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.users.list = slices.DeleteFunc(slices.Clone(t.users.list), func(other *user) bool { return other == u })
	if len(t.users.list) > 0 {
		return nil
	}
	t.users.end()
	return t.users.ended
}

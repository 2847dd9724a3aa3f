// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"time"
)

// patience is how long a goroutine works on something before another one takes its place.
const patience = 100 * time.Millisecond

// replaced calls f, and has another goroutine take the caller's place in the pool while
// that takes long: whatever hangs, announcements on a link that takes no frames or a
// backend of the user's own, is not to keep others from having their leases renewed.
func (p *Pool) replaced(ctx context.Context, f func()) {
	var back func()
	lent := make(chan struct{})
	late := time.AfterFunc(patience, func() {
		defer close(lent)
		back = p.lend(ctx)
	})
	f()
	if !late.Stop() {
		<-lent
		back()
	}
}

// lend has another goroutine take the caller's place in the pool, until what is
// returned is called.
func (p *Pool) lend(ctx context.Context) (back func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == 0 {
		return func() {}
	}
	p.wg.Go(func() { p.serve(ctx) })
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.surplus++
		p.cond.Signal()
	}
}

// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"context"
	"iter"
	"sync"
)

// Changes tells in a channel for [Service].Changed of each event that changes what is said, until end is called: also of those
// after the end of ctx, for a service has something to say while it ends.
func Changes[E any](ctx context.Context, events func(context.Context) iter.Seq[E], changes func(E) bool) (changed <-chan struct{}, end func()) {
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	c := make(chan struct{}, 1)
	var reader sync.WaitGroup
	reader.Go(func() {
		for e := range events(reading) {
			if changes(e) {
				select {
				case c <- struct{}{}:
				default: // it is told of already
				}
			}
		}
	})
	return c, func() {
		stop()
		reader.Wait()
	}
}

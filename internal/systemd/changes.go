// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"context"
	"iter"
	"sync"
)

// Changes tells in a channel for [Service].Changed, which has room for one, of each event that changes what is said, until end is
// called: also of those after the end of ctx, for a service has something to say while it ends.
func Changes[E any](ctx context.Context, changed chan<- struct{}, events func(context.Context) iter.Seq[E], changes func(E) bool) (end func()) {
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	var reader sync.WaitGroup
	reader.Go(func() {
		for e := range events(reading) {
			if changes(e) {
				select {
				case changed <- struct{}{}:
				default: // it is told of already
				}
			}
		}
	})
	return func() {
		stop()
		reader.Wait()
	}
}

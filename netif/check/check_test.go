// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"testing"
	"time"
)

// limited is a context that ends should a check hang.
func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// wantSoon waits until a check succeeds: a carrier takes a moment to be known.
func wantSoon(t *testing.T, look func(context.Context) error) {
	t.Helper()
	ctx := limited(t)
	for {
		err := look(ctx)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Error(err)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// probe looks once. delta is what it adds to the weight of the server.
type probe func(ctx context.Context) (delta int, err error)

// checker repeats a check.
type checker struct {
	config    keepalived.Check
	probe     probe
	up        bool                       // what it said last
	suspended func() bool                // nil: never
	report    func(v verdict, err error) // is called after each look that counts
}

// run checks until ctx ends. A server that was up is down after all retries have failed.
func (c *checker) run(ctx context.Context) {
	if c.config.Warmup > 0 && !pause(ctx, rand.N(c.config.Warmup)) {
		return
	}
	for failures := 0; ; {
		wait := c.config.Interval
		switch delta, err := c.look(ctx); {
		case ctx.Err() != nil:
			return
		case err == errSuspended:
		case err == nil:
			c.up, failures = true, 0
			c.report(verdict{true, delta}, nil)
		case c.up && failures < c.config.Retries:
			failures++
			wait = c.config.RetryDelay
		default:
			c.up, failures = false, 0
			c.report(verdict{}, err)
		}
		if !pause(ctx, wait) {
			return
		}
	}
}

// look looks once, within the time for it.
func (c *checker) look(ctx context.Context) (int, error) {
	if c.suspended != nil && c.suspended() {
		return 0, errSuspended
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	return c.probe(ctx)
}

// pause waits, and reports whether ctx is still going on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

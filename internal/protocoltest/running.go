// SPDX-License-Identifier: Apache-2.0

// Package protocoltest has what the tests of both protocols need alike: a daemon that runs
// on the LAN in memory, what watches it, and a backend whose leases run out.
package protocoltest

import (
	"context"
	"testing"
	"testing/synctest"
)

// Running is a router or a host that runs on a goroutine of its own.
type Running struct {
	end  context.CancelFunc
	done chan error
}

// Run starts one by its method Run, in a bubble of synctest, and returns when it waits
// for something.
func Run(t *testing.T, run func(context.Context) error) *Running {
	ctx, cancel := context.WithCancel(t.Context())
	r := &Running{cancel, make(chan error, 1)}
	go func() { r.done <- run(ctx) }()
	synctest.Wait()
	return r
}

// End asks it to end.
func (r *Running) End() { r.end() }

// Wait returns what Run returned, when it has. It is for one call.
func (r *Running) Wait() error { return <-r.done }

// Stop is both.
func (r *Running) Stop() error {
	r.End()
	return r.Wait()
}

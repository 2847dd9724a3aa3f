// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"
)

// world is where the story takes place: two nodes with a router each, and a
// client, on a switch. What happens in it goes to a [record]. Its methods are
// called by one goroutine.
type world interface {
	// place says where that is, and powerFailure what is done to a node in it
	// that loses power.
	place() string
	powerFailure() string

	// start starts the router of a node. stop tells it to end, which takes a
	// moment.
	start(node int) error
	stop(node int) error
	// powerOff ends a node's router without a word, and takes its host off the
	// switch. powerOn puts the host back, without a router.
	powerOff(node int) error
	powerOn(node int) error
	// setLink takes a node's own interface down or up.
	setLink(node int, up bool) error
	// holds reports whether a node's host has the service address.
	holds(node int) (bool, error)

	// ping has the client ask for the service address at every pingInterval.
	// The function it returns ends that, and returns when the outcome of every
	// ping is on the record.
	ping() (stop func() error)

	// now returns the time since the beginning. pass lets some pass; its error
	// is that of ctx, or what went wrong in the world meanwhile.
	now() time.Duration
	pass(ctx context.Context, d time.Duration) error

	// close ends the world. Routers that still run are stopped as by stop.
	close() error
}

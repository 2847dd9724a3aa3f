// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
	crypto "crypto/rand"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// HostConfig is what a [Host] works with. Only Network is required.
type HostConfig struct {
	Network Network
	// Announcer announces service addresses. If it is nil, Network does, if it
	// is an [Announcer] too.
	Announcer Announcer
	// Guard keeps the last will of the host. Without one a process that dies
	// says no goodbye.
	Guard Guard
	// Now is the clock, time.Now if nil. It must not run backwards.
	Now func() time.Time
	// Random provides the counters of advertisements; it is called by the loop.
	// By default they can't be guessed. A simulation that is to be reproducible
	// sets it; two hosts must not draw the same numbers, for each would take the
	// other's advertisements for its own come back.
	Random func() uint64
	// Logger is told of transitions and, at a bounded rate, of what is wrong on
	// the link. It never delays the protocol: while Run runs, what a slow handler can't
	// keep up with is dropped, and counted in the attribute dropped_before of the next
	// record. If it is nil nothing is logged.
	Logger *slog.Logger
	// Trace is called on the way; see there.
	Trace Trace
	// Workers is the number of goroutines that configure and announce
	// addresses, default 8. A Backend that blocks keeps one of them for each
	// virtual host, up to Timeout.
	Workers int
	// Select has the kernel drop advertisements of virtual hosts that this host
	// takes no part in, of CARP and of VRRP, if Network is a [Selector]: where many
	// others use the same link, they cost nothing then, but they are neither counted
	// in [HostStats] nor told to Trace.
	Select bool
	// Timeout bounds each call to a [Backend] or [Announcer], default 10s.
	Timeout time.Duration
	// Inherit, if not nil, has the Host take over from another one, which calls
	// [Host.HandOver]. [Host.Run] calls it once, before it does anything else, but with the
	// links open so that no packet is missed: it is to bring about that the other one
	// hands over, to call take with what that one has left, and to bring the receipt back.
	// From the moment that take has returned without an error nobody but this Host takes
	// part, provided that Inherit returns nil then. After any error that it returns Run does
	// nothing and returns it. Where both are in one program the Inherit of the new one is
	//
	//	func(take carp.Transfer) error { return old.HandOver(ctx, take) }
	Inherit func(take Transfer) error
	// EventBuffer is how many events are kept for readers of [Host.Events],
	// default 1024.
	EventBuffer int
	// RejectedBuffer is how many kinds of rejected packets are kept for
	// [Host.Rejected], default 16, negative for none. Each rejected packet is compared
	// with all of them.
	RejectedBuffer int

	// LinkDownDemotion is the weight by which the host is demoted for each link
	// of its virtual hosts that is down or isn't there, so that all virtual
	// hosts of a firewall move to the peer together, if that preempts
	// (net.inet.carp.ifdown_demotion_factor): default 240, negative for none.
	LinkDownDemotion int
	// SendErrorDemotion is the weight by which the host is demoted for a
	// virtual host that failed to send three times
	// (net.inet.carp.senderr_demotion_factor): default 240, negative for none.
	// It ends when three advertisements in succession could be sent or when the
	// link has been down, and not while the virtual host is Backup: there is no
	// other way to find out whether it can send than to be Master.
	SendErrorDemotion int
}

// defaultDemotion is the weight of what the host is demoted for by itself.
const defaultDemotion = 240

// complete returns c with defaults in the place of zero values, or a [*ValueError].
func (c HostConfig) complete() (HostConfig, error) {
	if c.Network == nil {
		return c, &ValueError{Name: "network", Value: nil, Allowed: "a Network, such as that of package netif"}
	}
	if c.Workers < 0 || c.Timeout < 0 || c.EventBuffer < 0 {
		return c, &ValueError{Name: "workers, timeout and event buffer", Value: fmt.Sprint(c.Workers, ", ", c.Timeout, " and ", c.EventBuffer), Allowed: "0 for the default, and more"}
	}
	if c.Announcer == nil {
		c.Announcer, _ = c.Network.(Announcer)
	}
	if c.Random == nil {
		c.Random = newRandom()
	}
	c.LinkDownDemotion = cmp.Or(c.LinkDownDemotion, defaultDemotion)
	c.SendErrorDemotion = cmp.Or(c.SendErrorDemotion, defaultDemotion)
	return c, nil
}

// newRandom returns numbers that nobody can guess.
func newRandom() func() uint64 {
	var seed [32]byte
	_, _ = crypto.Read(seed[:]) // never fails
	return rand.NewChaCha8(seed).Uint64
}

// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"cmp"
	"fmt"
	"time"
)

// HMACMode is what a router does while not all of its peers sign yet. A virtual
// router goes over to authentication in three steps, each on all routers before
// the next: receive-only, permissive, enforce. The modes are those of keepalived.
//
//	mode           signs   accepts without trailer   accepts with a wrong trailer
//	receive-only   no      yes                       no
//	permissive     yes     yes                       no
//	enforce        yes     no                        no
type HMACMode uint8

// The modes. Only [HMACEnforce] protects against anything.
const (
	HMACEnforce     HMACMode = iota // the default
	HMACPermissive                  // signs, and accepts what isn't signed
	HMACReceiveOnly                 // does not sign, and accepts what isn't signed
	numHMACModes
)

// String returns the mode as keepalived.conf(5) has it.
func (m HMACMode) String() string {
	if m >= numHMACModes {
		return fmt.Sprintf("mode %d", uint8(m))
	}
	return [numHMACModes]string{"enforce", "permissive", "receive-only"}[m]
}

// HMACConfig is how a virtual router authenticates: the block auth_hmac of
// keepalived.conf(5). The zero value of a field is its default; Keys has none.
type HMACConfig struct {
	Mode HMACMode // default HMACEnforce

	// Keys are accepted all. Each virtual router should have keys of its own:
	// the digest covers family, version, VRID and source address, and no link.
	Keys []Key
	// ActiveKey is the id of the key to sign with. Default: that which SendFrom
	// says, or the first.
	ActiveKey uint8

	// Monotonic has sequence numbers compared with those before only, and not
	// with the clock, for routers whose clocks differ: what is withheld and sent
	// later is accepted then, and what was recorded is accepted after a restart.
	Monotonic bool
	// Window is by how much the clock of a sender may differ, and how long what
	// somebody recorded can be used against a router that hasn't heard its sender
	// since it started: whole seconds from 1s to 300s. Default: that of
	// DefaultWindow for an interval of a second. It matters also to what is sent,
	// after the clock was set back.
	Window time.Duration
	// Senders is of how many senders, those least recently heard left out,
	// sequence numbers are remembered: as many as there are other routers, or
	// more. Default 16, allowed 1 to 256.
	Senders int
}

// Limits and defaults of the configuration.
const (
	leastDefaultWindow = 5   // seconds
	mostWindow         = 300 // seconds
	defaultSenders     = 16
	mostSenders        = 256
)

// DefaultWindow returns what keepalived takes for the window of a virtual router
// with this advertisement interval: three times its whole seconds, from 5s to
// 300s.
func DefaultWindow(interval time.Duration) time.Duration {
	seconds := 3 * (interval / time.Second)
	return min(max(seconds, leastDefaultWindow), mostWindow) * time.Second
}

// withDefaults returns c with defaults in the place of zero values.
func (c HMACConfig) withDefaults() HMACConfig {
	c.Window = cmp.Or(c.Window, DefaultWindow(defaultInterval))
	c.Senders = cmp.Or(c.Senders, defaultSenders)
	return c
}

// check reports the first value that can't be, but for those of the keys.
func (c *HMACConfig) check() error {
	switch {
	case c.Mode >= numHMACModes:
		return &ValueError{Name: "mode", Value: uint8(c.Mode), Allowed: "0 to 2"}
	case c.Window < time.Second || c.Window > mostWindow*time.Second || c.Window%time.Second != 0:
		return &ValueError{Name: "window", Value: c.Window, Allowed: "whole seconds from 1s to 300s"}
	case c.Senders < 1 || c.Senders > mostSenders:
		return &ValueError{Name: "number of senders", Value: c.Senders, Allowed: "1 to 256"}
	}
	return nil
}

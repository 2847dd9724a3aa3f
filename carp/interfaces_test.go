// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// What surrounds a host is the same for both protocols: a program that speaks both
// needs one of each.
var (
	_ carp.Network   = vrrp.Network(nil)
	_ vrrp.Network   = carp.Network(nil)
	_ carp.Announcer = vrrp.Announcer(nil)
	_ vrrp.Announcer = carp.Announcer(nil)
	_ carp.Backend   = vrrp.Backend(nil)
	_ vrrp.Backend   = carp.Backend(nil)
	_ carp.Leaser    = vrrp.Leaser(nil)
	_ vrrp.Leaser    = carp.Leaser(nil)
	_ carp.Suspender = vrrp.Suspender(nil)
	_ vrrp.Suspender = carp.Suspender(nil)
	_ carp.Selector  = vrrp.Selector(nil)
	_ vrrp.Selector  = carp.Selector(nil)
	_ carp.Guard     = vrrp.Guard(nil)
	_ vrrp.Guard     = carp.Guard(nil)

	_ carp.Network      = (*netiftest.Network)(nil)
	_ carp.Announcer    = (*netiftest.Network)(nil)
	_ carp.Leaser       = (*vip.Device)(nil)
	_ netiftest.Stepper = (*carp.Host)(nil)
)

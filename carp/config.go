// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"time"
)

// Config is what the election of one virtual host needs to know. The zero value
// of a field is its default; VHID and Addresses have none.
type Config struct {
	VHID uint8 // 1 to 255, one on each link (ifconfig(8): vhid)

	// AdvBase is the interval between advertisements in seconds, default 1
	// (ifconfig(8): advbase).
	AdvBase uint8
	// AdvSkew is added to it in units of 1/256 s, 0 to 254 (ifconfig(8): advskew).
	// The host with the lowest AdvBase, and of these the one with the lowest
	// AdvSkew, is to be Master.
	AdvSkew uint8
	// SubSecond has an AdvBase of 0 and not the default, so that the interval is
	// AdvSkew/256 s: as on OpenBSD and NetBSD and with ucarp; FreeBSD can't. Not
	// with an AdvSkew of 0, which OpenBSD takes for 1: that is the rank of a
	// forced Master.
	SubSecond bool

	// Addresses are the service addresses, of either family or both. The digest
	// of an advertisement covers all of them: peers must have the same.
	Addresses []netip.Prefix

	// Preempt has a Master that advertises less often put down at once
	// (net.inet.carp.preempt, which is 0 by default; ucarp --preempt).
	Preempt bool
	// PreemptDelay is how long a Master that advertises less often is let be
	// before it is preempted, counted from its first advertisement heard.
	PreemptDelay time.Duration
	// StartupHold is the least time after startup in which the role is not
	// claimed for want of a Master: long enough for a switch port or a bond to
	// begin forwarding. The first valid advertisement heard ends it.
	StartupHold time.Duration

	// DeadRatio is how many times advbase a Master may be silent before it is
	// down, default 3 (ucarp --deadratio; the BSDs know no other).
	DeadRatio int
	// OpenBSDTimeout multiplies advskew by DeadRatio too, as OpenBSD does; see
	// [Machine.DownInterval].
	OpenBSDTimeout bool
	// YieldToEqual has a Master yield to every other one of equal rank, as the
	// BSDs do; two of them can yield at once, again and again. Without it the one
	// with the lower source address stays, which is what ucarp is meant to do, and
	// one that stays although it has the higher address is given way to in the end.
	YieldToEqual bool
	// DemoteOctet advertises demotion in an octet of its own, which is compared
	// before anything else, as OpenBSD does, instead of adding it to AdvSkew.
	// Without it that octet of a peer is ignored, as everywhere else.
	DemoteOctet bool
	// ReleaseFirst takes the addresses away before the bow-out of a planned
	// hand-over and not after the successor has them: for peers that run
	// duplicate address detection on service addresses.
	ReleaseFirst bool

	Announcements Announcements
}

// Announcements says how often neighbours are told where the addresses are: by
// gratuitous ARP for IPv4, by unsolicited neighbour advertisement for IPv6. The
// zero value is a burst of 5 on becoming Master and a second one 5 s later.
// After a competitor was heard and again after it went silent there is a burst
// as well.
type Announcements struct {
	Burst   int           // announcements of each address in a burst, default 5
	Delay   time.Duration // from becoming Master to the second burst, default 5s; negative: none
	Refresh time.Duration // between single announcements while Master after that; 0: none
}

// Limits and defaults of the configuration.
const (
	defaultAdvBase    = 1
	defaultDeadRatio  = 3
	defaultBurst      = 5
	defaultBurstDelay = 5 * time.Second
	maxSkew           = 254 // 255 is for the bow-out
	maxDemote         = 255
)

// withDefaults returns c with defaults in the place of zero values and with
// slices of its own.
func (c Config) withDefaults() Config {
	if !c.SubSecond {
		c.AdvBase = cmp.Or(c.AdvBase, defaultAdvBase)
	}
	c.DeadRatio = cmp.Or(c.DeadRatio, defaultDeadRatio)
	c.Announcements.Burst = cmp.Or(c.Announcements.Burst, defaultBurst)
	c.Announcements.Delay = cmp.Or(c.Announcements.Delay, defaultBurstDelay)
	c.Addresses = slices.Clone(c.Addresses)
	return c
}

// Validate reports everything that is wrong with the configuration, joined;
// each error is a [*ValueError].
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	wrong := func(bad bool, name string, value any, allowed string) {
		if bad {
			errs = append(errs, &ValueError{Name: name, Value: value, Allowed: allowed})
		}
	}
	wrong(c.VHID == 0, "virtual host identifier", c.VHID, "1 to 255")
	wrong(c.AdvSkew > maxSkew, "advskew", c.AdvSkew, "0 to 254")
	wrong(c.SubSecond && c.AdvBase != 0, "advbase", c.AdvBase, "0 with an interval of less than a second")
	wrong(c.SubSecond && c.AdvSkew == 0, "advskew", c.AdvSkew, "1 to 254 with an interval of less than a second")
	wrong(c.DeadRatio < 1, "dead ratio", c.DeadRatio, "1 and more")
	wrong(c.PreemptDelay < 0, "preempt delay", c.PreemptDelay, "0 and more")
	wrong(c.StartupHold < 0, "startup hold", c.StartupHold, "0 and more")
	wrong(c.Announcements.Burst < 0, "announcements in a burst", c.Announcements.Burst, "1 and more")
	wrong(c.Announcements.Refresh < 0, "refresh of announcements", c.Announcements.Refresh, "0 and more")
	errs = append(errs, c.validateAddresses())
	return errors.Join(errs...)
}

// validateAddresses checks the service addresses.
func (c Config) validateAddresses() error {
	if len(c.Addresses) == 0 {
		return &ValueError{Name: "number of addresses", Value: 0, Allowed: "1 and more"}
	}
	seen := map[netip.Addr]bool{}
	for _, p := range c.Addresses {
		a := p.Addr()
		switch {
		case !p.IsValid() || a.Is4In6() || a.IsUnspecified() || a.IsMulticast() || a.IsLoopback() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
			return &ValueError{Name: "address", Value: p, Allowed: "unicast addresses with the length of their prefix"}
		case seen[a]:
			return &ValueError{Name: "address", Value: p, Allowed: "each once"}
		}
		seen[a] = true
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Config is what the election of one virtual router needs to know (RFC 9568
// section 6.1). The zero value of a field is its default; VRID and Addresses
// have none.
type Config struct {
	Version  Version       // default V3
	VRID     uint8         // 1 to 255, one in each address family of a link
	Priority uint8         // default 100; 255 for the owner of the addresses
	Interval time.Duration // between advertisements, default 1s; see [Version.CheckInterval]

	// Addresses are the service addresses that are advertised, all of one
	// family, which is that of the virtual router. Of IPv6 the first must be
	// link-local (erratum 8300) unless GlobalFirst is set.
	Addresses []netip.Prefix
	// Excluded are service addresses of either family that are held and
	// announced like the others but not advertised: for those that one packet
	// doesn't hold.
	Excluded []netip.Prefix
	// GlobalFirst allows an IPv6 virtual router without a link-local address,
	// as keepalived does.
	GlobalFirst bool

	// WithV2 has a version 3 virtual router of IPv4 speak version 2 as well, while
	// its routers go over from one to the other (RFC 9568 section 8.4): it sends both
	// and listens to both, but not to version 2 of a router whose version 3 it hears.
	// In version 2 the interval is rounded up to whole seconds, which all routers of
	// version 2 must have; another that such a one sends is learned.
	WithV2 bool

	// NoPreempt lets an Active Router of lower priority be (Preempt_Mode
	// false). An owner preempts always.
	NoPreempt bool
	// EagerStart shortens the first wait after startup from the Active Down
	// Interval to one advertisement interval: keepalived's "state MASTER".
	EagerStart bool
	// PreemptDelay is how long an Active Router of lower priority is let be
	// before it is preempted, counted from its first advertisement heard.
	PreemptDelay time.Duration
	// StartupHold is the least time after startup in which the role is not
	// claimed for want of an Active Router: long enough for a switch port or a
	// bond to begin forwarding. The first valid advertisement heard ends it.
	StartupHold time.Duration
	// DownIntervals is how many advertisement intervals without an
	// advertisement make an Active Router down, before the skew time. Default
	// 3, as RFC 9568 has it; all routers must agree.
	DownIntervals int
	// OwnerAdds has an owner, a router of priority 255, add and remove the
	// addresses as any other does, for keepalived's sake. Without it they are
	// the owner's for good, configured on the link by somebody else.
	OwnerAdds bool
	// ReleaseFirst takes the addresses away before the goodbye of a planned
	// hand-over and not after the successor has them: for peers that run
	// duplicate address detection on service addresses.
	ReleaseFirst bool

	Announcements Announcements
}

// Announcements says how often neighbours are told where the addresses are: by
// gratuitous ARP for IPv4, by unsolicited neighbour advertisement for IPv6. The
// zero value is a burst of 5 on becoming Active and a second one 5 s later.
// After a competitor was heard and again after it went silent there is a burst
// as well.
type Announcements struct {
	Burst   int           // announcements of each address in a burst, default 5
	Delay   time.Duration // from becoming Active to the second burst, default 5s; negative: none
	Refresh time.Duration // between single announcements while Active after that; 0: none
}

// Limits of the configuration.
const (
	defaultInterval      = time.Second
	defaultDownIntervals = 3
	defaultBurst         = 5
	defaultBurstDelay    = 5 * time.Second
	maxAddressesIPv6     = 90 // what an Ethernet frame of 1,500 octets carries
)

// withDefaults returns c with defaults in the place of zero values and with
// slices of its own.
func (c Config) withDefaults() Config {
	c.Version = cmp.Or(c.Version, V3)
	c.Priority = cmp.Or(c.Priority, PriorityDefault)
	c.Interval = cmp.Or(c.Interval, defaultInterval)
	c.DownIntervals = cmp.Or(c.DownIntervals, defaultDownIntervals)
	c.Announcements.Burst = cmp.Or(c.Announcements.Burst, defaultBurst)
	c.Announcements.Delay = cmp.Or(c.Announcements.Delay, defaultBurstDelay)
	c.Addresses = slices.Clone(c.Addresses)
	c.Excluded = slices.Clone(c.Excluded)
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
	wrong(c.Version != V2 && c.Version != V3, "protocol version", uint8(c.Version), "2 and 3")
	wrong(c.VRID == 0, "virtual router identifier", c.VRID, "1 to 255")
	wrong(c.PreemptDelay < 0, "preempt delay", c.PreemptDelay, "0 and more")
	wrong(c.StartupHold < 0, "startup hold", c.StartupHold, "0 and more")
	wrong(c.DownIntervals < 1, "down intervals", c.DownIntervals, "1 and more")
	wrong(c.Announcements.Burst < 0, "announcements in a burst", c.Announcements.Burst, "1 and more")
	wrong(c.Announcements.Refresh < 0, "refresh of announcements", c.Announcements.Refresh, "0 and more")
	errs = append(errs, c.Version.CheckInterval(c.Interval), c.validateAddresses())
	return errors.Join(errs...)
}

// validateAddresses checks the service addresses.
func (c Config) validateAddresses() error {
	if len(c.Addresses) == 0 {
		return &ValueError{Name: "number of addresses", Value: 0, Allowed: "1 and more"}
	}
	most := maxAddresses
	if c.ipv6() {
		most = maxAddressesIPv6
	}
	if len(c.Addresses) > most {
		return &ValueError{Name: "number of addresses", Value: len(c.Addresses), Allowed: fmt.Sprintf("1 to %d, and any number of excluded ones", most)}
	}
	if c.ipv6() && c.Version == V2 {
		return &ValueError{Name: "address", Value: c.Addresses[0], Allowed: "IPv4 in version 2"}
	}
	if c.WithV2 && (c.ipv6() || c.Version != V3) {
		return &ValueError{Name: "version 2 besides", Value: c.Version, Allowed: "version 3 and IPv4"}
	}
	if c.ipv6() && !c.GlobalFirst && !c.Addresses[0].Addr().IsLinkLocalUnicast() {
		return &ValueError{Name: "first address", Value: c.Addresses[0], Allowed: "a link-local address (RFC 9568 section 5.2.9)"}
	}
	seen := map[netip.Addr]bool{}
	for i, p := range c.held() {
		a := p.Addr()
		switch {
		case !p.IsValid() || a.Is4In6() || a.IsUnspecified() || a.IsMulticast() || a.IsLoopback():
			return &ValueError{Name: "address", Value: p, Allowed: "unicast addresses with the length of their prefix"}
		case i < len(c.Addresses) && a.Is6() != c.ipv6():
			return &ValueError{Name: "address", Value: p, Allowed: "those of the first one's family; others can be excluded from the advertisement"}
		case seen[a]:
			return &ValueError{Name: "address", Value: p, Allowed: "each once"}
		}
		seen[a] = true
	}
	return nil
}

// speaks reports whether advertisements of a version are sent and listened to.
func (c Config) speaks(v Version) bool { return v == c.Version || v == V2 && c.WithV2 }

// ipv6 reports whether the virtual router is one of IPv6.
func (c Config) ipv6() bool { return len(c.Addresses) > 0 && c.Addresses[0].Addr().Is6() }

// owner reports whether the router is the address owner of the election (RFC 9568
// section 1.7).
func (c Config) owner() bool { return c.Priority == PriorityOwner }

// fixed reports whether the addresses are configured on the link for good, so
// that they are neither added nor removed.
func (c Config) fixed() bool { return c.owner() && !c.OwnerAdds }

// held returns all service addresses, which are not to be changed.
func (c Config) held() []netip.Prefix {
	if len(c.Excluded) == 0 {
		return c.Addresses
	}
	return slices.Concat(c.Addresses, c.Excluded)
}

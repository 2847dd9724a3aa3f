// SPDX-License-Identifier: Apache-2.0

// Package doctor says what on a host will keep VRRP or CARP from working, before it does: missing capabilities, kernel
// settings, addresses, packet filters, other speakers, programs that remove addresses. Each finding has the fix in a
// line.
//
// [Diagnose] looks once, and changes nothing. It reads /proc and configuration files, asks rtnetlink(7), and on
// each link listens for some seconds to what is advertised, after it has sent one packet to itself that does
// not leave the host.
//
// What it can't see: packet filters that tell packets by their sender, for the packet it sends has an address of the
// host's own; what the switch and other hosts drop; bridges of the machine that a virtual machine or container runs on.
package doctor

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"time"
)

// DefaultListen is for how long is listened unless [Config] says otherwise: an Active router with the usual interval of
// a second is heard three times.
const DefaultListen = 3500 * time.Millisecond

// Config says what is to run on this host. The zero value has the host looked at, and no link.
type Config struct {
	// Routers are the virtual routers (VRRP) or virtual hosts (CARP).
	Routers []Router

	// Listen is for how long to listen for other speakers and for packets that get lost in the host. 0 means
	// [DefaultListen]; negative means not to listen, and to send nothing either.
	Listen time.Duration

	// Files is the file system of the host. nil means that of this process, where proc is that of the calling
	// thread and its network namespace.
	Files fs.FS
}

// A Router is a virtual router of VRRP, or a virtual host of CARP, that is to run or runs on this host.
type Router struct {
	// Link is the name of the link it advertises on.
	Link string

	// ID is its number, VRID or VHID, and IPv6 the family that it advertises in.
	ID   uint8
	IPv6 bool

	// CARP says that it speaks CARP and not VRRP.
	CARP bool

	// Unicast says that it advertises to its peers one by one, and not to the group.
	Unicast bool

	// Addresses are the service addresses as they are advertised, Excluded those that are not.
	Addresses []netip.Prefix
	Excluded  []netip.Prefix

	// Device is the link that the service addresses are put on. Empty means Link.
	Device string

	// Owner says that the host owns the addresses (priority 255): they are to be there always.
	Owner bool

	// VirtualMAC says that the addresses are at the virtual MAC address, see netif.AddMacvlan.
	VirtualMAC bool
}

// device returns the link that has the service addresses.
func (r *Router) device() string { return cmp.Or(r.Device, r.Link) }

// served returns all service addresses.
func (r *Router) served() []netip.Prefix { return slices.Concat(r.Addresses, r.Excluded) }

// group returns the multicast group of VRRP and CARP (RFC 9568 sections 5.1.1.2 and 5.1.2.2).
func group(ipv6 bool) netip.Addr {
	if ipv6 {
		return netip.AddrFrom16([16]byte{0: 0xff, 1: 0x02, 15: 0x12})
	}
	return netip.AddrFrom4([4]byte{224, 0, 0, 18})
}

// A subject is what most checks look at: a link and a family, with the routers there.
type subject struct {
	name    string // of the link
	link    *link  // nil if there is none
	ipv6    bool
	routers []Router
}

// found returns one finding about the link.
func (s *subject) found(kind Kind, severity Severity, fix, detail string, args ...any) []Finding {
	return found(kind, severity, s.name, fix, detail, args...)
}

// multicast reports whether any of the routers advertises to the group.
func (s *subject) multicast() bool {
	return slices.ContainsFunc(s.routers, func(r Router) bool { return !r.Unicast })
}

// names returns the names of the links of routers.
func names(routers []Router) []string {
	var list []string
	for _, r := range routers {
		if !slices.Contains(list, r.Link) {
			list = append(list, r.Link)
		}
	}
	return list
}

// subjects groups the routers by link and family, in the order of the first of each.
func subjects(h *host, routers []Router) []*subject {
	var list []*subject
	for _, r := range routers {
		i := slices.IndexFunc(list, func(s *subject) bool { return s.name == r.Link && s.ipv6 == r.IPv6 })
		if i < 0 {
			i = len(list)
			list = append(list, &subject{name: r.Link, link: h.link(r.Link), ipv6: r.IPv6})
		}
		list[i].routers = append(list[i].routers, r)
	}
	return list
}

// checks are those that look at one link and family each, in the order of their findings.
func checks() []func(h *host, s *subject) []Finding {
	return []func(h *host, s *subject) []Finding{
		checkLink, checkBridgePort, checkIPv4, checkLinkLocal, checkRPFilter, checkARP, checkPromotion, checkMembership,
		checkSnooping, checkAddresses, checkVirtualMAC, checkNetworkd, checkNetworkManager, checkEnvironment,
	}
}

// Diagnose looks at the host in the network namespace of the calling thread, and returns what it found: what is
// about the host, then about each link. It needs CAP_NET_RAW to listen, and else no privileges; what it can't
// look at is a finding, too. It takes as long as it listens.
//
// The error matches [errors.ErrUnsupported] where this is not Linux, or says why the kernel does not tell about
// its links. When ctx ends it is that of ctx, beside what was found so far.
func Diagnose(ctx context.Context, cfg Config) ([]Finding, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if cfg.Files == nil {
		cfg.Files = os.DirFS("/")
	}
	h, err := look(cfg.Files, names(cfg.Routers))
	if err != nil {
		return nil, fmt.Errorf("doctor: %w", err)
	}
	findings := examine(h, cfg.Routers)
	if cfg.Listen < 0 {
		return findings, nil
	}
	heard, err := listen(ctx, h, subjects(h, cfg.Routers), cmp.Or(cfg.Listen, DefaultListen))
	findings = append(findings, heard...)
	if err != nil {
		err = fmt.Errorf("doctor: %w", err)
	}
	return unique(findings), err
}

// examine makes all checks that need nothing but a look.
func examine(h *host, routers []Router) []Finding {
	findings := checkCapabilities(h)
	for _, s := range subjects(h, routers) {
		for _, check := range checks() {
			findings = append(findings, check(h, s)...)
		}
	}
	return unique(findings)
}

// unique drops what was found more than once, as by both families of a link.
func unique(findings []Finding) []Finding {
	var list []Finding
	for _, f := range findings {
		if !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

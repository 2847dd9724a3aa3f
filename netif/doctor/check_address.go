// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// ownMark is what this module puts on addresses that it adds, as IFA_PROTO: the number of VRRP among IP protocols.
const ownMark = 112

// isServed reports whether an address is a service address that comes and goes.
func (s *subject) isServed(a netip.Addr) bool {
	return slices.ContainsFunc(s.routers, func(r Router) bool {
		return !r.Owner && slices.ContainsFunc(r.served(), func(p netip.Prefix) bool { return p.Addr() == a })
	})
}

// own returns the addresses of the link that are the host's own.
func (s *subject) own(h *host, family func(netip.Addr) bool) []address {
	var list []address
	for _, a := range h.addresses {
		here := s.link != nil && a.link == s.link.index && family(a.prefix.Addr())
		if here && a.mark != ownMark && !s.isServed(a.prefix.Addr()) {
			list = append(list, a)
		}
	}
	return list
}

// checkIPv4 wants an address to advertise from.
func checkIPv4(h *host, s *subject) []Finding {
	if s.link == nil || s.ipv6 || len(s.own(h, netip.Addr.Is4)) > 0 {
		return nil
	}
	return s.found(NoIPv4, Error, "ip address add ADDRESS/LENGTH dev "+s.name,
		"it has no IPv4 address of its own, which advertisements come from")
}

// checkLinkLocal wants a link-local address to advertise from, which is not detected as a duplicate.
func checkLinkLocal(h *host, s *subject) []Finding {
	if s.link == nil || !s.ipv6 {
		return nil
	}
	isLinkLocal := func(a netip.Addr) bool { return a.Is6() && a.IsLinkLocalUnicast() }
	var tentative, duplicate []address
	for _, a := range s.own(h, isLinkLocal) {
		switch {
		case a.flags&flagDADFailed != 0:
			duplicate = append(duplicate, a)
		case a.flags&flagTentative != 0 && a.flags&flagOptimistic == 0:
			tentative = append(tentative, a)
		default:
			return nil
		}
	}
	switch {
	case len(tentative) > 0:
		return s.found(Tentative, Warning, "wait a second; if it stays so the link has no carrier",
			"link-local address %v is not usable yet: duplicate address detection goes on", tentative[0].prefix.Addr())
	case len(duplicate) > 0:
		p := duplicate[0].prefix
		fix := fmt.Sprintf("find the other host, then ip address del %v dev %s and ip link set %s down, up", p, s.name, s.name)
		return s.found(DuplicateAddress, Error, fix, "link-local address %v is not usable: another host has it", p.Addr())
	}
	return s.found(NoLinkLocal, Error, h.linkLocalFix(s.link), "it has no link-local IPv6 address, which advertisements come from")
}

// linkLocalFix says how a link gets a link-local address, by what keeps it from having one.
func (h *host) linkLocalFix(l *link) string {
	conf := "net/ipv6/conf/" + l.name
	disabled, ok := h.sysctl(conf + "/disable_ipv6")
	mode, _ := h.sysctl(conf + "/addr_gen_mode")
	switch {
	case !ok:
		return "the kernel has no IPv6: boot without ipv6.disable=1"
	case disabled != 0:
		return command(conf+"/disable_ipv6", 0)
	case mode == 1: // IN6_ADDR_GEN_MODE_NONE
		return command(conf+"/addr_gen_mode", 0)
	case !l.up:
		return "ip link set " + l.name + " up"
	}
	return "ip address add fe80::N/64 dev " + l.name
}

// checkAddresses looks for service addresses that are there by another hand: they stay when the router is Backup. An
// owner's are to be there.
func checkAddresses(h *host, s *subject) []Finding {
	var findings []Finding
	for _, r := range s.routers {
		for _, p := range r.served() {
			there := false
			for _, a := range h.addresses {
				if a.prefix.Addr() != p.Addr() {
					continue
				}
				if there = true; !r.Owner {
					findings = append(findings, h.checkHeld(s, a)...)
				}
			}
			if r.Owner && !there {
				findings = append(findings, s.missing(&r, p)...)
			}
		}
	}
	return findings
}

// missing says that an owner lacks an address.
func (s *subject) missing(r *Router, p netip.Prefix) []Finding {
	return s.found(AddressMissing, Error, fmt.Sprintf("ip address add %v dev %s, or a priority of 254 at most", p, r.device()),
		"router %d is to be the owner of %v (priority 255), and the host does not have it", r.ID, p.Addr())
}

// checkHeld says what a service address that is there means.
func (h *host) checkHeld(s *subject, a address) []Finding {
	device := fmt.Sprint("link ", a.link)
	if l := h.linkOf(a.link); l != nil {
		device = l.name
	}
	remove := fmt.Sprintf("ip address del %v dev %s", a.prefix, device)
	switch {
	case a.mark == ownMark && h.running(s.ipv6):
		return nil
	case a.mark == ownMark:
		return s.found(AddressPresent, Warning, remove,
			"service address %v is on %s, left by an earlier run: nothing takes it away before the next start", a.prefix, device)
	case h.isSilent(s, a):
		return s.found(AddressPresent, Note, "nothing, if this is a server behind the load balancer as well",
			"service address %v is on %s, %s, and not answered for on %s", a.prefix, device, hand(a), s.name)
	}
	return s.found(AddressPresent, Error, remove+", and from the configuration that adds it",
		"service address %v is on %s already, %s: the host keeps it whoever is Active", a.prefix, device, hand(a))
}

// isSilent reports whether an address is on another link and is not answered for on this one, as on the servers
// behind a load balancer.
func (h *host) isSilent(s *subject, a address) bool {
	if s.link == nil || a.link == s.link.index {
		return false
	}
	own, all := h.ipv4Conf(s.name, "arp_ignore")
	return s.ipv6 || max(own, all) > 0
}

// hand says who added an address, as far as its mark tells (linux/if_addr.h), and for how long.
func hand(a address) string {
	var b strings.Builder
	switch a.mark {
	case 0:
		b.WriteString("added by somebody who left no mark")
	case 1, 2, 3: // IFAPROT_KERNEL_LO, IFAPROT_KERNEL_RA, IFAPROT_KERNEL_LL
		b.WriteString("added by the kernel")
	default:
		fmt.Fprintf(&b, "added by somebody whose mark is %d", a.mark)
	}
	if a.flags&flagPermanent == 0 {
		b.WriteString(", for a limited time")
	}
	return b.String()
}

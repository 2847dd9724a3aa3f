// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/go-fhrp/fhrp/netif"
)

// command returns the command that sets a setting.
func command(name string, value int) string {
	return netif.Setting{Name: name, Want: strconv.Itoa(value)}.Command()
}

// checkRPFilter looks for a strict check of source addresses (rp_filter 1, the higher one of the link's and
// that of all links) where the way back to neighbours is another link: their advertisements don't arrive. Routes
// of a VRF are not looked at.
func checkRPFilter(h *host, s *subject) []Finding {
	if s.link == nil || s.ipv6 || h.inVRF(s.link) {
		return nil
	}
	own, all := h.ipv4Conf(s.name, "rp_filter")
	if max(own, all) != 1 {
		return nil
	}
	for _, a := range s.own(h, netip.Addr.Is4) {
		neighbour, ok := neighbourIn(a.prefix)
		if !ok {
			continue
		}
		index, err := h.way(neighbour)
		if err == nil && index == s.link.index {
			continue
		}
		return s.found(RPFilter, Error, command("net/ipv4/conf/"+s.name+"/rp_filter", 2),
			"rp_filter is 1 (this link %d, all links %d) and packets to %v leave %s: advertisements from there are dropped",
			own, all, a.prefix.Masked(), h.wayName(index, err))
	}
	return nil
}

// inVRF reports whether a link is in a routing domain of its own.
func (h *host) inVRF(l *link) bool {
	master := h.linkOf(l.master)
	return master != nil && master.kind == "vrf"
}

// neighbourIn returns an address of the same network.
func neighbourIn(p netip.Prefix) (netip.Addr, bool) {
	for _, a := range []netip.Addr{p.Addr().Next(), p.Addr().Prev()} {
		if a.IsValid() && p.Contains(a) && a != p.Masked().Addr() {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// wayName says which way packets leave.
func (h *host) wayName(index int, err error) string {
	if err != nil {
		return "nowhere"
	}
	if l := h.linkOf(index); l != nil {
		return "by " + l.name
	}
	return "by another link"
}

// checkARP looks at who answers ARP requests for service addresses (arp_ignore, the higher one of the link's
// and that of all links).
func checkARP(h *host, s *subject) []Finding {
	if s.link == nil || s.ipv6 {
		return nil
	}
	own, all := h.ipv4Conf(s.name, "arp_ignore")
	ignore := max(own, all)
	if ignore == 8 {
		return s.found(ARPIgnore, Error, arpFix(s.name, own, all),
			"arp_ignore is 8: no ARP request is answered, service addresses can't be found")
	}
	var findings []Finding
	for _, r := range s.routers {
		if ignore > 0 && r.device() != s.name && !r.VirtualMAC {
			findings = append(findings, s.found(ARPIgnore, Error, arpFix(s.name, own, all),
				"arp_ignore is %d and service addresses are on %s: ARP requests for them are not answered", ignore, r.device())...)
		}
		if ignore == 0 {
			findings = append(findings, checkSilent(h, s, &r)...)
		}
	}
	return findings
}

// arpFix returns the command that makes arp_ignore 0.
func arpFix(name string, own, all int) string {
	var commands []string
	if all != 0 {
		commands = append(commands, command("net/ipv4/conf/all/arp_ignore", 0))
	}
	if own != 0 {
		commands = append(commands, command("net/ipv4/conf/"+name+"/arp_ignore", 0))
	}
	return strings.Join(commands, " && ")
}

// checkSilent looks for service addresses that the host has on another link in its own right, as the servers
// behind a load balancer do: it must not answer for them.
func checkSilent(h *host, s *subject, r *Router) []Finding {
	for _, a := range h.addresses {
		isServed := func(p netip.Prefix) bool { return p.Addr() == a.prefix.Addr() }
		if r.Owner || a.link == s.link.index || a.mark == ownMark || !slices.ContainsFunc(r.served(), isServed) {
			continue
		}
		settings := netif.SilentAddresses(s.name)
		return s.found(ARPIgnore, Error, settings[0].Command()+" && "+settings[1].Command(),
			"the host has %v on another link and answers ARP requests for it here, whoever is Active: arp_ignore is 0", a.prefix.Addr())
	}
	return nil
}

// checkPromotion looks for service addresses that would take others with them when they go: those secondary to
// them, of the same network, unless promote_secondaries is on for the link or for all links.
func checkPromotion(h *host, s *subject) []Finding {
	if s.ipv6 {
		return nil
	}
	for _, r := range s.routers {
		device := h.link(r.device())
		if device == nil || r.Owner || r.VirtualMAC {
			continue
		}
		own, all := h.ipv4Conf(device.name, "promote_secondaries")
		if own != 0 || all != 0 {
			continue
		}
		if network, ok := h.servedNetwork(s, &r, device); ok {
			fix := command("net/ipv4/conf/"+device.name+"/promote_secondaries", 1) + ", or give them the length /32"
			return s.found(PromoteSecondaries, Warning, fix,
				"promote_secondaries is off on %s: of the service addresses in %v, the first takes the others with it when it goes",
				device.name, network)
		}
	}
	return nil
}

// servedNetwork returns a network of which a device is to have several service addresses and has no address of
// the host's own.
func (h *host) servedNetwork(s *subject, r *Router, device *link) (netip.Prefix, bool) {
	seen := make(map[netip.Prefix]bool)
	for _, p := range r.served() {
		network := p.Masked()
		isOwn := func(a address) bool {
			return a.link == device.index && a.prefix.Masked() == network && !s.isServed(a.prefix.Addr())
		}
		if p.IsSingleIP() || slices.ContainsFunc(h.addresses, isOwn) {
			continue
		}
		if seen[network] {
			return network, true
		}
		seen[network] = true
	}
	return netip.Prefix{}, false
}

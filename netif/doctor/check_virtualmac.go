// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"strings"

	"github.com/go-fhrp/fhrp/netif"
)

// checkVirtualMAC looks at the interfaces that have the virtual MAC address of a router, if there are any: all of them
// must have the settings that make it work.
func checkVirtualMAC(h *host, s *subject) []Finding {
	var findings []Finding
	for _, r := range s.routers {
		for i := range h.links {
			if l := &h.links[i]; s.link != nil && l.lower == s.link.index && l.mac == netif.VirtualMAC(r.ID, r.IPv6) {
				findings = append(findings, h.checkVirtualLink(s, l)...)
			}
		}
	}
	return findings
}

// checkVirtualLink looks at one interface.
func (h *host) checkVirtualLink(s *subject, l *link) []Finding {
	var findings []Finding
	if l.kind == "macvlan" && l.mode != macvlanModePrivate {
		fix := fmt.Sprintf("ip link set %s type macvlan mode private", l.name)
		findings = append(findings, s.found(VirtualMAC, Warning, fix,
			"%s is not in private mode: packets from its own MAC address, as advertisements of others are, get lost", l.name)...)
	}
	if all, _ := h.sysctl("net/ipv4/conf/all/rp_filter"); all != 0 && !s.ipv6 {
		fix := command("net/ipv4/conf/all/rp_filter", 0) + ", and the former value for each other link"
		findings = append(findings, s.found(VirtualMAC, Warning, fix,
			"rp_filter for all links is %d, which overrules that of %s: packets to service addresses may be dropped", all, l.name)...)
	}
	for _, setting := range netif.MacvlanSettings(l.name, s.name, s.ipv6) {
		value, ok := h.read("proc/sys", setting.Name)
		if ok && value != setting.Want && !h.overruled(setting, s.name) {
			findings = append(findings, s.found(VirtualMAC, Warning, setting.Command(),
				"%s is %s, and has to be %s for the virtual MAC address of %s", setting.Name, value, setting.Want, l.name)...)
		}
	}
	return findings
}

// overruled reports whether the value for all links is as good as that of the parent, where the kernel takes the higher
// one.
func (h *host) overruled(setting netif.Setting, parent string) bool {
	rest, ok := strings.CutPrefix(setting.Name, "net/ipv4/conf/"+parent+"/arp_")
	if !ok {
		return false
	}
	all, ok := h.read("proc/sys/net/ipv4/conf/all", "arp_"+rest)
	return ok && all == setting.Want
}

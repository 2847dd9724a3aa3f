// SPDX-License-Identifier: Apache-2.0

package netif

// NonlocalBind returns the settings with which programs can listen on addresses that the host does not have, in
// IPv4 or in IPv6: on a service address before it arrives (ip(7), ip_nonlocal_bind).
func NonlocalBind(ipv6 bool) []Setting {
	if ipv6 {
		return []Setting{{"net/ipv6/ip_nonlocal_bind", "1"}}
	}
	return []Setting{{"net/ipv4/ip_nonlocal_bind", "1"}}
}

// SilentAddresses returns the settings with which a host has IPv4 addresses on other links, lo or dummy0 as a
// rule, and does not show them on this one: it neither answers ARP requests for them nor puts them into its own.
// They are for servers behind a load balancer that leaves the destination of packets as it is. The kernel takes the
// higher one of these values and those of net/ipv4/conf/all.
//
// IPv6 needs none: the kernel answers for the addresses of the link that was asked on.
func SilentAddresses(link string) []Setting {
	conf := "net/ipv4/conf/" + link
	return []Setting{{conf + "/arp_ignore", "1"}, {conf + "/arp_announce", "2"}}
}

// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
)

// MacvlanSettings returns the kernel settings of a virtual MAC, for the interface of that name on that parent:
//
//   - Nobody but the interface answers ARP requests for its addresses, and it for no others (arp_ignore; arp_filter
//     on the parent). Requests of the parent don't show them, else neighbours would learn its MAC address
//     (arp_announce).
//   - It takes packets whatever way the answer would go (rp_filter), also those that come from an address of the
//     host (accept_local).
//   - When its first address of a network goes the others stay (promote_secondaries).
//   - It makes no IPv6 addresses of its own (accept_ra, autoconf), and those it is given are usable at once
//     (accept_dad). In IPv4 it has no IPv6 at all (disable_ipv6), and with it no membership reports.
//
// [AddMacvlan] sets them, and sets the one for all links that would overrule rp_filter.
func MacvlanSettings(name, parent string, ipv6 bool) []Setting {
	conf4, conf6, above := "net/ipv4/conf/"+name, "net/ipv6/conf/"+name, "net/ipv4/conf/"+parent
	if ipv6 {
		return []Setting{
			{conf4 + "/arp_ignore", "1"},
			{conf6 + "/disable_ipv6", "0"},
			{conf6 + "/accept_dad", "0"},
			{conf6 + "/accept_ra", "0"},
			{conf6 + "/autoconf", "0"},
		}
	}
	return []Setting{
		{conf4 + "/arp_ignore", "1"},
		{conf4 + "/rp_filter", "0"},
		{conf4 + "/accept_local", "1"},
		{conf4 + "/promote_secondaries", "1"},
		{above + "/arp_ignore", "1"},
		{above + "/arp_filter", "1"},
		{above + "/arp_announce", "2"},
		{conf6 + "/disable_ipv6", "1"},
	}
}

// rpFilterSettings returns the settings that make rp_filter of one link heeded, and change nothing for the others. The
// kernel takes the maximum of the link's value and that of all links: what the latter was, each other link gets, but
// those of other virtual routers.
func rpFilterSettings(s *Sysctls, name string) ([]Setting, error) {
	all, err := formerRPFilter(s, "all")
	if err != nil || all == 0 {
		return nil, err
	}
	links, err := os.ReadDir(s.path("net/ipv4/conf"))
	if err != nil {
		return nil, fmt.Errorf("netif: settings of all links: %w", err)
	}
	var settings []Setting
	for _, link := range links { // "default", which new links begin with, is one of them
		if link.Name() == name || link.Name() == "all" {
			continue
		}
		own, err := formerRPFilter(s, link.Name())
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // else it went meanwhile
			return nil, err
		}
		setting := Setting{rpFilter(link.Name()), strconv.Itoa(all)}
		if err == nil && own < all && !s.holdsOtherwise(setting) {
			settings = append(settings, setting)
		}
	}
	return append(settings, Setting{rpFilter("all"), "0"}), nil
}

// rpFilter returns the name of a setting.
func rpFilter(link string) string { return "net/ipv4/conf/" + link + "/rp_filter" }

// formerRPFilter returns the value that rp_filter of a link had before it was held.
func formerRPFilter(s *Sysctls, link string) (int, error) {
	value, err := s.former(rpFilter(link))
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("netif: %s: %w", rpFilter(link), err)
	}
	return n, nil
}

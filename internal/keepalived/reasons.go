// SPDX-License-Identifier: Apache-2.0

package keepalived

// reasons is why directives of VRRP have no effect here, and what to do instead. The table in the documentation of the package
// has the same words.
var reasons = map[string]string{
	"dont_track_primary": "the state of the interface always counts: put the instance on one that is always up",
	"virtual_routes":     "routes are not added: add them by notify_master and remove them by notify_backup and notify_fault",
	"virtual_rules":      "rules are not added: add them by notify_master and remove them by notify_backup and notify_fault",
	"use_ipvlan":         "there are macvlan interfaces only: use_vmac",
	"use_vmac_addr":      "only the interface of the instance gets a virtual MAC address",
	"vmac_xmit_base":     "with use_vmac advertisements come from the virtual MAC address, but those to peers",
	"unicast_ttl":        "advertisements leave with a hop limit of 255",
	"track_bfd":          "there is no BFD: track_script can ask another program",
	"bfd_instance":       "there is no BFD: track_script can ask another program",
	"param_match":        "arguments are compared one by one from the first, and others may follow",
	"init_file":          "the file is not made: make it before",
	"static_routes":      "routes that stay are for the configuration of the host",
	"static_rules":       "rules that stay are for the configuration of the host",
	"static_ipaddress":   "addresses that stay are for the configuration of the host",
}

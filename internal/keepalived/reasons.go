// SPDX-License-Identifier: Apache-2.0

package keepalived

// reasons is why directives have no effect here, and what to do instead: the words that the table in the documentation of the
// package has.
var reasons = map[string]string{
	"bfd_instance":               "there is no BFD: track_script can ask another program",
	"delay":                      "processes are counted once a second",
	"dont_track_primary":         "the state of the interface always counts: put the instance on one that is always up",
	"enable_script_security":     "programs are run as they are: give them another user by script_user",
	"enable_traps":               "there is no SNMP and no D-Bus",
	"fork_delay":                 "processes are counted once a second",
	"garp_extra_if":              "addresses on other devices are announced on the interface of the instance",
	"init_file":                  "the file is not made: make it before",
	"interface_up_down_delays":   "vrrp_startup_delay and preempt_delay are what there is for links that flap",
	"no_virtual_ipaddress":       "an instance has an address at least",
	"notify_master_rx_lower_pri": "a competitor is told of in the log only",
	"notify_priority_changes":    "there are no pipes: call a program by notify",
	"param_match":                "arguments are compared one by one from the first, and others may follow",
	"promote_secondaries":        "set for as long as an address is removed, where that is needed",
	"static_ipaddress":           "addresses that stay are for the configuration of the host",
	"static_routes":              "routes that stay are for the configuration of the host",
	"static_rules":               "rules that stay are for the configuration of the host",
	"terminate_delay":            "processes are counted once a second",
	"track_bfd":                  "there is no BFD: track_script can ask another program",
	"track_src_ip":               "the address must be there in any case",
	"unicast_ttl":                "advertisements leave with a hop limit of 255",
	"use_ipvlan":                 "there are macvlan interfaces only: use_vmac",
	"use_vmac_addr":              "only the interface of the instance gets a virtual MAC address",
	"virtual_routes":             "routes are not added: add them by notify_master and remove them by notify_backup and notify_fault",
	"virtual_rules":              "rules are not added: add them by notify_master and remove them by notify_backup and notify_fault",
	"vmac_addr_prefix":           "name the interface in use_vmac",
	"vmac_garp_intvl":            "addresses on other devices are announced on the interface of the instance",
	"vmac_prefix":                "name the interface in use_vmac",
	"vmac_xmit_base":             "with use_vmac advertisements come from the virtual MAC address, but those to peers",
	"vrf":                        "an instance has an interface: name that",
	"vrrp_ipsets":                "no_accept is for the firewall of the host",
	"vrrp_iptables":              "no_accept is for the firewall of the host",
	"vrrp_no_swap":               "the option -realtime of the program is for that",
	"vrrp_priority":              "the option -realtime of the program is for that",
	"vrrp_rt_priority":           "the option -realtime of the program is for that",
}

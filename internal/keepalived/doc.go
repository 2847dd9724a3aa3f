// SPDX-License-Identifier: Apache-2.0

// Package keepalived reads keepalived.conf, the configuration file of keepalived 2.2 to 2.4.
//
// [Parse] turns a file and everything it includes into a [Tree] of directives by keepalived's lexical rules, whatever the
// directives mean. [Decode] turns the part of a tree that configures VRRP into a [Config], [DecodeBalancing] the part about load
// balancing, and about mail, into a [Balancing]. [Read] parses a file and decodes what is about VRRP.
//
// A file is accepted if keepalived -t accepts it; where the two differ the rule is this. What keepalived refuses, or replaces by a
// value that nobody wrote, is an [Error] here. A setting that keepalived drops because it has no meaning beside another one is
// dropped here too, with a [Warning]. A directive that keepalived knows and this package does not act on is a [Warning] of kind
// [Unsupported]; one that keepalived does not know is an [Error]. All errors of a file are reported, not only the first one.
//
// What is not read the way keepalived reads it: ~SEQ, ~LST, $_RANDOM, $_ENV without [Source].Env and brace patterns in include are errors that wrap
// [errors.ErrUnsupported]; names from /etc/iproute2/rt_scopes are not known; an include after a condition is an error. IPv6 with
// version 2, and a number that is not digits only (quoted blanks, a plus sign), are errors too.
//
// No error, warning, log attribute or formatted value of this package shows a password. Nothing in this package touches the file
// system but through the [io/fs.FS] of a [Source], and no input makes it panic or grow without bound.
//
// Of the words of a route those are read that say where it leads to, in which table, how it is preferred and from which source:
// via, gw, or, nexthop, dev, onlink, src, table, metric, scope, tos, mtu, advmss and the types of ip-route(8); of a rule from, to,
// iif, oif, fwmark, tos, not, priority and table, blackhole, unreachable or prohibit. Other words are errors: without what they ask
// for it would be another route. A table has a number or a name: main, default, local, and those of /etc/iproute2/rt_tables.
//
// # Coverage
//
// What is done with each directive of VRRP, by the block it stands in. A name with a star stands for all that fit it and have no line
// before. supported: read, and acted on. read: checked and told to the program, which does what is said instead. unused: accepted,
// as VRRP works the same without it; told by a [Warning] of kind [Unused]. warned: told by one of kind [Unsupported].
//
// Outside all blocks:
//
//	global_defs                      supported
//	vrrp_instance                    supported
//	vrrp_sync_group                  supported
//	vrrp_script                      supported
//	vrrp_track_process               supported
//	track_file                       supported
//	vrrp_track_file                  supported
//	static_ipaddress                 warned    addresses that stay are for the configuration of the host
//	static_routes                    warned    routes that stay are for the configuration of the host
//	static_rules                     warned    rules that stay are for the configuration of the host
//	track_group                      warned    there are no static addresses, routes and rules to track
//	bfd_instance                     warned    there is no BFD: a short advert_int notices a dead router, and track_script can ask a BFD daemon about a path
//	garp_group                       warned    announcements have no minimal distance
//	linkbeat_*                       warned    the kernel tells the state of links
//	interface_up_down_delays         warned    vrrp_startup_delay and preempt_delay are what there is for links that flap
//	net_namespace*                   warned    start the program in the network namespace
//	virtual_server*                  warned    load balancing is for a program that balances
//	SSL                              warned    load balancing is for a program that balances
//	*                                warned    about the processes of keepalived
//
// Block global_defs:
//
//	router_id                        supported
//	vrrp_version                     supported
//	vrrp_mcast_group4                supported
//	vrrp_mcast_group6                supported
//	vrrp_startup_delay               supported
//	vrrp_garp_master_delay           supported
//	vrrp_garp_master_repeat          supported
//	vrrp_garp_master_refresh         supported
//	vrrp_min_garp                    supported
//	vrrp_down_timer_adverts          supported
//	v3_checksum_as_v2                supported
//	vrrp_strict                      supported
//	script_user                      supported
//	vrrp_check_unicast_src           supported
//	dynamic_interfaces               supported
//	notify_fifo                      supported
//	vrrp_notify_fifo                 supported
//	vrrp_garp_interval               read      announcements have no minimal distance
//	vrrp_gna_interval                read      announcements have no minimal distance
//	vrrp_garp_master_refresh_repeat  read      an address is announced once in each refresh
//	vrrp_garp_lower_prio_*           read      a burst follows when another master was heard, and when it has gone
//	vrrp_lower_prio_no_advert        read      a lower priority is answered once in a tenth of an interval
//	vrrp_higher_prio_send_advert     read      a router that yields says nothing more
//	vrrp_skip_check_adv_addr         read      other addresses in an advertisement are told of and accepted
//	smtp_*                           unused    there is no mail: call a program by notify
//	notification_email*              unused    there is no mail: call a program by notify
//	no_checker_emails                unused    there is no mail: call a program by notify
//	no_email_faults                  unused    there is no mail: call a program by notify
//	enable_script_security           warned    programs are run as they are: give them another user by script_user
//	vrrp_iptables                    warned    no_accept is for the firewall of the host
//	vrrp_ipsets                      warned    no_accept is for the firewall of the host
//	nftables*                        warned    no_accept is for the firewall of the host
//	vrrp_priority                    warned    the option -realtime of the program is for that
//	vrrp_rt_priority                 warned    the option -realtime of the program is for that
//	vrrp_no_swap                     warned    the option -realtime of the program is for that
//	vrrp_rlimit_*                    warned    the option -realtime of the program is for that
//	*notify_fifo_script              warned    start the reader of the pipe as a service of its own
//	lvs_notify_fifo                  warned    load balancing is for a program that balances
//	*notify_priority_changes         warned    pipes are told of changes of state only
//	fifo_write_*                     warned    pipes are told of changes of state only
//	*snmp*                           warned    there is no SNMP and no D-Bus
//	*dbus*                           warned    there is no SNMP and no D-Bus
//	enable_traps                     warned    there is no SNMP and no D-Bus
//	vmac_prefix                      warned    name the interface in use_vmac
//	vmac_addr_prefix                 warned    name the interface in use_vmac
//	vrrp_*                           warned    without a counterpart here
//	*                                warned    about the processes of keepalived, or not about VRRP
//
// Block vrrp_instance:
//
//	accept                           supported
//	advert_int                       supported
//	auth_hmac                        supported
//	authentication                   supported
//	check_unicast_src                supported
//	dont_track_primary               supported
//	down_timer_adverts               supported
//	garp_master_delay                supported
//	garp_master_refresh              supported
//	garp_master_repeat               supported
//	interface                        supported
//	mcast_dst_ip                     supported
//	mcast_src_ip                     supported
//	native_ipv6                      supported
//	nopreempt                        supported
//	notify                           supported
//	notify_backup                    supported
//	notify_deleted                   supported
//	notify_fault                     supported
//	notify_master                    supported
//	notify_stop                      supported
//	old_unicast_checksum             supported
//	preempt                          supported
//	preempt_delay                    supported
//	priority                         supported
//	state                            supported
//	strict_mode                      supported
//	track_file                       supported
//	track_interface                  supported
//	track_process                    supported
//	track_script                     supported
//	unicast_fault_no_peer            supported
//	unicast_peer                     supported
//	unicast_src_ip                   supported
//	unicast_ttl                      supported
//	use_vmac                         supported
//	v3_checksum_as_v2                supported
//	version                          supported
//	vmac_xmit_base                   supported
//	virtual_ipaddress                supported
//	virtual_ipaddress_excluded       supported
//	virtual_router_id                supported
//	virtual_routes                   supported
//	virtual_rules                    supported
//	no_accept                        read      packets to the addresses are accepted: that is for the firewall of the host
//	garp_master_refresh_repeat       read      an address is announced once in each refresh
//	garp_lower_prio_*                read      a burst follows when another master was heard, and when it has gone
//	lower_prio_no_advert             read      a lower priority is answered once in a tenth of an interval
//	higher_prio_send_advert          read      a router that yields says nothing more
//	skip_check_adv_addr              read      other addresses in an advertisement are told of and accepted
//	debug                            unused    the program logs by its option -v
//	smtp_alert                       unused    there is no mail: call a program by notify
//	use_ipvlan                       warned    there are macvlan interfaces only: use_vmac
//	use_vmac_addr                    warned    only the interface of the instance gets a virtual MAC address
//	track_bfd                        warned    there is no BFD: a short advert_int notices a dead router, and track_script can ask a BFD daemon about a path
//	notify_master_rx_lower_pri       warned    a competitor is told of in the log only
//	notify_priority_changes          warned    pipes are told of changes of state only
//	promote_secondaries              warned    set for as long as an address is removed, where that is needed
//	track_src_ip                     warned    the address must be there in any case
//	no_virtual_ipaddress             warned    an instance has an address at least
//	garp_extra_if                    warned    addresses on other devices are announced on the interface of the instance
//	vmac_garp_intvl                  warned    addresses on other devices are announced on the interface of the instance
//	vrf                              warned    an instance has an interface: name that
//	lvs_sync_daemon_interface        warned    load balancing is for a program that balances
//	linkbeat_use_polling             warned    the kernel tells the state of links
//	*                                warned    without a counterpart here
//
// Block vrrp_sync_group:
//
//	group                            supported
//	notify                           supported
//	notify_backup                    supported
//	notify_fault                     supported
//	notify_master                    supported
//	notify_stop                      supported
//	track_interface                  supported
//	track_script                     supported
//	track_process                    supported
//	track_file                       supported
//	sync_group_tracking_weight       supported
//	global_tracking                  supported
//	smtp_alert                       unused    there is no mail: call a program by notify
//	track_bfd                        warned    there is no BFD: a short advert_int notices a dead router, and track_script can ask a BFD daemon about a path
//	notify_priority_changes          warned    pipes are told of changes of state only
//
// Block vrrp_script:
//
//	script                           supported
//	interval                         supported
//	timeout                          supported
//	weight                           supported
//	rise                             supported
//	fall                             supported
//	user                             supported
//	init_fail                        supported
//
// Block vrrp_track_process:
//
//	process                          supported
//	weight                           supported
//	quorum                           supported
//	quorum_max                       supported
//	full_command                     supported
//	param_match                      warned    arguments are compared one by one from the first, and others may follow
//	delay                            warned    processes are counted once a second
//	terminate_delay                  warned    processes are counted once a second
//	fork_delay                       warned    processes are counted once a second
//
// Block track_file:
//
//	file                             supported
//	weight                           supported
//	init_file                        warned    the file is not made: make it before
package keepalived

// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"maps"
	"strings"
)

// body is what a block may hold: the directives by name, each with the body of its own block. A directive without a block has a nil
// body.
type body map[string]body

// values is the body of a block that holds values instead of directives.
var values = body{}

// known is every directive of keepalived 2.2.0 to 2.4.3, whatever options it was built with, deprecated ones included.
var known = merge(`
	child_wait_time instance linkbeat_use_polling namespace_with_ipsets net_namespace net_namespace_ipvs use_pid_dir`,
	body{
		"global_defs":              globalDefs,
		"static_ipaddress":         values,
		"static_routes":            values,
		"static_rules":             values,
		"linkbeat_interfaces":      values,
		"interface_up_down_delays": values,
		"virtual_server_group":     values,
		"track_group":              {"group": values},
		"garp_group":               merge("garp_interval gna_interval interface", body{"interfaces": values}),
		"vrrp_sync_group":          vrrpSyncGroup,
		"vrrp_instance":            vrrpInstance,
		"vrrp_script":              merge("script interval timeout weight rise fall user init_fail", nil),
		"vrrp_track_process": merge(`process param_match weight quorum quorum_max delay terminate_delay fork_delay
			full_command`, nil),
		"track_file":      merge("file weight init_file", nil),
		"vrrp_track_file": merge("file weight init_file", nil),
		"SSL":             merge("password ca certificate key", nil),
		"virtual_server":  virtualServer,
		"bfd_instance": merge(`source_ip neighbor_ip neighbour_ip min_rx min_tx idle_tx multiplier passive ttl hoplimit
			max_hops multihop weight vrrp checker`, nil),
	})

var globalDefs = merge(`
	bfd_cpu_affinity bfd_no_swap bfd_priority bfd_process_name bfd_rlimit_rtime bfd_rlimit_rttime bfd_rt_priority
	checker_cpu_affinity checker_log_all_failures checker_no_swap checker_priority checker_process_name
	checker_rlimit_rtime checker_rlimit_rttime checker_rt_priority config_save_dir data_use_instance
	dbus_no_interface_name dbus_service_name default_interface disable_local_igmp dynamic_interfaces enable_dbus
	enable_script_security enable_snmp_checker enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2
	enable_snmp_rfcv3 enable_snmp_vrrp enable_traps fifo_write_vrrp_states_on_reload include_check iproute_etc_dir
	iproute_usr_dir json_dump_file json_version log_unknown_vrids lvs_flush lvs_flush_on_stop lvs_flush_onstop
	lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs
	lvs_netlink_monitor_rcv_bufs_force lvs_notify_fifo lvs_notify_fifo_script lvs_process_name lvs_sync_daemon
	lvs_timeouts max_auto_priority min_auto_priority_delay nftables nftables_counters nftables_ifindex nftables_ipvs
	nftables_ipvs_priority nftables_ipvs_start_fwmark nftables_priority no_checker_emails no_email_faults
	notification_email_from notify_fifo notify_fifo_script process_monitor_rcv_bufs process_monitor_rcv_bufs_force
	process_name process_names random_seed reload_check_config reload_file reload_repeat reload_time_file router_id
	rs_init_notifies script_user shutdown_script shutdown_script_timeout smtp_alert smtp_alert_checker
	smtp_alert_vrrp smtp_connect_timeout smtp_helo_name smtp_server snmp_rs_stats_update_interval snmp_socket
	snmp_vs_stats_update_interval startup_script startup_script_timeout state_dump_file stats_dump_file
	tmp_config_directory umask use_symlink_paths v3_checksum_as_v2 vmac_addr_prefix vmac_prefix
	vrrp_check_unicast_src vrrp_cpu_affinity vrrp_delay_after_boot vrrp_down_timer_adverts vrrp_garp_extra_if
	vrrp_garp_interval vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat vrrp_garp_master_delay
	vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat vrrp_garp_master_repeat vrrp_gna_interval
	vrrp_higher_prio_send_advert vrrp_ipsets vrrp_iptables vrrp_lower_prio_no_advert vrrp_mcast_group4
	vrrp_mcast_group6 vrrp_min_garp vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force
	vrrp_netlink_monitor_rcv_bufs vrrp_netlink_monitor_rcv_bufs_force vrrp_no_swap vrrp_notify_fifo
	vrrp_notify_fifo_script vrrp_notify_priority_changes vrrp_owner_ignore_adverts vrrp_priority vrrp_process_name
	vrrp_rlimit_rtime vrrp_rlimit_rttime vrrp_rt_priority vrrp_rx_bufs_multiplier vrrp_rx_bufs_policy
	vrrp_skip_check_adv_addr vrrp_startup_delay vrrp_strict vrrp_version vrrp_vmac_garp_intvl`,
	body{"notification_email": values})

var vrrpSyncGroup = merge(`
	global_tracking notify notify_backup notify_fault notify_master notify_priority_changes notify_stop smtp_alert
	sync_group_tracking_weight`,
	body{
		"group":           values,
		"track_bfd":       values,
		"track_file":      values,
		"track_interface": values,
		"track_process":   values,
		"track_script":    values,
	})

var vrrpInstance = merge(`
	accept advert_int check_unicast_src debug dont_track_primary down_timer_adverts garp_extra_if garp_lower_prio_delay
	garp_lower_prio_repeat garp_master_delay garp_master_refresh garp_master_refresh_repeat garp_master_repeat
	higher_prio_send_advert interface kernel_rx_buf_size linkbeat_use_polling lower_prio_no_advert
	lvs_sync_daemon_interface mcast_dst_ip mcast_src_ip native_ipv6 no_accept no_virtual_ipaddress nopreempt notify
	notify_backup notify_deleted notify_fault notify_master notify_master_rx_lower_pri notify_priority_changes
	notify_stop old_unicast_checksum owner_ignore_adverts preempt preempt_delay priority promote_secondaries
	skip_check_adv_addr smtp_alert state strict_mode thread_timer_expired timer_expired_backup track_src_ip
	unicast_fault_no_peer unicast_src_ip unicast_ttl use_ipvlan use_vmac use_vmac_addr v3_checksum_as_v2 version
	virtual_router_id vmac_garp_intvl vmac_xmit_base vrf`,
	body{
		"auth_hmac":                  merge("key active_key time_window anti_replay mode", nil),
		"authentication":             merge("auth_type auth_pass", nil),
		"track_bfd":                  values,
		"track_file":                 values,
		"track_interface":            values,
		"track_process":              values,
		"track_script":               values,
		"unicast_peer":               values,
		"virtual_ipaddress":          values,
		"virtual_ipaddress_excluded": values,
		"virtual_routes":             values,
		"virtual_rules":              values,
	})

var virtualServer = merge(`
	alpha connect_timeout delay_before_retry delay_loop flag-1 flag-2 flag-3 ha_suspend hashed hysteresis
	inhibit_on_failure ip_family lb_algo lb_kind lvs_method lvs_sched mh-fallback mh-port omega ops
	persistence_engine persistence_granularity persistence_timeout protocol quorum quorum_down quorum_up retry
	sh-fallback sh-port smtp_alert snmp_name sorry_server sorry_server_inhibit sorry_server_lvs_method virtualhost
	warmup weight`,
	body{"real_server": realServer})

var realServer = merge(`
	alpha connect_timeout delay_before_retry delay_loop inhibit_on_failure lthreshold lvs_method notify_down notify_up
	retry smtp_alert snmp_name uthreshold virtualhost warmup weight`,
	body{
		"BFD_CHECK":  merge("name alpha", nil),
		"DNS_CHECK":  merge("type name", connectCheck),
		"FILE_CHECK": merge("track_file weight", nil),
		"HTTP_GET":   httpCheck,
		"MISC_CHECK": merge("misc_path misc_timeout misc_dynamic user", anyCheck),
		"PING_CHECK": connectCheck,
		"SMTP_CHECK": merge("helo_name", connectCheck, body{"host": connectCheck}),
		"SSL_GET":    httpCheck,
		"TCP_CHECK":  connectCheck,
		"UDP_CHECK":  merge("payload require_reply min_reply_length max_reply_length", connectCheck),
	})

var (
	anyCheck     = merge("retry delay_before_retry warmup delay_loop alpha log_all_failures", nil)
	connectCheck = merge("connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark", anyCheck)
	httpCheck    = merge("nb_get_retry virtualhost http_protocol enable_sni fast_recovery tls_compliant", connectCheck, body{
		"url": merge(`path digest status_code virtualhost regex regex_no_match regex_options regex_min_offset
			regex_max_offset regex_stack tls_compliant`, nil),
	})
)

// commandNames are the directives whose words are split as a shell does it, because a command or a pattern is among them.
var commandNames = strings.Fields(`
	lvs_notify_fifo_script misc_path notify notify_backup notify_deleted notify_down notify_fault notify_fifo_script
	notify_master notify_master_rx_lower_pri notify_stop notify_up quorum_down quorum_up regex script shutdown_script
	startup_script vrrp_notify_fifo_script`)

// secretNames are the directives that take a password, secretBlocks those whose block holds some, and plainNames the directives in
// such blocks, whose names may be shown.
var (
	secretNames  = strings.Fields("auth_pass key password")
	secretBlocks = strings.Fields("authentication auth_hmac SSL")
	plainNames   = strings.Fields(`
		auth_type auth_pass key active_key time_window anti_replay mode password ca certificate`)
)

// everyName is the names of all directives, wherever they may stand.
var everyName = func() map[string]bool {
	names := map[string]bool{"include": true}
	collect(names, known)
	return names
}()

func collect(names map[string]bool, b body) {
	for name, inner := range b {
		names[name] = true
		collect(names, inner)
	}
}

// knownAnywhere reports whether there is a directive of that name.
func knownAnywhere(name string) bool { return everyName[name] }

// merge returns a body with the directives named in plain, which have no block, and those of the other bodies.
func merge(plain string, others ...body) body {
	b := body{}
	for name := range strings.FieldsSeq(plain) {
		b[name] = nil
	}
	for _, other := range others {
		maps.Copy(b, other)
	}
	return b
}

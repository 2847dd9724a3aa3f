// SPDX-License-Identifier: Apache-2.0

// Package fhrpmetrics has the metrics of a vrrp.Router and of a carp.Host for Prometheus: how each virtual router is, what it has
// counted, and how near it came to a failover that nobody wanted.
//
//	registry := prometheus.NewRegistry()
//	registry.MustRegister(fhrpmetrics.NewVRRP(router, fhrpmetrics.Config{}))
//	http.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
//
// Two routers in one process need a registry each, or prometheus.WrapRegistererWith.
//
// # What a scrape costs
//
// A scrape asks the loop of the election for the status of each virtual router, one after the other; between them the loop does what
// is due. It waits for no client: all has been read before the first octet is sent. Any number of scrapes at a time ask once, and a
// loop that stands still holds one goroutine, not one for each scrape. The http.Server should have time-outs, as the program beside
// this package sets them, so that clients that don't read don't collect.
//
// # Metrics of VRRP
//
// Labels: interface is the network interface, vrid the identifier in decimal, family "ipv4" or "ipv6". state is "initialize", "backup"
// or "active". What each metric means is in its HELP, and in the documentation of vrrp.Status, vrrp.Stats and vrrp.Margin.
//
//	fhrp_vrrp_up gauge
//	fhrp_vrrp_answer_duration_seconds gauge
//	fhrp_vrrp_router_packets_rejected_total counter
//	fhrp_vrrp_router_packet_errors_total{reason} counter
//	fhrp_vrrp_router_send_errors_total counter
//	fhrp_vrrp_info{interface,vrid,family,name,version,group} gauge
//	fhrp_vrrp_state{interface,vrid,family,state} gauge
//	fhrp_vrrp_last_transition_timestamp_seconds{interface,vrid,family,reason} gauge
//	fhrp_vrrp_priority{interface,vrid,family} gauge
//	fhrp_vrrp_owner{interface,vrid,family} gauge
//	fhrp_vrrp_peer_priority{interface,vrid,family} gauge
//	fhrp_vrrp_barred{interface,vrid,family} gauge
//	fhrp_vrrp_addresses_held{interface,vrid,family} gauge
//	fhrp_vrrp_weight{interface,vrid,family} gauge
//	fhrp_vrrp_condition_up{interface,vrid,family,condition} gauge
//	fhrp_vrrp_advertisement_interval_seconds{interface,vrid,family} gauge
//	fhrp_vrrp_down_interval_seconds{interface,vrid,family} gauge
//	fhrp_vrrp_skew_time_seconds{interface,vrid,family} gauge
//	fhrp_vrrp_heard_lateness_ratio{interface,vrid,family} histogram
//	fhrp_vrrp_sent_lateness_ratio{interface,vrid,family} histogram
//	fhrp_vrrp_longest_gap_seconds{interface,vrid,family} gauge
//	fhrp_vrrp_lowest_margin_seconds{interface,vrid,family} gauge
//	fhrp_vrrp_lowest_margin_timestamp_seconds{interface,vrid,family} gauge
//	fhrp_vrrp_highest_sent_lateness_seconds{interface,vrid,family} gauge
//	fhrp_vrrp_became_active_total{interface,vrid,family} counter
//	fhrp_vrrp_advertisements_received_total{interface,vrid,family} counter
//	fhrp_vrrp_advertisements_sent_total{interface,vrid,family} counter
//	fhrp_vrrp_goodbyes_received_total{interface,vrid,family} counter
//	fhrp_vrrp_goodbyes_sent_total{interface,vrid,family} counter
//	fhrp_vrrp_packets_rejected_total{interface,vrid,family,reason} counter
//	fhrp_vrrp_advertisements_odd_total{interface,vrid,family,notice} counter
//	fhrp_vrrp_advertisement_checksums_total{interface,vrid,family,form} counter
//	fhrp_vrrp_competitors_total{interface,vrid,family} counter
//	fhrp_vrrp_conflicts_total{interface,vrid,family} counter
//	fhrp_vrrp_send_errors_total{interface,vrid,family} counter
//	fhrp_vrrp_announcements_total{interface,vrid,family} counter
//	fhrp_vrrp_announcement_errors_total{interface,vrid,family} counter
//
// # Metrics of CARP
//
// Labels: interface is the network interface, vhid the identifier in decimal; family, of what there is for each, "ipv4" or "ipv6".
// state is "init", "backup" or "master". What each metric means is in its HELP, and in the documentation of carp.Status, carp.Stats
// and carp.Margin.
//
//	fhrp_carp_up gauge
//	fhrp_carp_answer_duration_seconds gauge
//	fhrp_carp_host_packets_rejected_total counter
//	fhrp_carp_host_packet_errors_total{reason} counter
//	fhrp_carp_host_send_errors_total counter
//	fhrp_carp_info{interface,vhid,name,group} gauge
//	fhrp_carp_state{interface,vhid,state} gauge
//	fhrp_carp_last_transition_timestamp_seconds{interface,vhid,reason} gauge
//	fhrp_carp_advbase{interface,vhid} gauge
//	fhrp_carp_advskew{interface,vhid} gauge
//	fhrp_carp_demotion{interface,vhid} gauge
//	fhrp_carp_peer_advskew{interface,vhid} gauge
//	fhrp_carp_barred{interface,vhid} gauge
//	fhrp_carp_addresses_held{interface,vhid} gauge
//	fhrp_carp_condition_up{interface,vhid,condition} gauge
//	fhrp_carp_path_usable{interface,vhid,family} gauge
//	fhrp_carp_advertisement_interval_seconds{interface,vhid} gauge
//	fhrp_carp_down_interval_seconds{interface,vhid} gauge
//	fhrp_carp_heard_lateness_ratio{interface,vhid} histogram
//	fhrp_carp_sent_lateness_ratio{interface,vhid} histogram
//	fhrp_carp_longest_gap_seconds{interface,vhid} gauge
//	fhrp_carp_lowest_margin_seconds{interface,vhid} gauge
//	fhrp_carp_lowest_margin_timestamp_seconds{interface,vhid} gauge
//	fhrp_carp_highest_sent_lateness_seconds{interface,vhid} gauge
//	fhrp_carp_became_master_total{interface,vhid} counter
//	fhrp_carp_preemptions_total{interface,vhid} counter
//	fhrp_carp_advertisements_received_total{interface,vhid,family} counter
//	fhrp_carp_advertisements_sent_total{interface,vhid,family} counter
//	fhrp_carp_bowouts_received_total{interface,vhid} counter
//	fhrp_carp_bowouts_sent_total{interface,vhid} counter
//	fhrp_carp_packets_rejected_total{interface,vhid,reason} counter
//	fhrp_carp_equals_total{interface,vhid} counter
//	fhrp_carp_competitors_total{interface,vhid} counter
//	fhrp_carp_conflicts_total{interface,vhid} counter
//	fhrp_carp_send_errors_total{interface,vhid} counter
//	fhrp_carp_announcements_total{interface,vhid} counter
//	fhrp_carp_announcement_errors_total{interface,vhid} counter
//
// The lateness of advertisements is in parts of an interval: 1 is one interval late, and stands for an advertisement that was lost.
// Only the counts are measured; the sums of these histograms are NaN.
//
// # Alerts
//
// Rules for a pair of hosts whose jobs are "fhrp". Times are for an interval of 1 s.
//
//	groups:
//	- name: fhrp
//	  rules:
//	  - alert: NobodyActive
//	    expr: max by (vrid, family) (fhrp_vrrp_state{job="fhrp",state="active"}) == 0
//	    for: 15s
//	    annotations: {summary: "Nobody has the addresses of virtual router {{ $labels.vrid }}, {{ $labels.family }}"}
//	  - alert: SeveralActive
//	    expr: sum by (vrid, family) (fhrp_vrrp_state{job="fhrp",state="active"}) > 1
//	    for: 15s
//	    annotations: {summary: "Virtual router {{ $labels.vrid }}, {{ $labels.family }}, is Active on several hosts: do they hear each other?"}
//	  - alert: NoBackup
//	    expr: sum by (vrid, family) (fhrp_vrrp_state{job="fhrp",state="backup"}) == 0
//	    for: 5m
//	    annotations: {summary: "Nobody would take over virtual router {{ $labels.vrid }}, {{ $labels.family }}"}
//	  - alert: ElectionStandsStill
//	    expr: fhrp_vrrp_up{job="fhrp"} == 0
//	    for: 30s
//	  - alert: AdvertisementsLate
//	    expr: >
//	      increase(fhrp_vrrp_heard_lateness_ratio_count{job="fhrp"}[10m])
//	      - ignoring (le) increase(fhrp_vrrp_heard_lateness_ratio_bucket{job="fhrp",le="0.5"}[10m]) > 3
//	    annotations: {summary: "Advertisements on {{ $labels.interface }} of {{ $labels.instance }} are lost or half an interval late"}
//	  - alert: Flapping
//	    expr: increase(fhrp_vrrp_became_active_total{job="fhrp"}[1h]) > 3
//	  - alert: AddressInUse
//	    expr: increase(fhrp_vrrp_conflicts_total{job="fhrp"}[10m]) > 0
//	  - alert: WrongKey
//	    expr: sum without (reason) (increase(fhrp_vrrp_packets_rejected_total{job="fhrp",reason=~"auth_.*|digest|unsigned|unknown_key|replay|stale"}[10m])) > 0
package fhrpmetrics

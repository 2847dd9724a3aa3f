// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// verdict is a configuration, and who accepts it.
type verdict struct {
	name         string
	text         string
	theirs, ours bool
	why          string // if they differ
}

// vip is what an instance needs besides its name.
const vip = "interface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.100/24\n}\n"

func vrrp(text string) string { return "vrrp_instance A {\n" + text + "\n}\n" }

// vrrp2 is a second instance, tracked what instances can track.
const (
	vrrp2   = "vrrp_instance B {\ninterface eth0\nvirtual_router_id 2\nvirtual_ipaddress {\n10.0.0.101/24\n}\n}\n"
	secure  = "global_defs {\nenable_script_security\nscript_user root\n}\n"
	tracked = secure + "vrrp_script s {\nscript /bin/true\n}\ntrack_file f {\nfile /tmp/f\n}\n"
)

var verdicts = []verdict{
	{"plain", vrrp(vip), true, true, ""},
	{"empty file", "\n", true, true, ""},
	{"no block", "vrrp_instance A\n", false, false, ""},
	{"no name", "vrrp_instance {\n" + vip + "}\n", false, false, ""},
	{"two names", "vrrp_instance A B {\n" + vip + "}\n", false, false, ""},
	{"quoted name", "vrrp_instance \"A B\" {\n" + vip + "}\n", true, true, ""},
	{"unknown directive", vrrp(vip + "colour red"), false, false, ""},
	{"unknown block", "colour {\n}\n" + vrrp(vip), false, false, ""},
	{"block where none belongs", vrrp(vip + "priority 100 {\n}"), false, false, ""},
	{"no value", vrrp(vip + "priority"), false, false, ""},
	{"further words", vrrp(vip + "priority 100 200\nnopreempt now"), true, true, ""},
	{"braces without blanks", "vrrp_instance A{interface eth0\nvirtual_router_id 1\nvirtual_ipaddress{10.0.0.100}}", true, true, ""},
	{"braces on lines of their own", "vrrp_instance A\n\n{\n" + strings.ReplaceAll(vip, " {", "\n{") + "}\n", true, true, ""},
	{"all in one line", "vrrp_instance A { interface eth0 virtual_router_id 1 virtual_ipaddress { 10.0.0.100 } }", false, false, ""},
	{"two addresses in one line", vrrp("interface eth0\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 10.0.0.2/24 dev eth0 }"), false, false, ""},
	{"missing brace", strings.TrimSuffix(vrrp(vip), "}\n"), false, false, ""},
	{"extra brace", vrrp(vip) + "}\n", false, false, ""},
	{"continued line", vrrp(strings.Replace(vip, "id 1", "id \\\n1", 1)), false, false, ""},
	{"open quote", vrrp(vip + "state \"BACKUP"), false, false, ""},
	{"comments", "# { \n! }\n" + vrrp(strings.ReplaceAll(vip, "eth0", "eth0 # }")), true, true, ""},
	{"definition", "$ID=1\n$IP=10.0.0\n" + vrrp("interface eth0\nvirtual_router_id $ID\nvirtual_ipaddress {\n${IP}.1/24\n}"), true, true, ""},
	{"definition without braces", "$IP=10.0.0.1\n" + vrrp("interface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n$IP/24\n}"), false, false, ""},
	{"definition of lines", "$BODY= \\\n" + strings.ReplaceAll(vip, "\n", " \\\n") + "\n" + vrrp("$BODY"), true, true, ""},
	{"condition", "@other colour {\n@other }\n@^other " + vrrp(vip), true, true, ""},
	{"include nothing", "include none.conf\n" + vrrp(vip), true, true, ""},
	{"includem nothing", "includem none.conf\n" + vrrp(vip), false, false, ""},
	{"conditional include", vrrp(vip + "@^other include none.conf"), true, false, "keepalived.conf(5) says that it does not work"},

	{"sync group", secure + vrrp(vip) + vrrp2 + "vrrp_sync_group G {\ngroup {\nA\nB\n}\nnotify \"/bin/true x\"\n}\n", true, true, ""},
	{"sync group in one line", vrrp(vip) + vrrp2 + "vrrp_sync_group G {\ngroup {\nA B\n}\n}\n", true, true, ""},
	{"sync group of strangers", vrrp(vip) + "vrrp_sync_group G {\ngroup {\nA\nC\n}\n}\n", false, false, ""},
	{"sync group of one", vrrp(vip) + "vrrp_sync_group G {\ngroup {\nA\n}\n}\n", false, true, "only odd"},
	{"sync group of none", vrrp(vip) + "vrrp_sync_group G {\n}\n", false, false, ""},
	{"member of two groups", vrrp(vip) + vrrp2 + "vrrp_sync_group G {\ngroup {\nA\nB\n}\n}\nvrrp_sync_group H {\ngroup {\nA\n}\n}\n", false, false, ""},
	{"track_script", tracked + vrrp(vip+"track_script {\ns weight 253 reverse\n}\ntrack_file {\nf weight -254\n}"), true, true, ""},
	{"track_script of no script", vrrp(vip + "track_script {\ns\n}"), false, false, ""},
	{"track_script of weight 254", tracked + vrrp(vip+"track_script {\ns weight 254\n}"), false, false, ""},
	{"track_script without weight", tracked + vrrp(vip+"track_script {\ns weight\n}"), false, false, ""},
	{"script without script", "vrrp_script s {\ninterval 1\n}\n" + vrrp(vip), false, false, ""},
	{"script of interval 0", secure + "vrrp_script s {\nscript /bin/true\ninterval 0\n}\n" + vrrp(vip), false, false, ""},
	{"unicast_peer", vrrp(vip + "unicast_peer {\n10.0.0.2 min_ttl 0 max_ttl 255\n10.0.0.3\n}"), true, true, ""},
	{"unicast_peer of the other family", vrrp(vip + "unicast_peer {\nfe80::1\n}"), false, false, ""},
	{"unicast_peer of ttl 256", vrrp(vip + "unicast_peer {\n10.0.0.2 min_ttl 256\n}"), false, false, ""},
	{"unicast_src_ip alone", vrrp(vip + "unicast_src_ip 10.0.0.9"), false, false, ""},

	{"unicast_ttl", vrrp(vip + "unicast_peer {\n10.0.0.2\n}\nunicast_ttl 77"), true, true, ""},
	{"unicast_ttl 256", vrrp(vip + "unicast_peer {\n10.0.0.2\n}\nunicast_ttl 256"), false, false, ""},
	{"vmac_xmit_base", vrrp(vip + "use_vmac\nvmac_xmit_base"), true, true, ""},
	{"vmac_xmit_base alone", vrrp(vip + "vmac_xmit_base"), false, true, "dropped by both"},
	{"dont_track_primary", vrrp(vip + "dont_track_primary"), true, true, ""},

	{"no virtual_router_id", vrrp(strings.Replace(vip, "virtual_router_id 1", "", 1)), false, false, ""},
	{"no interface", vrrp(strings.Replace(vip, "interface eth0", "", 1)), false, false, ""},
	{"no address", vrrp("interface eth0\nvirtual_router_id 1"), false, false, ""},
	{"long interface", vrrp(strings.Replace(vip, "eth0", "eth0123456789012", 1)), false, false, ""},
	{"priority 0", vrrp(vip + "priority 0"), false, false, ""},
	{"priority 256", vrrp(vip + "priority 256"), false, false, ""},
	{"priority 0x10", vrrp(vip + "priority 0x10"), false, false, ""},
	{"priority +1", vrrp(vip + "priority +1"), true, false, "a number is digits here"},
	{"virtual_router_id 256", vrrp(vip + "virtual_router_id 256"), false, false, ""},
	{"state", vrrp(vip + "state MASTER"), true, true, ""},
	{"unknown state", vrrp(vip + "state FAULT"), false, false, ""},
	{"two states", vrrp(vip + "state MASTER\nstate BACKUP"), false, false, ""},
	{"advert_int 0.5", vrrp(vip + "advert_int 0.5"), false, false, ""},
	{"advert_int 0.5, version 3", vrrp(vip + "advert_int 0.5\nversion 3"), true, true, ""},
	{"advert_int 0.015, version 3", vrrp(vip + "advert_int 0.015\nversion 3"), false, false, ""},
	{"advert_int 40.95, version 3", vrrp(vip + "advert_int 40.95\nversion 3"), true, true, ""},
	{"advert_int 40.96, version 3", vrrp(vip + "advert_int 40.96\nversion 3"), false, false, ""},
	{"advert_int 255", vrrp(vip + "advert_int 255"), true, true, ""},
	{"advert_int 256", vrrp(vip + "advert_int 256"), false, false, ""},
	{"advert_int of seven places", vrrp(vip + "advert_int 1.0000000"), false, false, ""},
	{"preempt_delay 1000", vrrp(vip + "preempt_delay 1000"), true, true, ""},
	{"preempt_delay 1000.1", vrrp(vip + "preempt_delay 1000.1"), false, false, ""},
	{"garp_master_delay 4295", vrrp(vip + "garp_master_delay 4295"), false, false, ""},
	{"garp_lower_prio_repeat 2147483648", vrrp(vip + "garp_lower_prio_repeat 2147483648"), false, false, ""},
	{"down_timer_adverts 101", vrrp(vip + "down_timer_adverts 101"), false, false, ""},
	{"debug 5", vrrp(vip + "debug 5"), false, false, ""},
	{"version 4", vrrp(vip + "version 4"), false, false, ""},
	{"versions 2 and 3", vrrp(vip + "version 2\nversion 3"), false, false, ""},
	{"mcast_src_ip of the other family", vrrp(vip + "mcast_src_ip fe80::1"), false, false, ""},
	{"mcast_dst_ip", vrrp(vip + "mcast_dst_ip 224.0.0.99"), true, true, ""},
	{"mcast_dst_ip 10.0.0.1", vrrp(vip + "mcast_dst_ip 10.0.0.1"), false, false, ""},
	{"switch", vrrp(vip + "lower_prio_no_advert maybe"), false, false, ""},
	{"unicast", vrrp(vip + "unicast_src_ip 10.0.0.71\nunicast_peer {\n10.0.0.72\n}"), true, true, ""},

	{"pass without type", vrrp(vip + "authentication {\nauth_pass 1066\n}"), true, true, ""},
	{"type without pass", vrrp(vip + "authentication {\nauth_type PASS\n}"), false, false, ""},
	{"unknown type", vrrp(vip + "authentication {\nauth_type MD5\nauth_pass 1066\n}"), false, false, ""},
	{"authentication in one line", vrrp(vip + "authentication { auth_type PASS auth_pass 1066 }"), false, false, ""},
	{"long pass", vrrp(vip + "authentication {\nauth_type PASS\nauth_pass 123456789\n}"), false, true, "truncated by both"},
	{"authentication of version 3", vrrp(vip + "version 3\nauthentication {\nauth_type PASS\nauth_pass 1066\n}"), false, true, "dropped by both"},
	{"AH as MASTER", vrrp(vip + "state MASTER\npriority 9\nauthentication {\nauth_type AH\nauth_pass 1066\n}"), false, true, "BACKUP in both"},
	{"nopreempt as MASTER", vrrp(vip + "state MASTER\nnopreempt"), false, true, "dropped by both"},
	{"preempt_delay as MASTER", vrrp(vip + "state MASTER\npreempt_delay 5"), false, true, "dropped by both"},
	{"preempt_delay and nopreempt", vrrp(vip + "preempt_delay 5\nnopreempt"), false, true, "dropped by both"},
	{"garp_master_repeat 0", vrrp(vip + "garp_master_repeat 0"), false, true, "1 in both"},
	{"strict mode with accept", vrrp(vip + "strict_mode\naccept"), false, true, "dropped by both"},
	{"lvs_sync_daemon_interface", vrrp(vip + "lvs_sync_daemon_interface eth0"), false, true, "deprecated there, noted here"},
	{"vrrp_garp_interval 0", "global_defs {\nvrrp_garp_interval 0\n}\n" + vrrp(vip), false, true, "0 is the default, and in the file that keepalived installs"},

	{"address /33", vrrp(vip + "virtual_ipaddress {\n10.0.0.1/33\n}"), false, false, ""},
	{"address 010", vrrp(vip + "virtual_ipaddress {\n010.0.0.1\n}"), false, false, ""},
	{"address with zone", vrrp(vip + "virtual_ipaddress_excluded {\nfe80::1%eth0\n}"), false, false, ""},
	{"multicast address", vrrp(vip + "virtual_ipaddress {\n224.0.0.1\n}"), true, false, "the kernel refuses it later"},
	{"mapped address", vrrp(vip + "virtual_ipaddress_excluded {\n::ffff:10.0.0.1\n}"), true, false, "of no family that could be announced"},
	{"attributes", vrrp(vip + "virtual_ipaddress {\n10.0.0.1/24 brd - dev eth0 label eth0:1 scope 253 no_track preferred_lft 5 home\n}"), true, true, ""},
	{"unknown attribute", vrrp(vip + "virtual_ipaddress {\n10.0.0.1 colour red\n}"), false, false, ""},
	{"unknown scope", vrrp(vip + "virtual_ipaddress {\n10.0.0.1 scope universe\n}"), false, false, ""},
	{"long label", vrrp(vip + "virtual_ipaddress {\n10.0.0.1 label 1234567890123456\n}"), false, false, ""},
	{"two devices", vrrp(vip + "virtual_ipaddress {\n10.0.0.1 dev eth0 dev eth1\n}"), false, false, ""},
	{"broadcast of IPv6", vrrp(vip + "virtual_ipaddress_excluded {\nfe80::1 brd +\n}"), false, false, ""},
	{"broadcast of /31", vrrp(vip + "virtual_ipaddress {\n10.0.0.1/31 brd +\n}"), false, true, "dropped by both"},
	{"scope of IPv6", vrrp(vip + "virtual_ipaddress_excluded {\nfe80::1 scope link\n}"), false, true, "dropped by both"},
	{"label of IPv6", vrrp(vip + "virtual_ipaddress_excluded {\nfe80::1 label x\n}"), false, true, "dropped by both"},
	{"other family", vrrp(vip + "virtual_ipaddress {\nfe80::1\n}"), false, false, ""},
	{"other family excluded", vrrp(vip + "virtual_ipaddress_excluded {\nfe80::1\n}"), true, true, ""},
	{"first IPv6 address", vrrp(strings.Replace(vip, "10.0.0.100/24", "2001:db8::1/64", 1)), true, true, ""},
	{"IPv6, version 2 after it", vrrp(strings.Replace(vip, "10.0.0.100/24", "fe80::1/64", 1) + "version 2"), false, false, ""},
	{"IPv6, version 2 before it", vrrp("version 2\n" + strings.Replace(vip, "10.0.0.100/24", "fe80::1/64", 1)), true, false, "VRRP version 2 is for IPv4"},

	{"routes", vrrp(vip + "virtual_routes {\nsrc 10.0.0.100 to 10.1.0.0/16 via 10.0.0.9 dev eth0 metric 5 table 100 scope link onlink\nblackhole 10.2.0.0/16 no_track\ndefault via 10.0.0.9 no_track\n}"), true, true, ""},
	{"routes with nexthops", vrrp(vip + "virtual_routes {\n10.1.0.0/16 no_track nexthop via 10.0.0.8 dev eth0 weight 1 nexthop via 10.0.0.9 onlink weight 2\n}"), true, true, ""},
	{"routes of IPv6", vrrp(vip + "virtual_routes {\ndefault via fe80::9 dev eth0\n2001:db8::/32 via fe80::9 dev eth0 src 2001:db8::1\n}"), true, true, ""},
	{"route with or", vrrp(vip + "virtual_routes {\n10.1.0.0/16 via 10.0.0.8 or 10.0.0.9\n}"), false, true, "deprecated there"},
	{"route with gw", vrrp(vip + "virtual_routes {\n10.1.0.0/16 gw 10.0.0.8\n}"), false, true, "deprecated there"},
	{"route after inet6", vrrp(vip + "virtual_routes {\ninet6 default via fe80::9 dev eth0\n}"), false, true, "the word after inet6 is lost there"},
	{"route to nowhere", vrrp(vip + "virtual_routes {\n10.1.0.0/16\n}"), false, false, ""},
	{"route without destination", vrrp(vip + "virtual_routes {\nvia 10.0.0.9\n}"), false, false, ""},
	{"route of two families", vrrp(vip + "virtual_routes {\n10.1.0.0/16 via fe80::1\n}"), false, false, ""},
	{"route with an unknown word", vrrp(vip + "virtual_routes {\n10.1.0.0/16 dev eth0 colour red\n}"), false, false, ""},
	{"route with an unknown table", vrrp(vip + "virtual_routes {\n10.1.0.0/16 dev eth0 table colour\n}"), false, false, ""},
	{"route with host bits", vrrp(vip + "virtual_routes {\n10.1.0.1/16 dev eth0\n}"), true, true, ""},
	{"route with realms", vrrp(vip + "virtual_routes {\n10.1.0.0/16 dev eth0 realms 5\n}"), true, false, "not supported here"},
	{"rules", vrrp(vip + "virtual_rules {\nfrom 10.0.0.0/8 to 10.1.0.0/16 iif eth0 tos 0x10 fwmark 7/0xff table 100 priority 50\nnot from 10.0.0.9 prohibit preference 51\nfwmark 1 lookup main order 52 no_track\n}"), true, true, ""},
	{"rule without priority", vrrp(vip + "virtual_rules {\nfrom 10.0.0.0/8 table 100\n}"), false, true, "the same priority in both"},
	{"rule without action", vrrp(vip + "virtual_rules {\nfrom 10.0.0.0/8 priority 50\n}"), false, false, ""},
	{"rule with two actions", vrrp(vip + "virtual_rules {\nfrom 10.0.0.0/8 priority 50 table 5 blackhole\n}"), false, false, ""},
	{"rule with an unknown word", vrrp(vip + "virtual_rules {\nfrom 10.0.0.0/8 priority 50 table 5 colour\n}"), false, false, ""},
	{"rule with uidrange", vrrp(vip + "virtual_rules {\nuidrange 5-6 priority 50 table 5\n}"), true, false, "not supported here"},

	{"same name", vrrp(vip) + vrrp(strings.Replace(vip, "id 1", "id 2", 1)), false, false, ""},
	{"same router", vrrp(vip) + strings.Replace(vrrp(vip), " A", " B", 1), false, false, ""},
	{"same router, other interface", vrrp(vip) + strings.NewReplacer(" A", " B", "eth0", "eth1").Replace(vrrp(vip)), true, true, ""},
	{"same router, other group", vrrp(vip) + strings.NewReplacer(" A", " B", "interface", "mcast_dst_ip 224.0.0.99\ninterface").Replace(vrrp(vip)), true, true, ""},
	{"vrrp_version 4", "global_defs {\nvrrp_version 4\n}\n" + vrrp(vip), false, false, ""},
	{"vrrp_mcast_group4 10.0.0.1", "global_defs {\nvrrp_mcast_group4 10.0.0.1\n}\n" + vrrp(vip), false, false, ""},
	{"pipes", "global_defs {\nscript_user root\nnotify_fifo /tmp/a\nvrrp_notify_fifo /tmp/b root root\n}\n" + vrrp(vip), true, true, ""},
	{"pipe without path", "global_defs {\nvrrp_notify_fifo\n}\n" + vrrp(vip), false, false, ""},
	{"pipe given twice", "global_defs {\nscript_user root\nnotify_fifo /tmp/a\nnotify_fifo /tmp/b\n}\n" + vrrp(vip), false, true, "dropped by both"},
	{"vrrp_startup_delay 0", "global_defs {\nvrrp_startup_delay 0\n}\n" + vrrp(vip), false, false, ""},
}

// The verdicts of this package are those of the table.
func TestVerdicts(t *testing.T) {
	for _, v := range verdicts {
		if _, err := keepalived.Read(source(v.text)); (err == nil) != v.ours {
			t.Errorf("%s: error %v, want accepted %t", v.name, err, v.ours)
		}
		if (v.theirs != v.ours) != (v.why != "") {
			t.Errorf("%s: the reason is %q", v.name, v.why)
		}
	}
}

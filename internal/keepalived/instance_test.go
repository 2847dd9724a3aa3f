// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// instance is a vrrp_instance with more directives, from line 7 on.
func instance(more string) string {
	return "vrrp_instance A {\n\tinterface eth0\n\tvirtual_router_id 1\n\tvirtual_ipaddress {\n\t\t10.0.0.100/24\n\t}\n" + more + "\n}\n"
}

// defaults is what instance says without more directives.
func defaults() keepalived.Instance {
	return keepalived.Instance{
		Name: "A", File: "keepalived.conf", Line: 1,
		Interface: "eth0", VRID: 1, Version: 2, Priority: 100, State: keepalived.Backup, Interval: time.Second,
		Addresses: []keepalived.Address{{Prefix: netip.MustParsePrefix("10.0.0.100/24")}},
		Group:     netip.MustParseAddr("224.0.0.18"),
		GARP: keepalived.GARP{
			Delay: 5 * time.Second, Repeat: 5, RefreshRepeat: 1, LowerPrioDelay: 5 * time.Second, LowerPrioRepeat: 5,
		},
		Accept: true, DownTimerAdverts: 3,
	}
}

// comparing makes cmp compare addresses.
var comparing = cmp.Options{cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmpopts.EquateEmpty()}

// accepted reads text, which has one instance, and compares it and the warnings with what is wanted.
func accepted(t *testing.T, text string, want keepalived.Instance, warnings ...string) {
	t.Helper()
	c, err := keepalived.Read(source(text))
	if err != nil {
		t.Error(err)
		return
	}
	if len(c.Instances) != 1 {
		t.Errorf("%d instances", len(c.Instances))
		return
	}
	if diff := cmp.Diff(want, c.Instances[0], comparing); diff != "" {
		t.Errorf("%s\n-want +got:\n%s", text, diff)
	}
	if diff := cmp.Diff(warnings, warningLines(c.Warnings), comparing); diff != "" {
		t.Errorf("%s\nwarnings: -want +got:\n%s", text, diff)
	}
}

// refused reads text and compares the errors with what is wanted, without "keepalived: keepalived.conf:".
func refused(t *testing.T, text string, want ...string) {
	t.Helper()
	_, err := keepalived.Read(source(text))
	lines := errorLines(err)
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "keepalived: keepalived.conf:")
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("%s\n-want +got:\n%s", text, diff)
	}
}

// What each directive of vrrp_instance says.
func TestInstanceAccepted(t *testing.T) {
	type in = *keepalived.Instance
	for _, test := range []struct {
		text     string
		set      func(in)
		warnings []string
	}{
		{"", func(in) {}, nil},
		{"state MASTER\npriority 200", func(i in) { i.State, i.Priority = keepalived.Master, 200 }, nil},
		{"state BACKUP", func(in) {}, nil},
		{"state MASTER", func(i in) { i.State, i.Priority = keepalived.Master, 255 },
			[]string{"advice keepalived.conf:7: state: MASTER without priority means priority 255, as in keepalived"}},
		{"state BACKUP\nstate BACKUP", func(in) {}, nil},
		{"priority 1", func(i in) { i.Priority = 1 }, nil},
		{"priority 254", func(i in) { i.Priority = 254 }, nil},
		{"priority 255", func(i in) { i.State, i.Priority = keepalived.Master, 255 }, nil},
		{"priority 255\nstate BACKUP", func(i in) { i.Priority = 255 }, nil},
		{"priority 0100", func(in) {}, nil},
		{`priority "7"`, func(i in) { i.Priority = 7 }, nil},
		{"priority 7 8", func(i in) { i.Priority = 7 },
			[]string{"advice keepalived.conf:7: priority: further words in the line are ignored, as in keepalived"}},
		{"priority 7\npriority 8", func(i in) { i.Priority = 8 },
			[]string{"advice keepalived.conf:8: priority: given before; the last one counts"}},
		{"version 2", func(in) {}, nil},
		{"version 3", func(i in) { i.Version = 3 }, nil},
		{"version 3\nversion 3", func(i in) { i.Version = 3 },
			[]string{"advice keepalived.conf:8: version: given before; the last one counts"}},

		{"advert_int 3", func(i in) { i.Interval = 3 * time.Second }, nil},
		{"advert_int 255", func(i in) { i.Interval = 255 * time.Second }, nil},
		{"advert_int 2.000000", func(i in) { i.Interval = 2 * time.Second }, nil},
		{"version 3\nadvert_int .01", func(i in) { i.Version, i.Interval = 3, 10*time.Millisecond }, nil},
		{"advert_int 40.95\nversion 3", func(i in) { i.Version, i.Interval = 3, 40950*time.Millisecond }, nil},
		{"version 3\nadvert_int 1.", func(i in) { i.Version = 3 }, nil},

		{"nopreempt", func(i in) { i.NoPreempt = true }, nil},
		{"nopreempt\npreempt", func(in) {}, nil},
		{"preempt_delay 0", func(in) {}, nil},
		{"preempt_delay 0.000001", func(i in) { i.PreemptDelay = time.Microsecond }, nil},
		{"preempt_delay 1000", func(i in) { i.PreemptDelay = 1000 * time.Second }, nil},
		{"nopreempt\nstate MASTER\npriority 9", func(i in) { i.State, i.Priority = keepalived.Master, 9 },
			[]string{"adjusted keepalived.conf:7: nopreempt: does not go with state MASTER or priority 255: ignored, as in keepalived"}},
		{"nopreempt\nstate BACKUP\npriority 255", func(i in) { i.Priority = 255 },
			[]string{"adjusted keepalived.conf:7: nopreempt: does not go with state MASTER or priority 255: ignored, as in keepalived"}},
		{"preempt_delay 5\nstate MASTER\npriority 9", func(i in) { i.State, i.Priority = keepalived.Master, 9 },
			[]string{"adjusted keepalived.conf:7: preempt_delay: does not go with state MASTER: ignored, as in keepalived"}},
		{"nopreempt\npreempt_delay 5", func(i in) { i.NoPreempt = true },
			[]string{"adjusted keepalived.conf:8: preempt_delay: does not go with nopreempt: ignored, as in keepalived"}},

		{"garp_master_delay 10", func(i in) { i.GARP.Delay = 10 * time.Second }, nil},
		{"garp_master_delay 4294", func(i in) { i.GARP.Delay = 4294 * time.Second }, nil},
		{"garp_master_repeat 2", func(i in) { i.GARP.Repeat = 2 }, nil},
		{"garp_master_repeat 0", func(i in) { i.GARP.Repeat = 1 },
			[]string{"adjusted keepalived.conf:7: garp_master_repeat: 0 is taken as 1"}},
		{"garp_master_refresh 60", func(i in) { i.GARP.Refresh = time.Minute }, nil},
		{"garp_master_refresh 4294967295", func(i in) { i.GARP.Refresh = 4294967295 * time.Second }, nil},
		{"garp_master_refresh_repeat 3", func(i in) { i.GARP.RefreshRepeat = 3 }, nil},
		{"garp_lower_prio_delay 0", func(i in) { i.GARP.LowerPrioDelay = 0 }, nil},
		{"garp_lower_prio_repeat 0", func(i in) { i.GARP.LowerPrioRepeat = 0 }, nil},
		{"garp_lower_prio_repeat 2147483647", func(i in) { i.GARP.LowerPrioRepeat = 2147483647 }, nil},

		{"mcast_src_ip 10.0.0.71", func(i in) { i.Source = netip.MustParseAddr("10.0.0.71") }, nil},
		{"mcast_dst_ip 224.0.0.99", func(i in) { i.Group = netip.MustParseAddr("224.0.0.99") }, nil},
		{"down_timer_adverts 1", func(i in) { i.DownTimerAdverts = 1 }, nil},
		{"down_timer_adverts 100", func(i in) { i.DownTimerAdverts = 100 }, nil},
		{"accept", func(in) {}, nil},
		{"no_accept", func(i in) { i.Accept = false }, nil},
		{"no_accept\naccept", func(in) {}, nil},
		{"lower_prio_no_advert", func(i in) { i.LowerPrioNoAdvert = true }, nil},
		{"lower_prio_no_advert off", func(in) {}, nil},
		{"higher_prio_send_advert yes", func(i in) { i.HigherPrioSendAdvert = true }, nil},
		{"skip_check_adv_addr true", func(i in) { i.SkipCheckAdvAddr = true }, nil},
		{"skip_check_adv_addr false", func(in) {}, nil},
		{"v3_checksum_as_v2", func(i in) { i.V3ChecksumAsV2 = true }, nil},
		{"v3_checksum_as_v2 no", func(in) {}, nil},
		{"strict_mode off", func(in) {}, nil},
		{"smtp_alert", func(in) {}, []string{"unused keepalived.conf:7: smtp_alert: accepted, not used here"}},
		{"debug 4", func(in) {}, []string{"unused keepalived.conf:7: debug: accepted, not used here"}},
		{"lvs_sync_daemon_interface eth0", func(in) {}, []string{
			"unsupported keepalived.conf:7: lvs_sync_daemon_interface: known to keepalived, not supported here yet"}},
		{"track_interface {\neth1 weight 5\n}", func(i in) {
			i.Tracks = []keepalived.Track{{Kind: keepalived.TrackInterface, Name: "eth1", Weight: keepalived.Weight{Value: 5}}}
		}, nil},
	} {
		t.Run(test.text, func(t *testing.T) {
			want := defaults()
			test.set(&want)
			accepted(t, instance(test.text), want, test.warnings...)
		})
	}
}

// What directives of vrrp_instance can't say.
func TestInstanceRefused(t *testing.T) {
	const (
		boolean = "; allowed: on, true, yes, off, false, no, or nothing for on"
		timer   = " seconds, with up to six decimal places"
	)
	for _, test := range []struct{ text, want string }{
		{"state", "7: state: has no value; allowed: MASTER or BACKUP"},
		{"state master", `7: state "master": not a state; allowed: MASTER or BACKUP`},
		{"state MASTER\nstate BACKUP", `8: state "BACKUP": the state was MASTER before; allowed: one state`},
		{"priority", "7: priority: has no value; allowed: 1 to 255"},
		{`priority ""`, "7: priority: has no value; allowed: 1 to 255"},
		{"priority 0", `7: priority "0": not a number in range; allowed: 1 to 255`},
		{"priority 256", `7: priority "256": not a number in range; allowed: 1 to 255`},
		{"priority -1", `7: priority "-1": not a number in range; allowed: 1 to 255`},
		{"priority +1", `7: priority "+1": not a number in range; allowed: 1 to 255`},
		{"priority 0x10", `7: priority "0x10": not a number in range; allowed: 1 to 255`},
		{"priority 18446744073709551617", `7: priority "18446744073709551617": not a number in range; allowed: 1 to 255`},
		{"priority {\n}", "7: priority: takes no block; allowed: one directive a line"},
		{"virtual_router_id 0", `7: virtual_router_id "0": not a number in range; allowed: 1 to 255`},
		{"interface", "7: interface: has no value; allowed: the name of an interface, 1 to 15 octets"},
		{"interface a234567890123456", `7: interface "a234567890123456": not a name of an interface; ` +
			"allowed: the name of an interface, 1 to 15 octets"},
		{"version 4", `7: version "4": not a number in range; allowed: 2 or 3`},
		{"version 2\nversion 3", `8: version "3": the version was 2 before; allowed: one version; IPv6 has 3`},
		{"native_ipv6", "7: native_ipv6: the instance is an IPv4 one by the addresses before; " +
			"allowed: IPv4; other addresses in virtual_ipaddress_excluded"},

		{"advert_int 0", `7: advert_int "0": not a time in range; allowed: 0.01 to 255` + timer},
		{"advert_int 256", `7: advert_int "256": not a time in range; allowed: 0.01 to 255` + timer},
		{"advert_int 1.0000000", `7: advert_int "1.0000000": not a time in range; allowed: 0.01 to 255` + timer},
		{"advert_int 1.5.1", `7: advert_int "1.5.1": not a time in range; allowed: 0.01 to 255` + timer},
		{"advert_int .", `7: advert_int ".": not a time in range; allowed: 0.01 to 255` + timer},
		{"advert_int 1s", `7: advert_int "1s": not a time in range; allowed: 0.01 to 255` + timer},
		{"advert_int 9007199254740993", `7: advert_int "9007199254740993": not a time in range; allowed: 0.01 to 255` + timer},
		{"advert_int 0.5", `7: advert_int "0.5": does not fit version 2; allowed: multiples of 1 up to 255 seconds`},
		{"version 3\nadvert_int 0.015",
			`8: advert_int "0.015": does not fit version 3; allowed: multiples of 0.01 up to 40.95 seconds`},
		{"version 3\nadvert_int 40.96",
			`8: advert_int "40.96": does not fit version 3; allowed: multiples of 0.01 up to 40.95 seconds`},
		{"preempt_delay 1000.000001", `7: preempt_delay "1000.000001": not a time in range; allowed: 0 to 1000` + timer},
		{"garp_master_delay 4295", `7: garp_master_delay "4295": not a number in range; allowed: 0 to 4294`},
		{"garp_master_delay 1.5", `7: garp_master_delay "1.5": not a number in range; allowed: 0 to 4294`},
		{"garp_master_repeat x", `7: garp_master_repeat "x": not a number in range; allowed: 0 to 2147483647`},
		{"garp_master_refresh 4294967296", `7: garp_master_refresh "4294967296": not a number in range; allowed: 0 to 4294967295`},
		{"garp_master_refresh_repeat", "7: garp_master_refresh_repeat: has no value; allowed: 0 to 2147483647"},
		{"garp_lower_prio_delay 4295", `7: garp_lower_prio_delay "4295": not a number in range; allowed: 0 to 4294`},
		{"garp_lower_prio_repeat 2147483648",
			`7: garp_lower_prio_repeat "2147483648": not a number in range; allowed: 0 to 2147483647`},
		{"down_timer_adverts 0", `7: down_timer_adverts "0": not a number in range; allowed: 1 to 100`},
		{"down_timer_adverts 101", `7: down_timer_adverts "101": not a number in range; allowed: 1 to 100`},
		{"debug 5", `7: debug "5": not a number in range; allowed: 0 to 4`},

		{"mcast_src_ip eth0", `7: mcast_src_ip "eth0": not an address; allowed: an IPv4 or IPv6 address`},
		{"mcast_src_ip fe80::1%eth0", `7: mcast_src_ip "fe80::1%eth0": not an address; allowed: an IPv4 or IPv6 address`},
		{"mcast_src_ip fe80::1", `7: mcast_src_ip "fe80::1": the instance is an IPv4 one by the addresses before; ` +
			"allowed: IPv4; other addresses in virtual_ipaddress_excluded"},
		{"mcast_dst_ip 10.0.0.1", `7: mcast_dst_ip "10.0.0.1": not a group; ` +
			"allowed: an IPv4 multicast or an IPv6 link-local multicast address"},
		{"mcast_dst_ip", "7: mcast_dst_ip: has no value; allowed: an IPv4 or IPv6 address"},
		{"strict_mode maybe", `7: strict_mode "maybe": not a switch` + boolean},
		{"lower_prio_no_advert 1", `7: lower_prio_no_advert "1": not a switch` + boolean},
		{"higher_prio_send_advert ON", `7: higher_prio_send_advert "ON": not a switch` + boolean},
		{"skip_check_adv_addr x", `7: skip_check_adv_addr "x": not a switch` + boolean},
		{"v3_checksum_as_v2 x", `7: v3_checksum_as_v2 "x": not a switch` + boolean},

		{"colour red", "7: colour: unknown directive in vrrp_instance"},
		{"global_defs {\n}", "7: global_defs: unknown directive in vrrp_instance"},
		{"track_interface eth0", "7: track_interface: has no block; allowed: { on the same line or the next"},
		{"virtual_ipaddress x {\n10.0.0.1\n}", `7: virtual_ipaddress "x": words before the block; allowed: nothing`},
	} {
		t.Run(test.text, func(t *testing.T) { refused(t, instance(test.text), test.want) })
	}
}

// What an instance must have.
func TestInstanceRequired(t *testing.T) {
	const vip = "virtual_ipaddress {\n10.0.0.1\n}\n"
	for _, test := range []struct{ text, want string }{
		{"vrrp_instance A {\ninterface eth0\n" + vip + "}", `1: vrrp_instance "A": has no virtual_router_id; allowed: 1 to 255`},
		{"vrrp_instance A {\nvirtual_router_id 1\n" + vip + "}",
			`1: vrrp_instance "A": has no interface; allowed: the name of an interface, 1 to 15 octets`},
		{"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n}",
			"1: vrrp_instance: there is no virtual_ipaddress; allowed: one at least"},
		{"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n}\n}",
			"4: virtual_ipaddress: there is no virtual_ipaddress; allowed: one at least"},
		{"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nno_virtual_ipaddress\nvirtual_ipaddress_excluded {\n10.0.0.1\n}\n}",
			"1: vrrp_instance: there is no virtual_ipaddress; allowed: one at least"},
		{"vrrp_instance {\n}", "1: vrrp_instance: has no name, or more than one word for it; allowed: one word"},
		{`vrrp_instance "" {` + "\n}", "1: vrrp_instance: has no name, or more than one word for it; allowed: one word"},
		{"vrrp_instance A B {\n}", "1: vrrp_instance: has no name, or more than one word for it; allowed: one word"},
		{"vrrp_instance A\n", "1: vrrp_instance: has no block; allowed: { on the same line or the next"},
	} {
		t.Run(test.text, func(t *testing.T) { refused(t, test.text, test.want) })
	}
}

// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// defaultGlobal is what a file without global_defs says.
func defaultGlobal() keepalived.Global {
	return keepalived.Global{
		Version: 2, Group4: netip.MustParseAddr("224.0.0.18"), Group6: netip.MustParseAddr("ff02::12"),
		GARP: defaults().GARP, DownTimerAdverts: 3,
	}
}

// What each directive of global_defs says.
func TestGlobalAccepted(t *testing.T) {
	const at = "keepalived.conf:2: "
	type global = *keepalived.Global
	for _, test := range []struct {
		text     string
		set      func(global)
		warnings []string
	}{
		{"", func(global) {}, nil},
		{"router_id lb-1", func(g global) { g.RouterID = "lb-1" }, nil},
		{`router_id "a b"`, func(g global) { g.RouterID = "a b" }, nil},
		{"vrrp_version 3", func(g global) { g.Version = 3 }, nil},
		{"vrrp_mcast_group4 239.1.2.3", func(g global) { g.Group4 = netip.MustParseAddr("239.1.2.3") }, nil},
		{"vrrp_mcast_group6 ff02::99", func(g global) { g.Group6 = netip.MustParseAddr("ff02::99") }, nil},
		{"vrrp_mcast_group6 ff05::99", func(g global) { g.Group6 = netip.MustParseAddr("ff05::99") },
			[]string{"advice " + at + "vrrp_mcast_group6: not a link-local group"}},
		{"vrrp_startup_delay 2.5", func(g global) { g.StartupDelay = 2500 * time.Millisecond }, nil},
		{"vrrp_startup_delay 0.001", func(g global) { g.StartupDelay = time.Millisecond }, nil},
		{"vrrp_garp_interval 0.001", func(g global) { g.GARPInterval = time.Millisecond }, nil},
		{"vrrp_garp_interval 0", func(global) {}, nil},
		{"vrrp_gna_interval 0.000001", func(g global) { g.GNAInterval = time.Microsecond }, nil},
		{"vrrp_gna_interval 4294.967295", func(g global) { g.GNAInterval = 4294967295 * time.Microsecond }, nil},
		{"vrrp_down_timer_adverts 5", func(g global) { g.DownTimerAdverts = 5 }, nil},
		{"vrrp_lower_prio_no_advert", func(g global) { g.LowerPrioNoAdvert = true }, nil},
		{"vrrp_lower_prio_no_advert no", func(global) {}, nil},
		{"vrrp_higher_prio_send_advert on", func(g global) { g.HigherPrioSendAdvert = true }, nil},
		{"vrrp_skip_check_adv_addr", func(g global) { g.SkipCheckAdvAddr = true }, nil},
		{"v3_checksum_as_v2", func(g global) { g.V3ChecksumAsV2 = true }, nil},
		{"vrrp_strict", func(g global) { g.Strict = true }, nil},
		{"vrrp_strict off", func(global) {}, nil},

		{"vrrp_garp_master_delay 10", func(g global) { g.GARP.Delay, g.GARP.LowerPrioDelay = 10*time.Second, 10*time.Second }, nil},
		{"vrrp_garp_master_repeat 2", func(g global) { g.GARP.Repeat, g.GARP.LowerPrioRepeat = 2, 2 }, nil},
		{"vrrp_garp_master_repeat 0", func(g global) { g.GARP.Repeat, g.GARP.LowerPrioRepeat = 1, 1 },
			[]string{"adjusted " + at + "vrrp_garp_master_repeat: 0 is taken as 1"}},
		{"vrrp_garp_master_refresh 60", func(g global) { g.GARP.Refresh = time.Minute }, nil},
		{"vrrp_garp_master_refresh_repeat 2", func(g global) { g.GARP.RefreshRepeat = 2 }, nil},
		{"vrrp_garp_lower_prio_delay 1\nvrrp_garp_master_delay 2", func(g global) {
			g.GARP.Delay, g.GARP.LowerPrioDelay = 2*time.Second, time.Second
		}, nil},
		{"vrrp_garp_lower_prio_repeat 0", func(g global) { g.GARP.LowerPrioRepeat = 0 }, nil},
		{"vrrp_min_garp", func(g global) { g.GARP = keepalived.GARP{Repeat: 1, LowerPrioRepeat: 1} }, nil},
		{"vrrp_min_garp no", func(global) {}, nil},
		{"vrrp_garp_master_repeat 3\nvrrp_min_garp\nvrrp_garp_master_delay 4", func(g global) {
			g.GARP = keepalived.GARP{Delay: 4 * time.Second, Repeat: 3, LowerPrioDelay: 4 * time.Second, LowerPrioRepeat: 3}
		}, nil},

		{"notification_email {\na@example.org\n}", func(global) {}, []string{"unused " + at + "notification_email: accepted, not used here"}},
		{"notification_email_from a@example.org", func(global) {},
			[]string{"unused " + at + "notification_email_from: accepted, not used here"}},
		{"smtp_server 127.0.0.1 25", func(global) {}, []string{"unused " + at + "smtp_server: accepted, not used here"}},
		{"smtp_connect_timeout 30", func(global) {}, []string{"unused " + at + "smtp_connect_timeout: accepted, not used here"}},
		{"smtp_helo_name x", func(global) {}, []string{"unused " + at + "smtp_helo_name: accepted, not used here"}},
		{"smtp_alert", func(global) {}, []string{"unused " + at + "smtp_alert: accepted, not used here"}},
		{"vrrp_iptables", func(global) {},
			[]string{"unsupported " + at + "vrrp_iptables: no_accept is for the firewall of the host"}},
		{"iproute_etc_dir /etc", func(global) {},
			[]string{"unsupported " + at + "iproute_etc_dir: known to keepalived, not supported here yet"}},
		{"}\nglobal_defs {\nrouter_id b", func(g global) { g.RouterID = "b" }, nil},
	} {
		t.Run(test.text, func(t *testing.T) {
			c, err := keepalived.Read(source("global_defs {\n" + test.text + "\n}\n"))
			if err != nil {
				t.Fatal(err)
			}
			want := defaultGlobal()
			test.set(&want)
			if diff := cmp.Diff(want, c.Global, comparing); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, warningLines(c.Warnings), comparing); diff != "" {
				t.Errorf("warnings: -want +got:\n%s", diff)
			}
		})
	}
}

// What directives of global_defs can't say.
func TestGlobalRefused(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"router_id", "2: router_id: has no value; allowed: a name"},
		{"vrrp_version 1", `2: vrrp_version "1": not a number in range; allowed: 2 or 3`},
		{"vrrp_mcast_group4 10.0.0.1", `2: vrrp_mcast_group4 "10.0.0.1": not a group; allowed: an IPv4 multicast address`},
		{"vrrp_mcast_group4 ff02::12", `2: vrrp_mcast_group4 "ff02::12": not a group; allowed: an IPv4 multicast address`},
		{"vrrp_mcast_group6 224.0.0.18", `2: vrrp_mcast_group6 "224.0.0.18": not a group; allowed: an IPv6 multicast address`},
		{"vrrp_mcast_group6 x", `2: vrrp_mcast_group6 "x": not an address; allowed: an IPv4 or IPv6 address`},
		{"vrrp_startup_delay 0", `2: vrrp_startup_delay "0": not a time in range; ` +
			"allowed: 0.001 to 4294.967295 seconds, with up to six decimal places"},
		{"vrrp_garp_interval 4295", `2: vrrp_garp_interval "4295": not a time in range; ` +
			"allowed: 0 to 4294.967295 seconds, with up to six decimal places"},
		{"vrrp_gna_interval -1", `2: vrrp_gna_interval "-1": not a time in range; ` +
			"allowed: 0 to 4294.967295 seconds, with up to six decimal places"},
		{"vrrp_garp_master_delay 4295", `2: vrrp_garp_master_delay "4295": not a number in range; allowed: 0 to 4294`},
		{"vrrp_down_timer_adverts 0", `2: vrrp_down_timer_adverts "0": not a number in range; allowed: 1 to 100`},
		{"vrrp_min_garp x", `2: vrrp_min_garp "x": not a switch; allowed: on, true, yes, off, false, no, or nothing for on`},
		{"vrrp_colour red", "2: vrrp_colour: unknown directive in global_defs"},
		{"garp_master_delay 1", "2: garp_master_delay: unknown directive in global_defs"},
		{"virtual_router_id 1", "2: virtual_router_id: unknown directive in global_defs"},
		{"notification_email a@example.org", "2: notification_email: has no block; allowed: { on the same line or the next"},
	} {
		t.Run(test.text, func(t *testing.T) { refused(t, "global_defs {\n"+test.text+"\n}\n", test.want) })
	}
	refused(t, "global_defs\n", "1: global_defs: has no block; allowed: { on the same line or the next")
}

// Instances have what global_defs says, wherever that stands, unless they say otherwise.
func TestGlobalDefaults(t *testing.T) {
	const global = `global_defs {
	vrrp_version 3
	vrrp_mcast_group4 224.0.0.99
	vrrp_garp_master_delay 7
	vrrp_garp_lower_prio_repeat 2
	vrrp_down_timer_adverts 5
	vrrp_lower_prio_no_advert
	vrrp_higher_prio_send_advert
	vrrp_skip_check_adv_addr
	v3_checksum_as_v2
}
`
	want := defaults()
	want.Version, want.Group = 3, netip.MustParseAddr("224.0.0.99")
	want.GARP.Delay, want.GARP.LowerPrioDelay, want.GARP.LowerPrioRepeat = 7*time.Second, 7*time.Second, 2
	want.DownTimerAdverts = 5
	want.LowerPrioNoAdvert, want.HigherPrioSendAdvert, want.SkipCheckAdvAddr, want.V3ChecksumAsV2 = true, true, true, true
	accepted(t, instance("")+global, want)

	own := defaults()
	own.Line, own.GARP.LowerPrioDelay, own.GARP.LowerPrioRepeat = 12, 7*time.Second, 2
	accepted(t, global+instance(`version 2
		mcast_dst_ip 224.0.0.18
		garp_master_delay 5
		down_timer_adverts 3
		lower_prio_no_advert off
		higher_prio_send_advert off
		skip_check_adv_addr off
		v3_checksum_as_v2 off`), own)
}

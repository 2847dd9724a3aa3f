// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// strict is what an instance says in strict mode.
func strict() keepalived.Instance {
	in := defaults()
	in.Strict, in.Accept, in.LowerPrioNoAdvert = true, false, true
	in.GARP.LowerPrioDelay, in.GARP.LowerPrioRepeat = 0, 0
	return in
}

// Strict mode of the instance or of global_defs; the instance decides.
func TestStrict(t *testing.T) {
	global := func(in keepalived.Instance) keepalived.Instance { in.Line = 4; return in }
	accepted(t, instance("strict_mode"), strict())
	accepted(t, "global_defs {\nvrrp_strict\n}\n"+instance(""), global(strict()))
	accepted(t, "global_defs {\nvrrp_strict\n}\n"+instance("strict_mode off"), global(defaults()))
	accepted(t, "global_defs {\nvrrp_higher_prio_send_advert\n}\n"+instance("strict_mode"), global(strict()))

	owner := strict()
	owner.Priority, owner.State, owner.Accept = 255, keepalived.Master, true
	accepted(t, instance("strict_mode\nstate MASTER\npriority 255"), owner)
	accepted(t, instance("strict_mode\npriority 255\naccept"), owner)
}

// Strict mode resets what the RFCs don't have.
func TestStrictResets(t *testing.T) {
	reset := func(name string) string {
		return "adjusted keepalived.conf:8: " + name + ": strict mode: " + name + " is reset, as in keepalived"
	}
	for _, test := range []struct{ text, warning string }{
		{"accept", reset("accept")},
		{"lower_prio_no_advert off", reset("lower_prio_no_advert")},
		{"higher_prio_send_advert", reset("higher_prio_send_advert")},
		{"down_timer_adverts 5", reset("down_timer_adverts")},
		{"garp_lower_prio_delay 5", reset("garp_lower_prio_delay")},
		{"garp_lower_prio_repeat 5", reset("garp_lower_prio_repeat")},
		{"state MASTER\npriority 100", "adjusted keepalived.conf:8: state: strict mode: BACKUP at priority 100, as in keepalived"},
		{"preempt_delay 5", "adjusted keepalived.conf:8: preempt_delay: does not go with strict mode: ignored, as in keepalived"},
		{"authentication {\nauth_type PASS\nauth_pass 1066\n}",
			"adjusted keepalived.conf:8: authentication: strict mode has no authentication: ignored, as in keepalived"},
	} {
		t.Run(test.text, func(t *testing.T) { accepted(t, instance("strict_mode\n"+test.text), strict(), test.warning) })
	}

	v3 := strict()
	v3.Version, v3.Accept = 3, true
	accepted(t, instance("strict_mode\nversion 3\naccept"), v3)
}

// Strict mode insists on a link-local address first, and has version 3 for IPv6.
func TestStrictIPv6(t *testing.T) {
	text := func(more, address string) string {
		return "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nstrict_mode\n" + more + "virtual_ipaddress {\n" + address + "\n}\n}\n"
	}
	refused(t, text("", "2001:db8::1\nfe80::1"), "5: virtual_ipaddress: strict mode: the first IPv6 address is not link-local, "+
		"which RFC 9568 (erratum 8300) requires; allowed: a first address in fe80::/10")

	want := strict()
	want.IPv6, want.Version, want.Group = true, 3, netip.MustParseAddr("ff02::12")
	want.Addresses = []keepalived.Address{
		{Prefix: netip.MustParsePrefix("fe80::1/128")}, {Prefix: netip.MustParsePrefix("2001:db8::1/128")},
	}
	accepted(t, text("", "fe80::1\n2001:db8::1"), want)
	accepted(t, text("version 2\n", "fe80::1\n2001:db8::1"), want,
		"adjusted keepalived.conf:5: version: strict mode: IPv6 has version 3, as in keepalived")
}

// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// addressed is an instance with one line of virtual_ipaddress, in line 5.
func addressed(line string) string {
	return "vrrp_instance A {\n\tinterface eth0\n\tvirtual_router_id 1\n\tvirtual_ipaddress {\n" + line + "\n\t}\n}\n"
}

// What a line of virtual_ipaddress says.
func TestAddressAccepted(t *testing.T) {
	const at = "keepalived.conf:5: virtual_ipaddress: "
	unsupported := func(attribute string) string {
		return "unsupported " + at + "10.0.0.1: " + attribute + ": known to keepalived, not supported here yet"
	}
	for _, test := range []struct {
		line     string
		want     keepalived.Address
		warnings []string
	}{
		{"10.0.0.1", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32")}, nil},
		{"10.0.0.1/24", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/24")}, nil},
		{"10.0.0.1/0", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/0")}, nil},
		{"10.0.0.1/024", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/24")}, nil},
		{`"10.0.0.1/24"`, keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/24")}, nil},
		{"10.0.0.1 dev a23456789012345", keepalived.Address{
			Prefix: netip.MustParsePrefix("10.0.0.1/32"), Device: "a23456789012345"}, nil},
		{"10.0.0.1/24 label eth0:1234567890 dev eth1 scope link", keepalived.Address{
			Prefix: netip.MustParsePrefix("10.0.0.1/24"), Device: "eth1", Label: "eth0:1234567890", Scope: 253}, nil},
		{"10.0.0.1 scope global", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32")}, nil},
		{"10.0.0.1 scope site", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32"), Scope: 200}, nil},
		{"10.0.0.1 scope host", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32"), Scope: 254}, nil},
		{"10.0.0.1 scope nowhere", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32"), Scope: 255}, nil},
		{"10.0.0.1 scope 17", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32"), Scope: 17}, nil},
		{"10.0.0.1 scope 0xff", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32"), Scope: 255}, nil},
		{"10.0.0.1/24 brd +", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/24")},
			[]string{"unused " + at + "10.0.0.1/24: brd: accepted, not used here"}},
		{"10.0.0.1/24 brd -", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/24")},
			[]string{"unused " + at + "10.0.0.1/24: brd: accepted, not used here"}},
		{"10.0.0.1/24 broadcast 10.0.0.255", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/24")},
			[]string{"unused " + at + "10.0.0.1/24: brd: accepted, not used here"}},
		{"10.0.0.1/31 brd +", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/31")},
			[]string{"adjusted " + at + "10.0.0.1/31: brd: the prefix is too long for one: ignored, as in keepalived"}},
		{"10.0.0.1 no_track", keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32")},
			[]string{"unused " + at + "10.0.0.1: no_track: accepted, not used here"}},
		{"10.0.0.1 home -nodad mngtmpaddr noprefixroute autojoin use_vmac preferred_lft forever preferred_lft 5 peer 10.0.0.2",
			keepalived.Address{Prefix: netip.MustParsePrefix("10.0.0.1/32")}, []string{
				unsupported("home"), unsupported("-nodad"), unsupported("mngtmpaddr"), unsupported("noprefixroute"),
				unsupported("autojoin"), unsupported("use_vmac"), unsupported("preferred_lft"), unsupported("preferred_lft"),
				unsupported("peer"),
			}},
	} {
		t.Run(test.line, func(t *testing.T) {
			want := defaults()
			want.Addresses = []keepalived.Address{test.want}
			accepted(t, addressed(test.line), want, test.warnings...)
		})
	}
}

// What a line of virtual_ipaddress with an IPv6 address says.
func TestAddress6Accepted(t *testing.T) {
	const at = "adjusted keepalived.conf:5: virtual_ipaddress: "
	want := defaults()
	want.IPv6, want.Version, want.Group = true, 3, netip.MustParseAddr("ff02::12")
	want.Addresses = []keepalived.Address{{Prefix: netip.MustParsePrefix("fe80::1/64"), Device: "eth1"}}
	accepted(t, addressed("fe80::1/64 dev eth1"), want)
	accepted(t, addressed("fe80::1/64 scope link dev eth1 label x"), want,
		at+"fe80::1/64: the scope of an IPv6 address is its own: ignored, as in keepalived",
		at+"fe80::1/64: an IPv6 address has no label: ignored, as in keepalived")

	want.Addresses = []keepalived.Address{{Prefix: netip.MustParsePrefix("2001:db8::1/128")}}
	accepted(t, addressed("2001:DB8:0::1"), want, "advice keepalived.conf:4: virtual_ipaddress: the first IPv6 address is not link-local, "+
		"which RFC 9568 (erratum 8300) requires: accepted, as in keepalived")
}

// What a line of virtual_ipaddress can't say.
func TestAddressRefused(t *testing.T) {
	const address = "not an address; allowed: an IPv4 or IPv6 unicast address, with or without /prefix length"
	const scope = "unknown scope; allowed: global, site, link, host, nowhere, or 0 to 255"
	for _, test := range []struct{ line, value, want string }{
		{"10.0.0", "10.0.0", address},
		{"10.0.0.256", "10.0.0.256", address},
		{"010.0.0.1", "010.0.0.1", address},
		{"10.0.0.1/33", "10.0.0.1/33", address},
		{"10.0.0.1/", "10.0.0.1/", address},
		{"10.0.0.1/24/8", "10.0.0.1/24/8", address},
		{"10.0.0.1/-1", "10.0.0.1/-1", address},
		{"0.0.0.0", "0.0.0.0", address},
		{"224.0.0.18", "224.0.0.18", address},
		{"fe80::1/129", "fe80::1/129", address},
		{"fe80::1%eth0", "fe80::1%eth0", address},
		{"::ffff:10.0.0.1", "::ffff:10.0.0.1", address},
		{"ff02::1", "ff02::1", address},
		{"dev eth0", "dev", address},
		{`""`, "", address},
		{"10.0.0.1 {\n}", "10.0.0.1", "takes no block; allowed: one address a line"},
		{"10.0.0.1 10.0.0.2/24 dev eth0", "10.0.0.2/24", "unknown attribute of an address; allowed: one address a line, and its attributes"},
		{"10.0.0.1 dev", "dev", "the attribute has no value"},
		{"10.0.0.1 dev eth0 dev eth1", "eth1", "dev is given twice; allowed: one dev"},
		{"10.0.0.1 dev a234567890123456", "a234567890123456", "not a name of an interface; " +
			"allowed: the name of an interface, 1 to 15 octets"},
		{"10.0.0.1 label a234567890123456", "a234567890123456", "the label is too long; allowed: up to 15 octets"},
		{"10.0.0.1 label", "label", "the attribute has no value"},
		{"10.0.0.1 scope universe", "universe", scope},
		{"10.0.0.1 scope 256", "256", scope},
		{"10.0.0.1 scope -1", "-1", scope},
		{"10.0.0.1 scope 0x100", "0x100", scope},
		{"10.0.0.1 brd 10", "10", "not a broadcast address; allowed: +, - or an IPv4 address"},
		{"10.0.0.1 brd fe80::1", "fe80::1", "not a broadcast address; allowed: +, - or an IPv4 address"},
		{"fe80::1 brd +", "+", "an IPv6 address has no broadcast address; allowed: brd with IPv4 only"},
		{"10.0.0.1 preferred_lft never", "never", "not a lifetime; allowed: seconds, or forever"},
		{"10.0.0.1 preferred_lft 4294967296", "4294967296", "not a lifetime; allowed: seconds, or forever"},
		{"10.0.0.1 peer fe80::1", "fe80::1", "not a peer; allowed: an address of the same family, without prefix length"},
		{"10.0.0.1 peer 10.0.0.2/32", "10.0.0.2/32", "not a peer; allowed: an address of the same family, without prefix length"},
	} {
		t.Run(test.line, func(t *testing.T) {
			value := ""
			if test.value != "" {
				value = fmt.Sprintf(" %q", test.value)
			}
			refused(t, addressed(test.line), "5: virtual_ipaddress"+value+": "+test.want)
		})
	}
}

// A block may be in one line, and there may be several.
func TestAddressBlocks(t *testing.T) {
	want := defaults()
	want.Addresses = []keepalived.Address{
		{Prefix: netip.MustParsePrefix("10.0.0.1/32")}, {Prefix: netip.MustParsePrefix("10.0.0.2/24"), Device: "eth0"},
	}
	accepted(t, "vrrp_instance A { interface eth0\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\n"+
		"virtual_ipaddress{10.0.0.2/24 dev eth0}}", want)
}

// The other family may be in virtual_ipaddress_excluded only.
func TestAddressFamilies(t *testing.T) {
	refused(t, addressed("10.0.0.1\nfe80::1"), `6: virtual_ipaddress "fe80::1": the instance is an IPv4 one by the addresses before; `+
		"allowed: IPv4; other addresses in virtual_ipaddress_excluded")

	want := defaults()
	want.Excluded = []keepalived.Address{
		{Prefix: netip.MustParsePrefix("2001:db8::1/64")}, {Prefix: netip.MustParsePrefix("10.0.0.7/32"), Device: "eth1"},
	}
	accepted(t, instance("virtual_ipaddress_excluded {\n2001:db8::1/64\n10.0.0.7 dev eth1\n}"), want)
	refused(t, instance("virtual_ipaddress_excluded {\n10.0.0.300\n}"), `8: virtual_ipaddress_excluded "10.0.0.300": not an address; `+
		"allowed: an IPv4 or IPv6 unicast address, with or without /prefix length")
}

// An address that is given twice counts once.
func TestAddressTwice(t *testing.T) {
	twice := func(line int, block, address string) string {
		return fmt.Sprintf("adjusted keepalived.conf:%d: %s: %s is there already: ignored, as in keepalived 2.4", line, block, address)
	}
	accepted(t, instance("virtual_ipaddress {\n10.0.0.100 dev eth1\n}"), defaults(), twice(8, "virtual_ipaddress", "10.0.0.100"))
	accepted(t, instance("virtual_ipaddress_excluded {\n10.0.0.100\n}"), defaults(), twice(8, "virtual_ipaddress_excluded", "10.0.0.100"))

	want := defaults()
	want.Excluded = []keepalived.Address{{Prefix: netip.MustParsePrefix("10.0.0.100/32"), Device: "eth1"}}
	accepted(t, instance("virtual_ipaddress_excluded {\n10.0.0.100 dev eth1\n10.0.0.100/8 dev eth1\n}"), want,
		twice(9, "virtual_ipaddress_excluded", "10.0.0.100/8"))
}

// An advertisement counts 255 addresses; the others are not advertised.
func TestAddressesTooMany(t *testing.T) {
	var lines []string
	for i := range 257 {
		lines = append(lines, fmt.Sprintf("10.1.%d.%d", i/250, i%250+1))
	}
	c, err := keepalived.Read(source(addressed(strings.Join(lines, "\n") + "\n}\nvirtual_ipaddress_excluded {\n10.2.0.1")))
	if err != nil {
		t.Fatal(err)
	}
	in := c.Instances[0]
	if len(in.Addresses) != 255 || len(in.Excluded) != 3 || in.Excluded[0].Prefix.Addr().String() != "10.1.1.6" {
		t.Errorf("%d addresses, excluded %v", len(in.Addresses), in.Excluded)
	}
	if len(c.Warnings) != 1 || c.Warnings[0].Kind != keepalived.Adjusted {
		t.Errorf("warnings %v", c.Warnings)
	}
}

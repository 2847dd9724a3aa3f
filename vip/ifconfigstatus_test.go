// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/ifconfigmodel"
)

// comparable with cmp.Diff, which looks into structs.
var compareStatus = cmp.Options{cmp.AllowUnexported(ifStatus{}, ifAddr{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })}

// listings returns each list of one interface that was recorded, with the name of the interface.
func listings(t testing.TB) (devices, outputs []string) {
	t.Helper()
	list, err := ifconfigmodel.ReadTranscripts(os.DirFS("testdata/freebsd-13"))
	if err != nil {
		t.Fatal(err)
	}
	for _, transcript := range list {
		for _, s := range transcript.Steps {
			device, _, ok := strings.Cut(s.Want.Stdout, ": flags=")
			if ok && strings.Count(s.Want.Stdout, ": flags=") == 1 {
				devices, outputs = append(devices, device), append(outputs, s.Want.Stdout)
			}
		}
	}
	return devices, outputs
}

// TestParseRecordings reads each recorded list, whatever its format, and compares what was found with a plain look at
// the text: without tokens, and with the help of what nobody can rely on.
func TestParseRecordings(t *testing.T) {
	devices, outputs := listings(t)
	if len(outputs) < 150 {
		t.Fatalf("%d lists", len(outputs))
	}
	for n, out := range outputs {
		s, err := parseStatus(devices[n], out)
		if err != nil {
			t.Errorf("%v in:\n%s", err, out)
			continue
		}
		if got, want := len(s.addrs), strings.Count(out, "\tinet"); got != want {
			t.Errorf("%d addresses, want %d:\n%s", got, want, out)
		}
		if s.up != strings.Contains(out, "<UP,") || s.noDAD != strings.Contains(out, "NO_DAD") || s.ipv6Disabled {
			t.Errorf("status %+v of:\n%s", s, out)
		}
		for _, a := range s.addrs {
			if !strings.Contains(out, plainLine(a)) {
				t.Errorf("%+v is not in:\n%s", a, out)
			}
		}
	}
}

// plainLine returns a part of the text by which an address can be told.
func plainLine(a ifAddr) string {
	if a.addr.Is4() {
		return "\tinet " + a.addr.String()
	}
	return "\tinet6 " + a.addr.String()
}

// TestParseFormats compares the formats in which the same was recorded.
func TestParseFormats(t *testing.T) {
	_, outputs := listings(t)
	want, err := parseStatus("f-stack-0", outputs[0])
	if err != nil || len(want.addrs) != 2 {
		t.Fatalf("%+v, %v", want, err)
	}
	for _, out := range outputs[1:6] {
		got, err := parseStatus("f-stack-0", out)
		if diff := cmp.Diff(want, got, compareStatus); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s\nof:\n%s", err, diff, out)
		}
	}
}

// em0 has what the recordings lack, put together from ifconfig(8) and the source of ifconfig: lines of a real adapter,
// flags of later releases, the other end of a link, IPv6 options, and words that are not known.
const em0 = `em0: flags=1008943<UP,BROADCAST,RUNNING,PROMISC,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 1500
	description: inet 203.0.113.1 netmask 0xffffff00
	options=481249b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,LRO,WOL_MAGIC,VLAN_HWFILTER,NOMAP>
	ether 52:54:00:12:34:56
	inet 192.0.2.2 netmask 0xffffff00 broadcast 192.0.2.255
	inet 192.0.2.3/24 broadcast 192.0.2.255 vhid 3
	inet 192.0.2.4 netmask 255.255.255.128
	inet 192.0.2.5 netmask 0xff00ff00 broadcast 192.255.2.255
	inet 10.0.0.1 --> 10.0.0.2/31
	inet 10.0.0.3 --> 10.0.0.4 netmask 0x0
	inet6 fe80::1%em0 prefixlen 64 scopeid 0x1
	inet6 2001:db8::1/64 anycast tentative duplicated deprecated autoconf pltime 604800 vltime 2592000 vhid 4
	inet6 2001:db8::2 --> 2001:db8::3 prefixlen 128 duplicated
	inet6 2001:db8::4 prefixlen 48 novelty
	groups: inet egress
	media: Ethernet autoselect (1000baseT <full-duplex>)
	status: active
	carp: MASTER vhid 3 advbase 1 advskew 0
	      peer 224.0.0.18 peer6 ff02::12
	tunnel inet 198.51.100.1 --> 198.51.100.2
	nd6 options=129<PERFORMNUD,IFDISABLED,AUTO_LINKLOCAL,NO_DAD>
`

func TestParseStatus(t *testing.T) {
	a := netip.MustParseAddr
	want := &ifStatus{up: true, noDAD: true, ipv6Disabled: true, addrs: []ifAddr{
		{addr: a("192.0.2.2"), length: 24, broadcast: a("192.0.2.255")},
		{addr: a("192.0.2.3"), length: 24, broadcast: a("192.0.2.255"), vhid: 3},
		{addr: a("192.0.2.4"), length: 25},
		{addr: a("192.0.2.5"), length: withHoles, broadcast: a("192.255.2.255")},
		{addr: a("10.0.0.1"), length: 31},
		{addr: a("10.0.0.3"), length: 0},
		{addr: a("fe80::1"), length: 64},
		{addr: a("2001:db8::1"), length: 64, vhid: 4, duplicated: true},
		{addr: a("2001:db8::2"), length: 128, duplicated: true},
		{addr: a("2001:db8::4"), length: 48},
	}}
	// Columns mean nothing.
	for _, text := range []string{em0, strings.ReplaceAll(em0, " ", "   "), strings.ReplaceAll(em0, "\t", "        "), strings.ReplaceAll(em0, "\n", "\r\n")} {
		got, err := parseStatus("em0", text)
		if diff := cmp.Diff(want, got, compareStatus); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// TestParseStatusRefuses: an address line that is not understood could be the very address in question.
func TestParseStatusRefuses(t *testing.T) {
	const first = "em0: flags=1<UP> metric 0 mtu 1500\n"
	for _, test := range []struct{ text, want string }{
		{"", "nothing was printed"},
		{"\n \n", "nothing was printed"},
		{"em1: flags=1<UP> metric 0\n", "does not begin"},
		{"em0: metric 0\n", "does not begin"},
		{"em0: flags=1 metric 0\n", "does not begin"},
		{"ifconfig: something\n" + first, "does not begin"},
		{first + "em1: flags=1<UP> metric 0\n", "second interface"},
		{first + "\tinet\n", "no address"},
		{first + "\tinet 192.0.2.1\n", "no prefix length"},
		{first + "\tinet host.example netmask 0xffffff00\n", "host.example"},
		{first + "\tinet 192.0.2.1 netmask\n", "netmask without a value"},
		{first + "\tinet 192.0.2.1 netmask 0x1ffffffff\n", "netmask"},
		{first + "\tinet 192.0.2.1 netmask ffff::\n", "netmask"},
		{first + "\tinet 192.0.2.1/33\n", "prefix length"},
		{first + "\tinet 192.0.2.1/24 broadcast x\n", "x"},
		{first + "\tinet 192.0.2.1/24 vhid -1\n", "vhid"},
		{first + "\tinet 192.0.2.1/24 vhid\n", "vhid without a value"},
		{first + "\tinet 2001:db8::1/64\n", "not an address of family inet"},
		{first + "\tinet6 192.0.2.1/24\n", "not an address of family inet6"},
		{first + "\tinet6 2001:db8::1 prefixlen 129\n", "prefix length"},
		{first + "\tinet6 2001:db8::1 prefixlen -1\n", "prefix length"},
		{first + "\tinet6 2001:db8::1 --> 2001:db8::2/x\n", "prefix length"},
	} {
		if s, err := parseStatus("em0", test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %+v, error %v; want one about %q", test.text, s, err, test.want)
		}
	}
}

// FuzzParseStatus checks what must be true of any list that is understood.
func FuzzParseStatus(f *testing.F) {
	_, outputs := listings(f)
	for _, out := range slices.Compact(outputs) {
		f.Add(strings.ReplaceAll(out, "f-stack-0", "em0"))
	}
	f.Add(em0)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseStatus("em0", text)
		if (s == nil) == (err == nil) {
			t.Fatalf("%+v and error %v", s, err)
		}
		if err != nil {
			return
		}
		for _, a := range s.addrs {
			if !a.addr.IsValid() || a.addr.Zone() != "" || a.length < withHoles || a.length > a.addr.BitLen() || a.vhid < 0 {
				t.Errorf("address %+v", a)
			}
			if found, ok := s.find(a.addr); !ok || found.addr != a.addr {
				t.Errorf("%v is not found", a.addr)
			}
		}
		for _, p := range s.prefixes() {
			if !p.IsValid() {
				t.Errorf("prefix %v", p)
			}
		}
		spaced, err := parseStatus("em0", retabbed(text))
		if diff := cmp.Diff(s, spaced, compareStatus); diff != "" || err != nil {
			t.Errorf("with other blanks: %v\n%s", err, diff)
		}
	})
}

// retabbed returns text with other blanks between the words.
func retabbed(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(" \t" + strings.Join(strings.Fields(line), " \t ") + "\n")
	}
	return out.String()
}

// FuzzIfconfigWords checks the words that ifconfig gets for any address: none of them can be an option, a second
// command or another address.
func FuzzIfconfigWords(f *testing.F) {
	f.Add([]byte{192, 0, 2, 1}, 32)
	f.Add(netip.MustParseAddr("fe80::1").AsSlice(), 64)
	f.Fuzz(func(t *testing.T, octets []byte, length int) {
		a, ok := netip.AddrFromSlice(octets)
		p := netip.PrefixFrom(a, length)
		if !ok || check(p) != nil {
			return
		}
		for _, words := range [][]string{aliasWords(p), aliasNoDADWords(p), unaliasWords(p)} {
			back, err := netip.ParsePrefix(words[1])
			if err != nil || back != p {
				t.Errorf("%v becomes %q", p, words)
			}
			if family := words[0]; (family == "inet") != a.Is4() || len(words) > 4 || strings.Trim(words[1], "0123456789abcdef:./") != "" {
				t.Errorf("words %q", words)
			}
			if last := words[len(words)-1]; last != "alias" && last != "-alias" {
				t.Errorf("words %q", words)
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package rtsock_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/rtsock"
)

// Flags of a link, and its states.
const (
	up      = 0x1
	running = 0x40

	unknown   = 0
	noCarrier = 1
	carrier   = 2
)

// log is a table, and what it reported.
type log struct {
	*rtsock.Table
	changes []string
}

func newLog() *log {
	l := &log{}
	l.Table = rtsock.NewTable(func(name string, f rtsock.Family) {
		l.changes = append(l.changes, fmt.Sprint(name, map[rtsock.Family]string{rtsock.IPv4: " IPv4", rtsock.IPv6: " IPv6"}[f]))
	})
	return l
}

// load loads a list and returns what it reported, sorted, as links are told of in no order.
func (l *log) load(t *testing.T, messages ...[]byte) []string {
	t.Helper()
	if err := l.Load(bytes.Join(messages, nil)); err != nil {
		t.Fatal(err)
	}
	list := l.taken()
	slices.Sort(list)
	return list
}

// taken returns what was reported since.
func (l *log) taken() []string {
	list := l.changes
	l.changes = nil
	return list
}

// show writes a link down with its addresses of both families, and which flags they have.
func (l *log) show(t *testing.T, name string, flags map[string]rtsock.Flags) string {
	t.Helper()
	e, ok := l.Find(name)
	if !ok {
		return "none"
	}
	four := e.Sources4(nil)
	six, tentative := e.Sources6(nil, func(a netip.Addr) (rtsock.Flags, bool) {
		f, ok := flags[a.String()]
		return f, ok || flags == nil
	})
	return strings.TrimSuffix(fmt.Sprintf("%d %s %x mtu %d %q %v %v tentative", e.Index, e.Name, e.MAC, e.MTU, e.Down(), four, six),
		map[bool]string{false: " tentative"}[tentative])
}

// em0 and em1 are what a host says about two links in its list.
func em0() []byte {
	return linkMessage(1, up|running, carrier, 7, linkAddress(1, "em0", 2, 0, 0, 0, 0, 1))
}

func em1() []byte {
	return linkMessage(2, up|running, carrier, 7, linkAddress(2, "em1", 2, 0, 0, 0, 0, 2))
}

func TestLoad(t *testing.T) {
	l := newLog()
	changes := l.load(t,
		em0(), newAddress(1, "192.0.2.9"), newAddress(1, "192.0.2.2"), newAddress(1, "2001:db8::2"), newAddress(1, "fe80::9"), newAddress(1, "fe80::2"),
		linkMessage(3, up, unknown, 7, linkAddress(3, "lo0")), newAddress(3, "127.0.0.1"), newAddress(3, "fe80::1"),
		em1())
	if diff := cmp.Diff([]string{"em0", "em1", "lo0"}, changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{
		"em0": `1 em0 020000000001 mtu 1500 "" [192.0.2.9 192.0.2.2] [fe80::9 fe80::2]`,
		"em1": `2 em1 020000000002 mtu 1500 "" [] []`,
		"lo0": `3 lo0 000000000000 mtu 1500 "" [] [fe80::1]`,
		"em":  "none",
		"":    "none",
	} {
		if got := l.show(t, name, nil); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for _, a := range []string{"192.0.2.2", "2001:db8::2", "127.0.0.1"} {
		if !l.Local(netip.MustParseAddr(a)) {
			t.Errorf("%s is not an address of the host", a)
		}
	}
	if l.Local(netip.MustParseAddr("192.0.2.3")) {
		t.Error("192.0.2.3 is an address of the host")
	}
}

// TestLoadLayout reads messages octet by octet as FreeBSD 13 and later have them on amd64 and arm64: struct if_msghdr
// of 168 octets with a sockaddr_dl, struct ifa_msghdr of 20 with an empty netmask and a sockaddr_in6 whose second
// group of octets is the number of the link.
func TestLoadLayout(t *testing.T) {
	if word != 8 || !bytes.Equal(finish(make([]byte, 4), 0)[:2], []byte{4, 0}) {
		t.Skip("the octets are those of a little-endian machine with 64 bits")
	}
	list, err := hex.DecodeString(strings.Join([]string{
		"e000", "05", "0e", "10000000", "43880000", "0200", "0000", // length 224, version, type, addresses, flags, index
		"06", "00", "06", "0e", "02", "00", "9800", "dc050000", "00000000", // if_data: type to metric
		strings.Repeat("00", 112),      // counters
		"2a00000000000000",             // epoch
		strings.Repeat("00", 16),       // last change
		"36120200", "06", "04", "0600", // sockaddr_dl: 4 octets of name, 6 of address
		"76746e30", "589cfc000102", // vtn0 and its address
		strings.Repeat("00", 36), "0000", // the rest of 54, padding
		"3c00", "05", "0c", "24000000", "00000000", "0200", "0000", "00000000", // length 60
		"00" + strings.Repeat("00", 7), // an empty netmask takes a word
		"1c1c0000", "00000000", "fe800002000000005a9cfcfffe000102", "00000000", "00000000",
	}, ""))
	if err != nil {
		t.Fatal(err)
	}
	l := newLog()
	l.load(t, list)
	want := `2 vtn0 589cfc000102 mtu 1500 "" [] [fe80::5a9c:fcff:fe00:102]`
	if got := l.show(t, "vtn0", nil); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLoadCompares(t *testing.T) {
	v4, ll := newAddress(1, "192.0.2.2"), newAddress(1, "fe80::2")
	renamed := linkMessage(1, up|running, carrier, 7, linkAddress(1, "lan", 2, 0, 0, 0, 0, 1))
	tests := []struct {
		name string
		list [][]byte
		want []string
	}{
		{"the same", [][]byte{em0(), v4, ll, em1()}, nil},
		{"in another order", [][]byte{em1(), em0(), ll, v4}, nil},
		{"link is gone", [][]byte{em0(), v4, ll}, []string{"em1"}},
		{"link is new", [][]byte{em0(), v4, ll, em1(), linkMessage(3, up, carrier, 9, linkAddress(3, "em2"))}, []string{"em2"}},
		{"link was renamed", [][]byte{renamed, v4, ll, em1()}, []string{"em0", "lan"}},
		{"link was made anew", [][]byte{
			linkMessage(1, up|running, carrier, 8, linkAddress(1, "em0", 2, 0, 0, 0, 0, 1)), v4, ll, em1()}, []string{"em0"}},
		{"MAC address", [][]byte{linkMessage(1, up|running, carrier, 7, linkAddress(1, "em0", 2, 0, 0, 0, 0, 9)), v4, ll, em1()}, []string{"em0"}},
		{"IPv4 address is gone", [][]byte{em0(), ll, em1()}, []string{"em0 IPv4"}},
		{"IPv4 address is new", [][]byte{em0(), v4, newAddress(1, "192.0.2.3"), ll, em1()}, []string{"em0 IPv4"}},
		{"IPv4 addresses change places", [][]byte{em0(), newAddress(1, "192.0.2.3"), v4, ll, em1()}, []string{"em0 IPv4"}},
		{"link-local address is gone", [][]byte{em0(), v4, em1()}, []string{"em0 IPv6"}},
		{"global address is new", [][]byte{em0(), v4, ll, newAddress(1, "2001:db8::2"), em1()}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLog()
			l.load(t, em0(), v4, ll, em1())
			if diff := cmp.Diff(tt.want, l.load(t, tt.list...)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadCutShort(t *testing.T) {
	l := newLog()
	l.load(t, em0(), em1())
	list := append(em0(), em1()...)
	if err := l.Load(list[:len(list)-1]); err == nil {
		t.Error("a list that is cut short is taken")
	}
	if _, ok := l.Find("em1"); !ok || l.changes != nil {
		t.Errorf("it changed what was known: %v", l.changes)
	}
}

func TestApply(t *testing.T) {
	tests := []struct {
		name  string
		b     []byte
		want  []string
		show  string // em0, if it changed
		stale bool
	}{
		{"carrier is lost", linkMessage(1, up|running, noCarrier, 7), []string{"em0"},
			`1 em0 020000000001 mtu 1500 "no carrier" [192.0.2.2] [fe80::2]`, true},
		{"set down", linkMessage(1, running, carrier, 7), []string{"em0"},
			`1 em0 020000000001 mtu 1500 "administratively down" [192.0.2.2] [fe80::2]`, true},
		{"state is not known", linkMessage(1, up, unknown, 7), []string{"em0"}, "", true},
		{"nothing new about a link", linkMessage(1, up|running, carrier, 7), nil, "", true},
		{"link that is not known", linkMessage(9, up, carrier, 7), nil, "", true},
		{"link came", announce(9, "em9", 0), nil, "", true},
		{"link went", announce(1, "em0", 1), []string{"em0"}, "none", true},
		{"link of the number has another name", announce(1, "em9", 1), nil, "", true},
		{"address", newAddress(1, "192.0.2.1"), []string{"em0 IPv4"},
			`1 em0 020000000001 mtu 1500 "" [192.0.2.2 192.0.2.1] [fe80::2]`, false},
		{"address that is known", newAddress(1, "fe80::2"), []string{"em0 IPv6"}, "", false},
		{"link-local address", newAddress(1, "fe80::1"), []string{"em0 IPv6"},
			`1 em0 020000000001 mtu 1500 "" [192.0.2.2] [fe80::2 fe80::1]`, false},
		{"global address", newAddress(1, "2001:db8::1"), nil, "", false},
		{"address of a link that is not known", newAddress(9, "192.0.2.1"), nil, "", true},
		{"address went", deleteAddress(1, "192.0.2.2"), []string{"em0 IPv4"}, `1 em0 020000000001 mtu 1500 "" [] [fe80::2]`, false},
		{"address went that was not known", deleteAddress(1, "192.0.2.3"), nil, "", false},
		{"address went and came", append(deleteAddress(1, "192.0.2.2"), newAddress(1, "192.0.2.2")...), []string{"em0 IPv4", "em0 IPv4"}, "", false},
		{"carrier was away for a moment", append(linkMessage(1, up|running, noCarrier, 7), linkMessage(1, up|running, carrier, 7)...),
			[]string{"em0", "em0"}, "", true},
		{"route", finish(make([]byte, 152), 1), nil, "", false},
		{"another version", append([]byte{}, 20, 0, 4, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), nil, "", false},
		{"nothing", nil, nil, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLog()
			l.load(t, em0(), newAddress(1, "192.0.2.2"), newAddress(1, "fe80::2"))
			if stale := l.Apply(tt.b); stale != tt.stale {
				t.Errorf("stale is %v", stale)
			}
			if diff := cmp.Diff(tt.want, l.taken()); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if tt.show == "" {
				return
			}
			if got := l.show(t, "em0", nil); got != tt.show {
				t.Errorf("got %s, want %s", got, tt.show)
			}
		})
	}
}

// TestApplyOrder: an address that is configured again goes to the end of the kernel's list.
func TestApplyOrder(t *testing.T) {
	l := newLog()
	l.load(t, em0(), newAddress(1, "192.0.2.1"), newAddress(1, "192.0.2.2"), newAddress(1, "192.0.2.3"))
	l.Apply(append(deleteAddress(1, "192.0.2.1"), newAddress(1, "192.0.2.1")...))
	l.taken()
	want := `1 em0 020000000001 mtu 1500 "" [192.0.2.2 192.0.2.3 192.0.2.1] []`
	if got := l.show(t, "em0", nil); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if changes := l.load(t, em0(), newAddress(1, "192.0.2.2"), newAddress(1, "192.0.2.3"), newAddress(1, "192.0.2.1")); changes != nil {
		t.Errorf("the kernel's list differs: %v", changes)
	}
}

func TestSources6(t *testing.T) {
	const anycast, tentative, duplicated, detached, deprecated, autoconf = 0x01, 0x02, 0x04, 0x08, 0x10, 0x40
	tests := []struct {
		name  string
		flags map[string]rtsock.Flags
		want  string
	}{
		{"all usable", map[string]rtsock.Flags{"fe80::3": 0, "fe80::1": autoconf, "fe80::2": 0}, "[fe80::3 fe80::1 fe80::2]"},
		{"deprecated", map[string]rtsock.Flags{"fe80::3": deprecated, "fe80::1": 0, "fe80::2": deprecated}, "[fe80::1 fe80::3 fe80::2]"},
		{"tentative", map[string]rtsock.Flags{"fe80::3": tentative, "fe80::1": 0, "fe80::2": 0}, "[fe80::1 fe80::2] tentative"},
		{"duplicated", map[string]rtsock.Flags{"fe80::3": duplicated, "fe80::1": 0, "fe80::2": 0}, "[fe80::1 fe80::2]"},
		{"detached, anycast", map[string]rtsock.Flags{"fe80::3": detached, "fe80::1": anycast, "fe80::2": 0}, "[fe80::2]"},
		{"gone by now", map[string]rtsock.Flags{"fe80::1": 0}, "[fe80::1]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLog()
			l.load(t, em0(), newAddress(1, "fe80::3"), newAddress(1, "fe80::1"), newAddress(1, "fe80::2"), newAddress(1, "2001:db8::1"))
			want := `1 em0 020000000001 mtu 1500 "" [] ` + tt.want
			if got := l.show(t, "em0", tt.flags); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestSame(t *testing.T) {
	l := newLog()
	l.load(t, em0(), em1())
	a, _ := l.Find("em0")
	b, _ := l.Find("em1")
	before := a.Link
	if !a.Same(&before) || a.Same(&b.Link) {
		t.Error("links are told apart by something else than their number")
	}
	l.load(t, linkMessage(1, up|running, carrier, 8, linkAddress(1, "em0", 2, 0, 0, 0, 0, 1)))
	if again, _ := l.Find("em0"); again.Same(&before) {
		t.Error("a link that was made anew under the same number is the same")
	}
}

func FuzzTable(f *testing.F) {
	f.Add(em0())
	f.Add(append(em0(), newAddress(1, "192.0.2.2")...))
	f.Add(append(newAddress(1, "fe80::2"), deleteAddress(1, "fe80::2")...))
	f.Add(append(announce(1, "em0", 1), announce(2, "em1", 0)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := newLog()
		l.load(t, em0(), newAddress(1, "192.0.2.2"))
		l.Apply(b)
		if err := l.Load(b); err != nil {
			return
		}
		l.taken()
		if changes := l.load(t, b); changes != nil {
			t.Errorf("the same list is another one: %v", changes)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// shown is what ip-address(8) shows of an address.
type shown struct {
	Local         netip.Addr `json:"local"`
	PrefixLen     int        `json:"prefixlen"`
	Broadcast     string     `json:"broadcast"`
	Peer          string     `json:"address"`
	Scope         string     `json:"scope"`
	Label         string     `json:"label"`
	NoDAD         bool       `json:"nodad"`
	Tentative     bool       `json:"tentative"`
	NoPrefixRoute bool       `json:"noprefixroute"`
	DADFailed     bool       `json:"dadfailed"`
	Deprecated    bool       `json:"deprecated"`
	Secondary     bool       `json:"secondary"`
	ValidLifetime uint32     `json:"valid_life_time"`
}

const forever = 1<<32 - 1

// ip runs ip(8) on the host and decodes what it prints.
func ip(t *testing.T, h *netlab.Host, into any, args ...string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(netlabtest.Program(t, "ip"), append([]string{"-json", "-details", "-Numeric"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := h.Start(cmd); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, &out)
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, &out)
	}
}

// show returns what ip-address(8) shows of the addresses given.
func show(t *testing.T, h *netlab.Host, addrs []netip.Prefix) []shown {
	t.Helper()
	var devices []struct {
		Addresses []shown `json:"addr_info"`
	}
	ip(t, h, &devices, "address", "show", "dev", "eth0")
	var list []shown
	for _, p := range addrs {
		for _, s := range devices[0].Addresses {
			if s.Local == p.Addr() {
				list = append(list, s)
			}
		}
	}
	return list
}

func TestDeviceAttributes(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := prefixes("192.0.2.1/32", "192.0.2.2/24", "198.51.100.3/24", "2001:db8::1/128", "2001:db8:1::2/64")
	cfg := &vip.Config{
		Default: vip.Attributes{Label: "eth0:fhrp"},
		Attributes: map[netip.Prefix]vip.Attributes{
			all[1]: {Scope: vip.ScopeLink},
			all[2]: {Label: "eth0:three", Scope: 17, PrefixRoute: true},
			all[4]: {PrefixRoute: true},
		},
	}
	d := open(t, h, "eth0", cfg)
	clear(cfg.Attributes) // which d has a copy of
	if err := d.Add(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	addr := func(i int) netip.Addr { return all[i].Addr() }
	want := []shown{
		{Local: addr(0), PrefixLen: 32, Scope: "0", Label: "eth0:fhrp", NoPrefixRoute: true},
		{Local: addr(1), PrefixLen: 24, Scope: "253", Label: "eth0", NoPrefixRoute: true},
		{Local: addr(2), PrefixLen: 24, Scope: "17", Label: "eth0:three"},
		{Local: addr(3), PrefixLen: 128, Scope: "0", NoDAD: true, NoPrefixRoute: true},
		{Local: addr(4), PrefixLen: 64, Scope: "0", NoDAD: true},
	}
	for i := range want {
		want[i].ValidLifetime = forever
	}
	if diff := cmp.Diff(want, show(t, h, all), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}

// TestDeviceConfigure changes what addresses are like that are added after it, and leaves others.
func TestDeviceConfigure(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := prefixes("192.0.2.1/32", "192.0.2.2/32")
	d := open(t, h, "eth0", nil)
	if err := d.Add(t.Context(), all[:1]); err != nil {
		t.Fatal(err)
	}
	if err := d.Configure(&vip.Config{Default: vip.Attributes{Label: "other:x-which-is-too-long"}}); err == nil {
		t.Error("a label that can't be is taken")
	}
	if err := d.Configure(&vip.Config{Default: vip.Attributes{Label: "eth0:b"}}); err != nil {
		t.Fatal(err)
	}
	if err := d.Add(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, s := range show(t, h, all) {
		labels = append(labels, s.Label)
	}
	if labels[0] == "eth0:b" || labels[1] != "eth0:b" {
		t.Errorf("labels %q", labels)
	}
}

// TestDeviceMarksItsAddresses asks the kernel, since ip(8) knows the protocol of an address only in newer versions than
// Linux does.
func TestDeviceMarksItsAddresses(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := prefixes("192.0.2.1/32", "2001:db8::1/128")
	if err := open(t, h, "eth0", nil).Add(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	marks := protocols(t, h)
	if marks[all[0].Addr()] == 0 && marks[all[1].Addr()] == 0 {
		t.Skip("the kernel keeps no protocol of addresses")
	}
	for _, p := range all {
		if got := marks[p.Addr()]; got != vip.Protocol {
			t.Errorf("protocol of %v is %d, want %d", p, got, vip.Protocol)
		}
	}
	if got := marks[h.Addr(0)]; got == vip.Protocol {
		t.Errorf("%v of another is marked", h.Addr(0))
	}
}

// protocols returns the protocol of each address of the host that has one.
func protocols(t *testing.T, h *netlab.Host) map[netip.Addr]byte {
	t.Helper()
	var messages [][]byte
	err := h.Do(func() (err error) {
		r := nl.NewNetlinkRequest(unix.RTM_GETADDR, unix.NLM_F_DUMP)
		r.AddData(nl.NewIfAddrmsg(unix.AF_UNSPEC))
		messages, err = r.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWADDR)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const proto = 11 // IFA_PROTO
	marks := make(map[netip.Addr]byte)
	for _, m := range messages {
		attrs, err := nl.ParseRouteAttrAsMap(m[unix.SizeofIfAddrmsg:])
		if err != nil {
			t.Fatal(err)
		}
		if a, ok := netip.AddrFromSlice(attrs[unix.IFA_ADDRESS].Value); ok && len(attrs[proto].Value) == 1 {
			marks[a] = attrs[proto].Value[0]
		}
	}
	return marks
}

func TestDevicePrefixRoute(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := prefixes("192.0.2.1/24", "198.51.100.1/24", "2001:db8::1/64", "2001:db8:1::1/64")
	routed := vip.Attributes{PrefixRoute: true}
	d := open(t, h, "eth0", &vip.Config{Attributes: map[netip.Prefix]vip.Attributes{all[1]: routed, all[3]: routed}})
	if err := d.Add(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]bool)
	for _, family := range []string{"-4", "-6"} {
		var routes []struct {
			To string `json:"dst"`
		}
		ip(t, h, &routes, family, "route", "show", "dev", "eth0")
		for _, r := range routes {
			got[r.To] = true
		}
	}
	for i, p := range all {
		if want := i%2 == 1; got[p.Masked().String()] != want {
			t.Errorf("route to %v: %v, want %v", p.Masked(), !want, want)
		}
	}
}

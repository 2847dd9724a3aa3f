// SPDX-License-Identifier: Apache-2.0

package routes

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// everyKind returns routes and rules of every kind, with a source that the host has.
func everyKind(t *testing.T, h *netlab.Host) []Entry {
	return read(t, strings.Replace(allRoutes, "OWN", h.Addr(0).String(), 1), allRules)
}

// read returns what a file says.
func read(t *testing.T, routes, rules string) []Entry {
	t.Helper()
	text := "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.0.100\n }\n virtual_routes {\n" +
		routes + "\n}\n virtual_rules {\n" + rules + "\n}\n}\n"
	c, err := keepalived.Read(keepalived.Source{File: "f", FS: fstest.MapFS{"f": {Data: []byte(text)}}})
	if err != nil {
		t.Fatal(err)
	}
	return entries(c.Instances[0].Routes, c.Instances[0].Rules)
}

// opened returns the kernel of a host.
func opened(t *testing.T, h *netlab.Host) Kernel {
	t.Helper()
	var k Kernel
	if err := h.Do(func() (err error) { k, err = Open(); return err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

// ours returns what a host has with our protocol, as netlink tells it.
func ours(t *testing.T, h *netlab.Host) (list []string) {
	t.Helper()
	if err := h.Do(func() error {
		for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
			routes, err := netlink.RouteListFiltered(family, &netlink.Route{Protocol: Protocol}, netlink.RT_FILTER_PROTOCOL|netlink.RT_FILTER_TABLE)
			if err != nil {
				return err
			}
			for _, r := range routes {
				list = append(list, r.Dst.String())
			}
			rules, err := netlink.RuleList(family)
			if err != nil {
				return err
			}
			for _, r := range rules {
				if r.Protocol == Protocol {
					list = append(list, r.String())
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

const (
	allRoutes = `192.0.2.0/24 via 10.0.0.9 dev eth0 src OWN metric 5 mtu 1400
192.0.2.0/24 via 10.0.0.9 metric 6 scope global
192.0.3.0/24 dev eth0 scope link
default via 10.0.0.9 dev eth0 table 300 tos 0x10
198.51.100.0/24 via 172.16.0.1 dev eth0 onlink
blackhole 203.0.113.0/24
unreachable 203.0.114.0/24 metric 9
throw 203.0.115.0/24 table 7
192.0.4.0/24 nexthop via 10.0.0.8 weight 2 nexthop via 10.0.0.9 dev eth0
2001:db8:1::/48 via fe80::9 dev eth0
2001:db8:1::/48 via fe80::9 dev eth0 metric 7
2001:db8:2::/48 nexthop via fe80::8 dev eth0 nexthop via fe80::9 dev eth0
blackhole 2001:db8:3::/48
default via fe80::9 dev eth0 metric 77`
	allRules = `from 10.0.0.0/8 table 300 priority 50
not to 10.0.0.0/8 iif eth0 oif eth0 table 7 priority 51
fwmark 0x7/0xff tos 0x10 table main priority 52
from all fwmark 3 blackhole priority 53
from 2001:db8::/32 prohibit priority 54
inet6 from any table 7 priority 55`
)

// TestEveryKind adds every kind of route and rule to a kernel and removes it again. What is there is told, and so is what isn't.
func TestEveryKind(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	k := opened(t, h)
	all := everyKind(t, h)
	for _, e := range all {
		if err := k.Add(e); err != nil {
			t.Errorf("add %v: %v", e, err)
		}
		if err := k.Add(e); !errors.Is(err, os.ErrExist) {
			t.Errorf("add %v again: %v", e, err)
		}
	}
	if got := ours(t, h); len(got) < len(all) {
		t.Errorf("%d are there of %d: %q", len(got), len(all), got)
	}
	for _, e := range slices.Backward(all) {
		if err := k.Remove(e); err != nil {
			t.Errorf("remove %v: %v", e, err)
		}
		if err := k.Remove(e); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("remove %v again: %v", e, err)
		}
	}
	if got := ours(t, h); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
}

// TestOthersStay leaves routes and rules of others where they are, in the same place too.
func TestOthersStay(t *testing.T) {
	netlabtest.Program(t, "ip")
	if !netlabtest.Enter(t) {
		return
	}
	h := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	k := opened(t, h)
	ip := func(args ...string) {
		t.Helper()
		cmd := exec.Command("ip", args...)
		if err := h.Start(cmd); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatalf("ip %q: %v", args, err)
		}
	}
	ip("route", "add", "blackhole", "203.0.113.0/24")
	ip("-6", "route", "add", "blackhole", "2001:db8::/32", "metric", "1024")
	ip("rule", "add", "from", "10.0.0.0/8", "table", "5", "priority", "50")
	for _, e := range read(t, "203.0.113.0/24 via 10.0.0.9\nblackhole 2001:db8::/32", "") {
		if err := k.Add(e); !errors.Is(err, os.ErrExist) {
			t.Errorf("add %v: %v", e, err)
		}
		if err := k.Remove(e); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("remove %v: %v", e, err)
		}
	}
	rule := read(t, "", "from 10.0.0.0/8 table 5 priority 50")[0] // there can be one of each protocol
	if err := errors.Join(k.Add(rule), k.Remove(rule)); err != nil {
		t.Error(err)
	}
	if err := k.Remove(rule); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the other rule: %v", err)
	}
}

// TestLeftovers removes what a process that is gone has left behind, unless there is another one.
func TestLeftovers(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	first := opened(t, h)
	for _, e := range everyKind(t, h) {
		if err := first.Add(e); err != nil {
			t.Errorf("add %v: %v", e, err)
		}
	}
	want := ours(t, h)
	second := opened(t, h)
	if diff := cmp.Diff(want, ours(t, h)); diff != "" {
		t.Errorf("with another one there -want +got:\n%s", diff)
	}
	_, _ = first.Close(), second.Close()
	opened(t, h)
	if got := ours(t, h); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
}

// TestNoDevice names the device that isn't there.
func TestNoDevice(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	k := opened(t, h)
	if err := k.Add(read(t, "192.0.2.0/24 dev eth7", "")[0]); err == nil || !strings.Contains(err.Error(), "eth7") {
		t.Error(err)
	}
}

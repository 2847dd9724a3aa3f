// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/routes"
)

// routing is what instances have in both programs.
const routing = `virtual_routes {
    src 10.0.0.100 192.0.2.0/24 via 10.0.0.9 dev eth0 metric 5
    192.0.3.0/24 dev eth0 scope link
    default via 10.0.0.9 dev eth0 table 100
    198.51.100.0/24 via 172.16.0.1 dev eth0 onlink mtu 1400
    blackhole 203.0.113.0/24 no_track
    192.0.4.0/24 no_track nexthop via 10.0.0.8 dev eth0 weight 2 nexthop via 10.0.0.9 dev eth0 weight 1
    2001:db8:1::/48 via fe80::9 dev eth0
  }
  virtual_rules {
    from 10.0.0.0/8 table 100 priority 50
    fwmark 7/0xff iif eth0 tos 0x10 table 100 priority 51
    to 192.0.2.0/24 prohibit priority 52
    not from 2001:db8::/32 table 100 priority 53
  }`

// kernelOf returns the routes and rules of a protocol that a host has, without it.
func kernelOf(t *testing.T, h *netlab.Host, protocol int) (list []string) {
	t.Helper()
	err := h.Do(func() error {
		var errs []error
		for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
			all, err := netlink.RouteListFiltered(family, &netlink.Route{Protocol: netlink.RouteProtocol(protocol)}, netlink.RT_FILTER_PROTOCOL|netlink.RT_FILTER_TABLE)
			for _, r := range all {
				list = append(list, fmt.Sprintf("%v type %d scope %v src %v table %d metric %d mtu %d flags %v", r, r.Type, r.Scope, r.Src, r.Table, r.Priority, r.MTU, r.ListFlags()))
			}
			errs = append(errs, err)
			rules, err := netlink.RuleList(family)
			for _, r := range rules {
				if int(r.Protocol) == protocol {
					r.Protocol = 0
					list = append(list, fmt.Sprintf("%+v mask %v", r, r.Mask != nil))
				}
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range list {
		before, rest, _ := strings.Cut(line, " Mask:") // an address in memory
		_, rest, _ = strings.Cut(rest, " ")
		list[i] = strings.TrimSpace(before + " " + rest)
	}
	slices.Sort(list)
	return list
}

// TestRoutesWithKeepalived has the same routes and rules in the kernel as keepalived by the same file, on the node that is Active
// alone.
func TestRoutesWithKeepalived(t *testing.T) {
	t.Parallel()
	netlabtest.Program(t, "keepalived")
	if !netlabtest.Enter(t) {
		return
	}
	const theirProtocol = 18
	p := newPair(t, conf{3, "0.2", routing, []string{"10.0.0.100/24"}}, 200, 100)
	ours := func() []string { return kernelOf(t, p.lab.Host("n1"), routes.Protocol) }
	theirs := func() []string { return kernelOf(t, p.lab.Host("n2"), theirProtocol) }
	p.start("n2")
	eventually(t, "routes of keepalived", func() bool { return len(theirs()) == 11 })
	want := theirs()
	p.start("n1")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("ours %q\ntheirs %q\n%s\n%s", ours(), theirs(), p.ours.log(), p.theirs.log())
		}
	})
	eventually(t, "routes on n1 alone", func() bool { return len(ours()) == 11 && len(theirs()) == 0 })
	if diff := cmp.Diff(want, ours()); diff != "" {
		t.Errorf("-keepalived +ours:\n%s", diff)
	}
	p.stop("n1")
	eventually(t, "routes on n2 alone", func() bool { return len(ours()) == 0 && len(theirs()) == 11 })
	p.start("n1")
	eventually(t, "routes on n1 again", func() bool { return len(ours()) == 11 && len(theirs()) == 0 })
	p.stop("n1")
	if left := ours(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	p.stop("n2")
	p.wantNoComplaint()
}

// TestRoutesOfTheProgram reloads routes, loses one to somebody else, is killed, and sweeps up at the next start.
func TestRoutesOfTheProgram(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	n := &node{t, netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1"), t.TempDir(), ""}
	write := func(line string) {
		n.file = conf{3, "0.2", "virtual_routes {\n " + line + "\n }", []string{"10.0.0.100/24"}}.write(t, "n1", 200)
	}
	has := func(what, route string) {
		t.Helper()
		eventually(t, what, func() bool {
			list := kernelOf(t, n.host, routes.Protocol)
			return len(list) == 1 && strings.Contains(list[0], route)
		})
	}
	write("192.0.2.0/24 via 10.0.0.9 dev eth0")
	p := startProgram(t, n)
	has("the route", "192.0.2.0/24")
	if err := n.host.Do(func() error {
		all, err := netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Protocol: routes.Protocol}, netlink.RT_FILTER_PROTOCOL)
		if err != nil || len(all) != 1 {
			return fmt.Errorf("%v, %w", all, err)
		}
		return netlink.RouteDel(&all[0])
	}); err != nil {
		t.Fatal(err)
	}
	has("the route is put back", "192.0.2.0/24")
	p.signal(t, syscall.SIGKILL)
	_ = p.cmd.Wait()
	has("the route stays behind", "192.0.2.0/24")
	write("192.0.3.0/24 via 10.0.0.9 dev eth0")
	p = startProgram(t, n)
	has("the other route", "192.0.3.0/24")
	p.signal(t, syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, p.log())
	}
	if left := kernelOf(t, n.host, routes.Protocol); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// grouped returns three virtual routers that are to move as one: of each family on eth0, and on eth1.
func grouped(priority uint8) []vrrp.VirtualRouterConfig {
	list := []vrrp.VirtualRouterConfig{
		withKeepalived(virtual(priority)),
		withKeepalived(virtual(priority, prefixes("fe80::100/128")...)),
		withKeepalived(virtual(priority, prefixes("10.0.1.100/32")...)),
	}
	list[2].Link = "eth1"
	return list
}

// groupConf writes a keepalived.conf with the same virtual routers in a vrrp_sync_group.
func groupConf(list []vrrp.VirtualRouterConfig) string {
	text, names := "", ""
	for i, cfg := range list {
		one := conf(cfg, nil)
		_, instance, _ := strings.Cut(one, "vrrp_instance V")
		text += fmt.Sprintf("vrrp_instance V%d%s", i, instance)
		names += fmt.Sprintf(" V%d", i)
	}
	return "global_defs {\n  router_id peer\n  vrrp_version 3\n}\nvrrp_sync_group G {\n  group {" + strings.ReplaceAll(names, " ", "\n    ") + "\n  }\n}\n" + text
}

// What keepalived logs about its group.
const (
	kaGroupMaster = "VRRP_Group(G) Syncing instances to MASTER state"
	kaGroupBackup = "VRRP_Group(G) Syncing instances to BACKUP state"
	kaGroupFault  = "VRRP_Group(G) Syncing instances to FAULT state"
)

// groups are a router of ours on n1 and keepalived on n2, each of which has the same group.
type groups struct {
	*bench
	ours   *node
	theirs *keepalived
}

// startGroups starts both, with these priorities.
func startGroups(t *testing.T, ours, theirs uint8) *groups {
	t.Helper()
	b := newBenchWith(t, netlab.Config{Hosts: []string{"n1", "n2"}, Links: 2})
	g := &groups{bench: b, theirs: b.startKeepalivedWith("n2", groupConf(grouped(theirs)))}
	g.ours = b.startWith("n1", setup{Virtual: grouped(ours), Group: &vrrp.GroupConfig{Name: "G"}})
	return g
}

// link takes eth1 of a host down or up.
func (g *groups) link(host string, up bool) {
	g.Helper()
	g.must(g.host(host).SetLink(1, up))
}

// has reports whether a host has the addresses of all members, and hasNone whether it has none.
func (g *groups) has(host string) bool     { return g.countAll(host) == 3 }
func (g *groups) hasNone(host string) bool { return g.countAll(host) == 0 }

// countAll returns how many of the addresses of the members a host has.
func (g *groups) countAll(host string) int {
	all, _ := g.host(host).Addresses(1)
	n := g.count(host, vip4(), netip.MustParsePrefix("fe80::100/128"))
	for _, p := range all {
		if p == netip.MustParsePrefix("10.0.1.100/32") {
			n++
		}
	}
	return n
}

// awaitAll waits until one host has all, and the other none.
func (g *groups) awaitAll(holder, other string) {
	g.Helper()
	await(g.T, "all addresses on "+holder+", none on "+other, func() bool { return g.has(holder) && g.hasNone(other) })
}

// awaitGroup waits until all of our members are in a state.
func (g *groups) awaitGroup(want vrrp.State) {
	g.Helper()
	await(g.T, fmt.Sprint("our group is ", want), func() bool {
		s := g.ours.group.Status()
		for _, m := range s.Members {
			if m.State != want || m.Joining {
				return false
			}
		}
		return s.State == want
	})
}

// TestGroupBesideSyncGroup has a link of our Active Router go down: with it all members leave, and all of keepalived's
// group become Master; and come back, when the link does. Both move together, there and back.
func TestGroupBesideSyncGroup(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	g := startGroups(t, 200, 100)
	g.awaitGroup(vrrp.Active)
	g.awaitAll("n1", "n2")

	g.link("n1", false)
	g.awaitGroup(vrrp.Initialize)
	g.awaitAll("n2", "n1")
	g.theirs.awaitLog(kaGroupMaster, 1)
	if s := g.ours.virtual[0].Status().Last; s.Reason != vrrp.ReasonGroup || s.By != "eth1 IPv4 VRID 51" {
		t.Errorf("%v", s)
	}

	g.link("n1", true)
	g.awaitGroup(vrrp.Active)
	g.awaitAll("n1", "n2")
	g.theirs.awaitLog(kaGroupBackup, 1)
	g.wantTogether()
	g.theirs.wantNoComplaint()

	g.must(g.ours.virtual[1].Maintenance(true))
	g.awaitGroup(vrrp.Initialize)
	g.awaitAll("n2", "n1")
}

// TestSyncGroupFaultMovesToGroup has a link of keepalived go down: its group is in fault, and all of ours become Active
// at the same time; it comes back, and all of ours yield.
func TestSyncGroupFaultMovesToGroup(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	g := startGroups(t, 100, 200)
	g.awaitAll("n2", "n1")
	g.awaitGroup(vrrp.Backup)

	g.link("n2", false)
	g.theirs.awaitLog(kaGroupFault, 1)
	g.awaitGroup(vrrp.Active)
	g.awaitAll("n1", "n2")

	g.link("n2", true)
	g.awaitAll("n2", "n1")
	g.awaitGroup(vrrp.Backup)
	g.wantTogether()
	g.theirs.wantNoComplaint()
}

// wantTogether checks that our members have become Active at the same moments.
func (g *groups) wantTogether() {
	g.Helper()
	g.ours.mu.Lock()
	defer g.ours.mu.Unlock()
	times := map[string]int{}
	for _, c := range g.ours.changes {
		if c.To == vrrp.Active {
			times[c.At.String()]++
		}
	}
	for at, n := range times {
		if n != len(g.ours.virtual) {
			g.Errorf("at %s %d members became Active", at, n)
		}
	}
	if len(times) == 0 {
		g.Error("none became Active")
	}
}

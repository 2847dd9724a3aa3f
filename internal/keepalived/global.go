// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Global is the part of global_defs that VRRP needs. Safe for concurrent reading.
type Global struct {
	RouterID     string        // router_id, the name of this machine; "": not given
	Version      int           // vrrp_version of IPv4 instances that don't say: 2 (default) or 3
	Group4       netip.Addr    // vrrp_mcast_group4, default 224.0.0.18
	Group6       netip.Addr    // vrrp_mcast_group6, default ff02::12
	StartupDelay time.Duration // vrrp_startup_delay: how long after the start instances stay quiet
	GARP         GARP          // vrrp_garp_*, what instances have that don't say
	GARPInterval time.Duration // vrrp_garp_interval: least time between gratuitous ARPs on an interface; 0: none
	ScriptUser   Command       // script_user: User and Group of commands that have none of their own
	FIFOs        []FIFO        // notify_fifo and vrrp_notify_fifo
	GNAInterval  time.Duration // vrrp_gna_interval: least time between unsolicited neighbour advertisements on an interface; 0: none

	// What instances have that don't say.
	DownTimerAdverts     int  // vrrp_down_timer_adverts, default 3
	LowerPrioNoAdvert    bool // vrrp_lower_prio_no_advert
	HigherPrioSendAdvert bool // vrrp_higher_prio_send_advert
	SkipCheckAdvAddr     bool // vrrp_skip_check_adv_addr
	V3ChecksumAsV2       bool // v3_checksum_as_v2
	Strict               bool // vrrp_strict
}

// defaultDownTimerAdverts is how many advertisements may be missing by RFC 9568.
const defaultDownTimerAdverts = 3

func defaultGlobal() Global {
	return Global{
		Version:          2,
		Group4:           netip.AddrFrom4([4]byte{224, 0, 0, 18}),
		Group6:           netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 15: 0x12}),
		GARP:             garpDefault,
		DownTimerAdverts: defaultDownTimerAdverts,
	}
}

// globalBlock reads a block of global_defs.
func (d *decoder) globalBlock(dir *Directive) {
	if dir.Block == nil {
		return // reported where the directive is read among the others
	}
	d.atMost(dir, 0)
	for i := range dir.Block {
		inner := &dir.Block[i]
		if allowed, ok := d.lookup(inner, globalDefs, dir.Name); ok && !d.global.read(d.report, inner) {
			d.notRead(inner, allowed)
		}
	}
}

// read reads a directive of global_defs that VRRP needs.
func (g *Global) read(r *report, dir *Directive) bool {
	switch dir.Name {
	case "router_id":
		if id, ok := r.one(dir, "a name"); ok {
			g.RouterID = id
		}
	case "script_user":
		if len(dir.Args) == 0 {
			r.fail(dir, ErrMissing, "", "has no value", "a user, and a group")
		}
		g.ScriptUser.readUser(r, dir, dir.Args)
	case "notify_fifo", "vrrp_notify_fifo":
		g.readFIFO(r, dir)
	case "dynamic_interfaces", "vrrp_check_unicast_src": // always so
	case "vrrp_version":
		setNumber(r, dir, &g.Version, 2, 3)
	case "vrrp_mcast_group4":
		r.setGroup(dir, &g.Group4, ipv4)
	case "vrrp_mcast_group6":
		r.setGroup(dir, &g.Group6, ipv6)
	case "vrrp_startup_delay":
		r.setTimer(dir, &g.StartupDelay, time.Millisecond, maxTimer)
	case "vrrp_garp_interval":
		r.setTimer(dir, &g.GARPInterval, 0, maxTimer)
	case "vrrp_gna_interval":
		r.setTimer(dir, &g.GNAInterval, 0, maxTimer)
	case "vrrp_min_garp":
		g.GARP.readMinimum(r, dir)
	case "vrrp_down_timer_adverts":
		setNumber(r, dir, &g.DownTimerAdverts, 1, 100)
	case "vrrp_lower_prio_no_advert":
		r.setFlag(dir, &g.LowerPrioNoAdvert)
	case "vrrp_higher_prio_send_advert":
		r.setFlag(dir, &g.HigherPrioSendAdvert)
	case "vrrp_skip_check_adv_addr":
		r.setFlag(dir, &g.SkipCheckAdvAddr)
	case "v3_checksum_as_v2":
		r.setFlag(dir, &g.V3ChecksumAsV2)
	case "vrrp_strict":
		r.setFlag(dir, &g.Strict)
	default:
		return g.GARP.read(r, dir, strings.TrimPrefix(dir.Name, "vrrp_"))
	}
	return true
}

// setGroup sets *to to the multicast address of the family that dir holds.
func (r *report) setGroup(dir *Directive, to *netip.Addr, f family) {
	addr := *to
	if !r.setAddr(dir, &addr) {
		return
	}
	if familyOf(addr) != f || !addr.IsMulticast() {
		r.fail(dir, ErrValue, dir.Args[0], "not a group", fmt.Sprintf("an %v multicast address", f))
		return
	}
	if f == ipv6 && !addr.IsLinkLocalMulticast() {
		r.note(dir, Advice, "not a link-local group")
	}
	*to = addr
}

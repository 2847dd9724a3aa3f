// SPDX-License-Identifier: Apache-2.0

package routes

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// kernel is the kernel of this host, in one network namespace.
type kernel struct {
	netlink *netlink.Handle
	claim   claim
}

// Open opens the kernel in the network namespace of this thread, and removes what processes that are gone have left there, unless
// another one is running. If leftovers can't be removed, the error says why, and the kernel can be used all the same.
func Open() (Kernel, error) {
	handle, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open netlink: %w", err)
	}
	k := &kernel{netlink: handle}
	var alone bool
	if k.claim, alone, err = newClaim(); err != nil || !alone {
		return k, err
	}
	return k, k.sweep()
}

// Close implements [Kernel].
func (k *kernel) Close() error {
	k.netlink.Close()
	return k.claim.close()
}

// Add implements [Kernel].
func (k *kernel) Add(e Entry) error {
	if e.Rule != nil {
		r, err := kernelRule(e.Rule)
		if err != nil {
			return err
		}
		return k.netlink.RuleAdd(r)
	}
	r, err := k.route(e.Route)
	if err != nil {
		return err
	}
	return k.netlink.RouteAdd(r)
}

// Remove implements [Kernel].
func (k *kernel) Remove(e Entry) error {
	var err error
	if e.Rule != nil {
		var r *netlink.Rule
		if r, err = kernelRule(e.Rule); err == nil {
			err = k.netlink.RuleDel(r)
		}
	} else {
		var r *netlink.Route
		if r, err = place(e.Route); err == nil {
			err = k.netlink.RouteDel(r)
		}
	}
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENODEV) {
		err = unix.ENOENT // as both mean here
	}
	return err
}

// place returns by what the kernel knows a route: with our protocol, so that one of somebody else doesn't match.
func place(t *keepalived.Route) (*netlink.Route, error) {
	r := &netlink.Route{
		Dst: ipNet(t.Dst), Table: int(t.Table), Priority: int(t.Metric), Tos: int(t.TOS), Type: int(t.Type),
		Protocol: Protocol, Scope: unix.RT_SCOPE_NOWHERE, // of any
	}
	if r.Table < 0 || r.Priority < 0 {
		return nil, fmt.Errorf("a table or metric above 2147483647 on this processor: %w", errors.ErrUnsupported)
	}
	if t.Dst.Addr().Is6() && r.Priority == 0 {
		r.Priority = 1024 // as the kernel has it, and not any
	}
	return r, nil
}

// route returns a route as it is to be added.
func (k *kernel) route(t *keepalived.Route) (*netlink.Route, error) {
	r, err := place(t)
	if err != nil {
		return nil, err
	}
	r.Scope, r.MTU, r.AdvMSS = netlink.Scope(t.Scope), int(t.MTU), int(t.AdvMSS)
	if t.Source.IsValid() {
		r.Src = t.Source.AsSlice()
	}
	for i := range t.Hops {
		hop, err := k.hop(&t.Hops[i])
		if err != nil {
			return nil, err
		}
		r.MultiPath = append(r.MultiPath, hop)
	}
	if len(r.MultiPath) == 1 {
		r.LinkIndex, r.Gw, r.Flags, r.MultiPath = r.MultiPath[0].LinkIndex, r.MultiPath[0].Gw, r.MultiPath[0].Flags, nil
	}
	return r, nil
}

// hop returns a hop.
func (k *kernel) hop(h *keepalived.Hop) (*netlink.NexthopInfo, error) {
	n := &netlink.NexthopInfo{Hops: h.Weight - 1}
	if h.Via.IsValid() {
		n.Gw = h.Via.AsSlice()
	}
	if h.OnLink {
		n.Flags = unix.RTNH_F_ONLINK
	}
	if h.Device != "" {
		link, err := k.netlink.LinkByName(h.Device)
		if err != nil {
			return nil, fmt.Errorf("dev %s: %w", h.Device, err)
		}
		n.LinkIndex = link.Attrs().Index
	}
	return n, nil
}

// kernelRule returns a rule.
func kernelRule(u *keepalived.Rule) (*netlink.Rule, error) {
	r := netlink.NewRule()
	r.Family, r.Priority, r.Table = unix.AF_INET, int(u.Priority), int(u.Table)
	if u.IPv6 {
		r.Family = unix.AF_INET6
	}
	if r.Priority < 0 || r.Table < 0 {
		return nil, fmt.Errorf("a table or priority above 2147483647 on this processor: %w", errors.ErrUnsupported)
	}
	r.Src, r.Dst, r.IifName, r.OifName = ipNet(u.From), ipNet(u.To), u.IIF, u.OIF
	r.Tos, r.Invert, r.Mark, r.Protocol = uint(u.TOS), u.Invert, u.Mark, Protocol
	if u.Mask != 0 {
		r.Mask = &u.Mask
	}
	if u.Type != keepalived.Unicast {
		r.Type = uint8(u.Type)
	}
	return r, nil
}

// ipNet returns a prefix as netlink has it; nil for none.
func ipNet(p netip.Prefix) *net.IPNet {
	if !p.IsValid() {
		return nil
	}
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// sweep removes all routes and rules that bear our protocol.
func (k *kernel) sweep() error {
	var errs []error
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		filter := &netlink.Route{Protocol: Protocol}
		_ = k.netlink.SetStrictCheck(true) // the kernel picks out our routes itself, where it can: there may be a million
		routes, err := k.netlink.RouteListFiltered(family, filter, netlink.RT_FILTER_PROTOCOL|netlink.RT_FILTER_TABLE)
		_ = k.netlink.SetStrictCheck(false) // which netlink's list of rules isn't made for
		errs = append(errs, err)
		for _, r := range routes {
			errs = append(errs, k.netlink.RouteDel(&netlink.Route{
				Dst: r.Dst, Table: r.Table, Priority: r.Priority, Tos: r.Tos, Type: r.Type, Protocol: Protocol, Scope: unix.RT_SCOPE_NOWHERE,
			}))
		}
		rules, err := k.netlink.RuleList(family)
		errs = append(errs, err)
		for i := range rules {
			if rules[i].Protocol == Protocol {
				errs = append(errs, k.netlink.RuleDel(&rules[i]))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove the routes and rules of an earlier run: %w", err)
	}
	return nil
}

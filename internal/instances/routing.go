// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"

	"github.com/go-fhrp/fhrp/internal/routes"
	"github.com/go-fhrp/fhrp/vrrp"
)

// openRoutes opens what holds routes and rules. Where there can be none it returns nil, and an error only if the plan has some.
func openRoutes(p *Plan, log *slog.Logger) (*routes.Keeper, error) {
	kernel, err := routes.Open()
	switch {
	case kernel == nil && p.routed():
		return nil, err
	case kernel == nil:
		return nil, nil
	case err != nil && log != nil:
		log.Warn("routes and rules of an earlier run may be left", "error", err)
	}
	return routes.New(kernel, log), nil
}

// routed reports whether an instance has routes or rules.
func (in *Instance) routed() bool { return len(in.Routes) > 0 || len(in.Rules) > 0 }

// routed reports whether an instance of the plan has routes or rules.
func (p *Plan) routed() bool {
	for i := range p.Instances {
		if p.Instances[i].routed() {
			return true
		}
	}
	return false
}

// errNoRoutes is for a reload that brings the first routes.
var errNoRoutes = errors.New("virtual_routes and virtual_rules can't be had here")

// setRoutes says which routes and rules an instance has.
func (r *roster) setRoutes(in Instance) error {
	switch {
	case r.routes != nil:
		return r.routes.Set(in.Config.Name, in.Routes, in.Rules)
	case in.routed():
		return errNoRoutes
	}
	return nil
}

// forgetRoutes ends that.
func (r *roster) forgetRoutes(name string) error {
	if r.routes == nil {
		return nil
	}
	return r.routes.Forget(name)
}

// leaveRoutes leaves routes and rules to the process that has taken over, as far as it wants them, but for those of virtual routers
// that are still here, as they end.
func (d *Daemon) leaveRoutes(wanted []string) {
	if d.routes == nil {
		return
	}
	ending := map[string]bool{}
	for _, v := range d.router.VirtualRouters() {
		ending[v.Status().Name] = true
	}
	err := d.routes.Abandon(func(name string) bool { return !ending[name] }, wanted)
	if err != nil && d.options.Logger != nil {
		d.options.Logger.Error("routes and rules that the other process doesn't want are not removed", "error", err)
	}
}

// inheritRoutes takes over those that belong to addresses which were taken over, also where these are kept for a moment only.
func (d *Daemon) inheritRoutes() {
	if d.routes == nil {
		return
	}
	for _, v := range d.router.VirtualRouters() {
		s := v.Status()
		d.routes.Inherited(s.Name, s.Held)
		held := v.Status().Held
		gone := slices.DeleteFunc(s.Held, func(p netip.Prefix) bool { return slices.Contains(held, p) })
		if err := d.routes.Goes(s.Name, gone); err != nil && d.options.Logger != nil { // they have gone meanwhile
			d.options.Logger.Error("routes and rules not removed", "virtual_router", s.Name, "error", err)
		}
	}
}

// hooks returns what has routes and rules come and go with the addresses of an instance: off the path of the advertisements.
func (r *roster) hooks(name string) vrrp.Hooks {
	if r.routes == nil {
		return vrrp.Hooks{}
	}
	return vrrp.Hooks{
		AfterAdd:     func(_ context.Context, addrs []netip.Prefix) error { return r.routes.Came(name, addrs) },
		BeforeRemove: func(_ context.Context, addrs []netip.Prefix) error { return r.routes.Goes(name, addrs) },
	}
}

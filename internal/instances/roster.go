// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/internal/ordered"
	"github.com/go-fhrp/fhrp/internal/routes"
	"github.com/go-fhrp/fhrp/vrrp"
)

// roster is the virtual routers and groups of a router, as a plan has them. One goroutine at a time may use it.
type roster struct {
	router     *vrrp.Router
	backend    func(in Instance) (vrrp.Backend, error)
	permanent  bool
	notifier   *notifier
	conditions conditions
	routes     *routes.Keeper                 // nil: there can be none
	hooking    bool                           // the plan has routes or rules: hooks have their cost
	members    ordered.Table[string, *member] // by their names
	order      []*member                      // those that could be had, in the order of the plan
	groups     map[string]*vrrp.Group
	gathered   []keepalived.SyncGroup // of the plan
}

// member is a virtual router, and what it was made of.
type member struct {
	router *vrrp.VirtualRouter
	name   string
	fixed  digest // of what can't be changed
	whole  digest
	hooked bool // it can have routes and rules
}

// Compare says where it is among the members.
func (m *member) Compare(name string) int { return strings.Compare(m.name, name) }

func newRoster(router *vrrp.Router, n *notifier, backend func(Instance) (vrrp.Backend, error)) *roster {
	return &roster{
		router: router, backend: backend, notifier: n, conditions: conditions{map[keepalived.Track]*condition{}},
		groups: map[string]*vrrp.Group{},
	}
}

// apply goes over to a plan, by the difference to the one before: what is the same in both is not touched. It goes on
// behind errors, which it joins.
func (r *roster) apply(ctx context.Context, plan *Plan) error {
	r.hooking = plan.routed()
	r.notifier.tellTo(plan.FIFOs)
	r.disband(plan)
	errs := []error{r.dismiss(ctx, plan)}
	var again []Instance
	for _, in := range plan.Instances {
		switch err := r.set(ctx, plan, in); {
		case err == nil:
		case taken(err):
			again = append(again, in)
		default:
			errs = append(errs, naming(in, err))
		}
	}
	errs = append(errs, r.swap(ctx, plan, again))
	r.order = make([]*member, 0, len(r.members))
	for _, in := range plan.Instances {
		if m := r.members.Get(in.Config.Name); m != nil {
			r.order = append(r.order, m)
		}
	}
	for _, g := range plan.Groups {
		if err := r.gather(g); err != nil {
			errs = append(errs, fmt.Errorf("vrrp_sync_group %s: %w", g.Name, err))
		}
	}
	r.gathered = plan.Groups
	return errors.Join(errs...)
}

// naming says which instance an error is about.
func naming(in Instance, err error) error {
	return fmt.Errorf("vrrp_instance %s: %w", in.Config.Name, err)
}

// taken reports whether an error is that another virtual router has an address still.
func taken(err error) bool {
	var value *vrrp.ValueError
	return errors.As(err, &value)
}

// dismiss removes the virtual routers that a plan doesn't have, or has as other ones: before any is added, which may have what
// they had.
func (r *roster) dismiss(ctx context.Context, plan *Plan) error {
	type as struct {
		fixed  digest
		routed bool
	}
	stay := map[string]as{}
	for _, in := range plan.Instances {
		stay[in.Config.Name] = as{digestOf(fixedPart(in)), in.routed()}
	}
	var list []*member
	for _, m := range r.members {
		as, ok := stay[m.name]
		if !ok || as.routed && !m.hooked || !m.fixed.equals(as.fixed) {
			r.notifier.leave(m.router, m.name, !ok)
			list = append(list, m)
		}
	}
	return r.remove(ctx, list)
}

// swap sets virtual routers that want addresses of each other: they let go of theirs first.
func (r *roster) swap(ctx context.Context, plan *Plan, list []Instance) error {
	var members []*member
	for _, in := range list {
		if m := r.members.Get(in.Config.Name); m != nil {
			r.notifier.leave(m.router, in.Config.Name, false)
			members = append(members, m)
		}
	}
	errs := []error{r.remove(ctx, members)}
	for _, in := range list {
		if err := r.set(ctx, plan, in); err != nil {
			errs = append(errs, naming(in, err))
		}
	}
	return errors.Join(errs...)
}

// set makes a virtual router what an instance says.
func (r *roster) set(ctx context.Context, plan *Plan, in Instance) error {
	whole := digestOf(in, plan.specs(in), len(plan.FIFOs) > 0) // with pipes all have something to tell
	m := r.members.Get(in.Config.Name)
	if m != nil && m.whole.equals(whole) {
		return nil
	}
	r.notifier.set("INSTANCE", in.Config.Name, in.Notify)
	cfg := in.Config
	tracks, err := r.conditions.tracks(plan, in)
	if err != nil {
		return err
	}
	cfg.Trackers, cfg.NoLease = tracks, r.permanent
	if cfg.Backend, err = r.backend(in); err != nil {
		return err
	}
	cfg.Devices = elsewhere(in)
	if m != nil {
		if err := m.router.Reconfigure(cfg); err != nil {
			return err
		}
		r.notifier.know(m.name, m.router.Status().Priority)
		m.whole = whole
		return r.setRoutes(in)
	}
	if r.hooking {
		cfg.Hooks = r.hooks(in.Config.Name)
	}
	routing := r.setRoutes(in)
	v, err := r.router.Add(cfg)
	if err != nil {
		return errors.Join(err, r.forgetRoutes(in.Config.Name))
	}
	r.members.Set(in.Config.Name, &member{v, in.Config.Name, digestOf(fixedPart(in)), whole, r.hooking})
	return routing
}

// elsewhere returns the devices of addresses that are not on the link.
func elsewhere(in Instance) map[netip.Prefix]string {
	var devices map[netip.Prefix]string
	for _, a := range in.Addresses {
		if name := in.device(a); name != in.Config.Link {
			if devices == nil {
				devices = map[netip.Prefix]string{}
			}
			devices[a.Prefix] = name
		}
	}
	return devices
}

// fixed is what a virtual router can't change while it takes part.
type fixed struct {
	link      string
	group     netip.Addr
	version   vrrp.Version
	vrid      uint8
	owner, ah bool
	vmac      *keepalived.VMAC
	elsewhere map[netip.Prefix]string
}

func fixedPart(in Instance) fixed {
	c := &in.Config
	return fixed{
		link: c.Link, group: c.Group, version: c.Version, vrid: c.VRID, owner: c.Priority == vrrp.PriorityOwner,
		ah: c.AuthType == vrrp.AuthAH, vmac: in.VMAC, elsewhere: elsewhere(in),
	}
}

// remove has virtual routers hand over and end, all at once.
func (r *roster) remove(ctx context.Context, list []*member) error {
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for i, m := range list {
		r.members.Drop(m.name)
		all.Go(func() { errs[i] = errors.Join(m.router.Remove(ctx), r.forgetRoutes(m.name)) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// disband ends the groups that a plan doesn't have, or has with other members.
func (r *roster) disband(plan *Plan) {
	for _, old := range r.gathered {
		i := slices.IndexFunc(plan.Groups, func(g keepalived.SyncGroup) bool { return g.Name == old.Name })
		if i < 0 {
			r.notifier.forget(old.Name)
		}
		g := r.groups[old.Name]
		if g == nil {
			continue
		}
		if i < 0 {
			g.Close()
			delete(r.groups, old.Name)
			continue
		}
		for _, name := range old.Members {
			if m := r.members.Get(name); m != nil && !slices.Contains(plan.Groups[i].Members, name) {
				_ = g.Leave(m.router) // one that isn't a member need not leave
			}
		}
	}
}

// gather makes a group what the plan says.
func (r *roster) gather(plan keepalived.SyncGroup) (err error) {
	r.notifier.set("GROUP", plan.Name, plan.Notify)
	g := r.groups[plan.Name]
	if g == nil {
		if g, err = r.router.NewGroup(vrrp.GroupConfig{Name: plan.Name}); err != nil {
			return err
		}
		r.groups[plan.Name] = g
	}
	members := g.Status().Members
	for _, name := range plan.Members {
		m := r.members.Get(name)
		if m == nil || slices.ContainsFunc(members, func(o vrrp.GroupMember) bool { return o.Name == name }) {
			continue
		}
		err = errors.Join(err, g.Join(m.router))
	}
	return err
}

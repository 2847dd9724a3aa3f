// SPDX-License-Identifier: Apache-2.0

package routes

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
)

// Wanted returns the names of all routes and rules that virtual routers have, also of those that are not Active.
func (k *Keeper) Wanted() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := []string{}
	for _, u := range k.users {
		for _, e := range u.entries {
			all = append(all, e.String())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Abandon leaves what virtual routers have to another process, which says [Keeper.Inherited], and removes what that one doesn't
// want for any of them: wanted is what its Wanted returned, nil if it takes all.
func (k *Keeper) Abandon(whose func(name string) bool, wanted []string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	wants := map[string]bool{}
	for _, key := range wanted {
		wants[key] = true
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(k.users)) {
		if !whose(name) {
			continue
		}
		u := k.users[name]
		delete(k.users, name)
		if len(u.addrs) == 0 {
			continue
		}
		for _, e := range u.entries {
			if h := k.held[e.String()]; h != nil && (wanted == nil || wants[e.String()]) {
				h.left = true
			}
		}
		errs = append(errs, k.release(u.entries))
	}
	return errors.Join(errs...)
}

// Inherited says that another process has left addresses of a virtual router to this one, with its routes and rules. What is
// missing of those is put back by [Keeper.Run]. Those that this one doesn't want the other one removes.
func (k *Keeper) Inherited(name string, addrs []netip.Prefix) {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.users[name]
	if u == nil || len(addrs) == 0 {
		return
	}
	first := len(u.addrs) == 0
	for _, p := range addrs {
		u.addrs[p] = struct{}{}
	}
	if !first {
		return
	}
	for _, e := range u.entries {
		h := k.held[e.String()]
		if h == nil {
			h = &holding{Entry: e}
			k.held[e.String()] = h
		}
		h.users++
	}
}

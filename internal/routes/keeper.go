// SPDX-License-Identifier: Apache-2.0

package routes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// Keeper holds the routes and rules of virtual routers. It is safe for concurrent use.
type Keeper struct {
	kernel Kernel
	log    *slog.Logger

	mu    sync.Mutex
	users map[string]*user
	held  map[string]*holding // by Entry.String
}

// user is a virtual router.
type user struct {
	entries []Entry
	addrs   map[netip.Prefix]struct{} // that have come and not gone; there are none before it is Active
}

// holding is an entry that some users want to be there.
type holding struct {
	Entry
	users   int
	there   bool   // it was added, or was there
	left    bool   // another process has it, too, and removes it
	trouble string // why it isn't, as was told
}

// New returns a keeper that holds nothing. A nil log is silent. Close closes the kernel.
func New(kernel Kernel, log *slog.Logger) *Keeper {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{kernel: kernel, log: log, users: map[string]*user{}, held: map[string]*holding{}}
}

// Set says what a virtual router has, in the order in which it is added. If it is Active the difference is applied. The error
// joins one for each route or rule that isn't there: those are tried again from time to time.
func (k *Keeper) Set(name string, routes []keepalived.Route, rules []keepalived.Rule) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.users[name]
	if u == nil {
		if len(routes) == 0 && len(rules) == 0 {
			return nil
		}
		u = &user{addrs: map[netip.Prefix]struct{}{}}
		k.users[name] = u
	}
	before := u.entries
	u.entries = entries(routes, rules)
	if len(u.addrs) == 0 {
		return nil
	}
	gone := k.release(without(before, u.entries))
	return errors.Join(gone, k.want(without(u.entries, before)))
}

// Forget says that a virtual router is no more. What it has is removed.
func (k *Keeper) Forget(name string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.users[name]
	delete(k.users, name)
	if u == nil || len(u.addrs) == 0 {
		return nil
	}
	return k.release(u.entries)
}

// Came says that addresses of a virtual router are there. With the first ones its routes and rules come; with each, those are
// tried again that could not be added, for want of a source perhaps.
func (k *Keeper) Came(name string, addrs []netip.Prefix) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.users[name]
	if u == nil {
		u = &user{addrs: map[netip.Prefix]struct{}{}} // routes may come with a reload
		k.users[name] = u
	}
	first := len(u.addrs) == 0
	for _, p := range addrs {
		u.addrs[p] = struct{}{}
	}
	if first {
		return k.want(u.entries)
	}
	var errs []error
	for _, e := range u.entries {
		if h := k.held[e.String()]; h != nil && !h.there {
			errs = append(errs, k.add(h))
		}
	}
	return errors.Join(errs...)
}

// Goes says that addresses of a virtual router are about to be removed. With the last one its routes and rules go.
func (k *Keeper) Goes(name string, addrs []netip.Prefix) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.users[name]
	if u == nil || len(u.addrs) == 0 {
		return nil
	}
	for _, p := range addrs {
		delete(u.addrs, p)
	}
	if len(u.addrs) > 0 {
		return nil
	}
	return k.release(u.entries)
}

// mendInterval is how often is looked for routes and rules that are missing.
const mendInterval = 2 * time.Second

// Run puts back what somebody else removes, as the kernel does with the routes of a link that goes down, and tries again what
// could not be added, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	ticker := time.NewTicker(mendInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			k.mend()
		}
	}
}

// mend adds what should be there once more.
func (k *Keeper) mend() {
	k.mu.Lock()
	defer k.mu.Unlock()
	done := map[string]bool{}
	for _, u := range k.users {
		if len(u.addrs) == 0 {
			continue
		}
		for _, e := range u.entries {
			key := e.String()
			if h := k.held[key]; h != nil && !done[key] && (!h.there || e.mends()) {
				k.again(h)
			}
			done[key] = true
		}
	}
}

// again adds an entry that may be missing, and tells what is new about it.
func (k *Keeper) again(h *holding) {
	trouble := h.trouble
	err := k.kernel.Add(h.Entry)
	switch {
	case errors.Is(err, os.ErrExist):
		h.there, h.trouble = true, ""
	case err == nil:
		k.log.Warn("put back what was missing", "what", h.Entry.String())
		h.there, h.trouble = true, ""
	default:
		if h.there, h.trouble = false, err.Error(); h.trouble != trouble {
			k.log.Error("can't put back what is missing", "what", h.Entry.String(), "error", err)
		}
	}
}

// Close removes all that is held, and closes the kernel.
func (k *Keeper) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(k.users)) {
		if u := k.users[name]; len(u.addrs) > 0 {
			errs = append(errs, k.release(u.entries))
		}
		delete(k.users, name)
	}
	return errors.Join(append(errs, k.kernel.Close())...)
}

// want has entries be there.
func (k *Keeper) want(list []Entry) error {
	var errs []error
	for _, e := range list {
		key := e.String()
		h := k.held[key]
		if h == nil {
			h = &holding{Entry: e}
			k.held[key] = h
		}
		if h.users++; !h.there {
			errs = append(errs, k.add(h))
		}
	}
	return errors.Join(errs...)
}

// release removes entries that nobody else wants, the last one first.
func (k *Keeper) release(list []Entry) error {
	var errs []error
	for _, e := range slices.Backward(list) {
		key := e.String()
		h := k.held[key]
		if h == nil {
			continue
		}
		if h.users--; h.users > 0 {
			continue
		}
		delete(k.held, key)
		if h.left {
			continue
		}
		if err := k.kernel.Remove(e); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove %v: %w", e, err))
		}
	}
	return errors.Join(errs...)
}

// add adds an entry.
func (k *Keeper) add(h *holding) error {
	err := k.kernel.Add(h.Entry)
	if errors.Is(err, os.ErrExist) {
		if err = nil; !h.there {
			k.log.Warn("its place is taken by somebody else's: left as it is", "what", h.Entry.String())
		}
	}
	h.there, h.trouble = err == nil, ""
	if err != nil {
		h.trouble = err.Error()
		err = fmt.Errorf("add %v: %w", h.Entry, err)
	}
	return err
}

// without returns the entries of a list that aren't in another one.
func without(list, other []Entry) []Entry {
	in := map[string]bool{}
	for _, e := range other {
		in[e.String()] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(e Entry) bool { return in[e.String()] })
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
)

// reconciler makes the kernel's table agree with what is wished for, by as few changes as that takes: connections of
// what is not touched go on. It leaves alone what it was never asked for.
type reconciler struct {
	table table
	log   *slog.Logger
	own   map[serviceKey]service // as they were set last
}

func newReconciler(t table, log *slog.Logger) *reconciler {
	return &reconciler{table: t, log: log, own: map[serviceKey]service{}}
}

// apply adds and changes what differs from the wishes. Services that it was not asked for stay as they are, also its own:
// see retire.
func (r *reconciler) apply(wishes []wish) error {
	present, err := r.table.services()
	if err != nil {
		return fmt.Errorf("services: %w", err)
	}
	var errs []error
	for _, w := range wishes {
		if err := r.applyOne(present, w); err != nil {
			errs = append(errs, fmt.Errorf("%v: %w", w.serviceKey, err))
		}
	}
	return errors.Join(errs...)
}

// applyOne makes one service what it is to be. One that is there already is taken over.
func (r *reconciler) applyOne(present []service, w wish) error {
	i := slices.IndexFunc(present, func(s service) bool { return s.serviceKey == w.serviceKey })
	last, owned := r.own[w.serviceKey]
	var err error
	switch {
	case i < 0:
		r.log.Info("service added", "service", w.serviceKey, "scheduler", w.scheduler)
		err = r.table.addService(w.service)
	case !sameService(present[i], w.service) || owned && last.engine != w.engine:
		r.log.Info("service changed", "service", w.serviceKey, "scheduler", w.scheduler)
		err = r.table.setService(w.service)
	}
	if err != nil {
		return err
	}
	r.own[w.serviceKey] = w.service
	return r.applyServers(w)
}

// sameService compares what can be read back.
func sameService(got, want service) bool {
	got.engine, want.engine = "", ""
	return got == want
}

// applyServers makes the servers of a service what they are to be: new ones come before old ones go, so that there is
// always one if there is to be one.
func (r *reconciler) applyServers(w wish) error {
	present, err := r.table.servers(w.service)
	if err != nil {
		return fmt.Errorf("servers: %w", err)
	}
	var errs []error
	wanted := map[netip.AddrPort]bool{}
	for _, s := range w.servers {
		wanted[s.addr] = true
		i := slices.IndexFunc(present, func(p server) bool { return p.addr == s.addr })
		switch {
		case i < 0:
			r.log.Info("server added", "service", w.serviceKey, "server", s.addr, "weight", s.weight)
			errs = append(errs, r.table.addServer(w.service, s))
		case present[i] != s:
			r.log.Info("server changed", "service", w.serviceKey, "server", s.addr, "weight", s.weight)
			errs = append(errs, r.table.setServer(w.service, s))
		}
	}
	for _, s := range present {
		if !wanted[s.addr] {
			r.log.Info("server removed", "service", w.serviceKey, "server", s.addr)
			errs = append(errs, r.table.removeServer(w.service, s))
		}
	}
	return errors.Join(errs...)
}

// retire removes its own services that are not among the wishes.
func (r *reconciler) retire(wishes []wish) error {
	present, err := r.table.services()
	if err != nil {
		return fmt.Errorf("services: %w", err)
	}
	var errs []error
	for key, s := range r.own {
		if slices.ContainsFunc(wishes, func(w wish) bool { return w.serviceKey == key }) {
			continue
		}
		if slices.ContainsFunc(present, func(p service) bool { return p.serviceKey == key }) {
			r.log.Info("service removed", "service", key)
			if err := r.table.removeService(s); err != nil {
				errs = append(errs, fmt.Errorf("%v: %w", key, err))
				continue
			}
		}
		delete(r.own, key)
	}
	return errors.Join(errs...)
}

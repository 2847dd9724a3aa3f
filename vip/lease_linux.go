// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"maps"
	"net/netip"

	"golang.org/x/sys/unix"
)

// lease adds the addresses for a time, or renews it; an error is that of all.
func (d *Device) lease(ctx context.Context, jobs []*job, life lifetime) error {
	if len(jobs) == 0 {
		return nil
	}
	l, err := d.sys.conn.link(ctx, d.name)
	if err != nil {
		return err
	}
	held, err := d.held(ctx, l)
	if err != nil {
		return err
	}
	along := d.leasesTakeAlong(l, jobs, held)
	var orders []order
	var of []*job
	var longer []job
	for _, j := range jobs {
		form := j.prefix
		if d.single[form] {
			form = single(form)
		}
		h, there := held[place(form)]
		if there && !d.owner.owns(h) {
			continue
		}
		o := d.order(j.prefix, form, life)
		if there {
			o.prefix, o.replace = h.prefix, true
		}
		if there && !h.secondary && along[form.Masked()] {
			o.prefix, o.replace = single(form), false
			d.single[j.prefix] = true
			longer = append(longer, job{prefix: form})
		}
		orders, of = append(orders, o), append(of, j)
	}
	d.put(ctx, l.index, orders)
	for i, o := range orders {
		of[i].err = unlessThere(o.err)
	}
	return d.take(ctx, l, longer)
}

// leasesTakeAlong returns the networks in which the end of leases, those asked for and others, would make the kernel
// remove addresses without one.
func (d *Device) leasesTakeAlong(l link, jobs []*job, held map[netip.Prefix]heldAddr) map[netip.Prefix]bool {
	if l.promotes {
		return nil
	}
	asked := make(map[netip.Prefix]bool)
	for _, j := range jobs {
		asked[j.prefix] = true
	}
	return takesAlong(maps.Values(held), func(h heldAddr) bool { return d.owner.owns(h) && (h.passing || asked[h.prefix]) })
}

// unlessThere returns why an address is not there after it was added.
func unlessThere(err error) error {
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

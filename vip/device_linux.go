// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"
)

// deviceSys is what Linux needs of a Device.
type deviceSys struct {
	conn *conn
}

// maxBatch bounds the messages that go to the kernel at once. Their answers, of less than a kilobyte of kernel memory
// each, must fit the receive buffer, of 208 kilobytes as a rule: the kernel drops what does not.
const maxBatch = 128

func (d *Device) open() (err error) {
	d.owner.inKernel = keepsMarks()
	d.sys.conn, err = dial(0)
	return err
}

// keepsMarks reports whether the kernel keeps the protocol of addresses.
func keepsMarks() bool {
	var name unix.Utsname
	var major, minor int
	if err := unix.Uname(&name); err != nil {
		return false
	}
	n, _ := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor)
	return n == 2 && (major > 5 || major == 5 && minor >= 18)
}

func (d *Device) close() error { return d.sys.conn.close() }

// add adds the addresses; an error is that of all.
func (d *Device) add(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	l, err := d.sys.conn.link(ctx, d.name)
	if err != nil {
		return err
	}
	orders := make([]order, len(jobs))
	for i, j := range jobs {
		orders[i] = d.order(j.prefix, j.prefix, forever)
	}
	d.put(ctx, l.index, orders)
	err = d.endLeases(ctx, l, orders)
	for i, j := range jobs {
		j.err = orders[i].err
	}
	return err
}

// order returns the order to add an address in a form: itself, or without its network.
func (d *Device) order(p, form netip.Prefix, life lifetime) order {
	o := order{prefix: form, attributes: d.config.attributes(p), mark: d.owner.mark, life: life}
	if o.attributes.Label == "" {
		o.attributes.Label = d.owner.label(form)
	}
	return o
}

// put adds addresses to a device. When it returns they can be used.
func (d *Device) put(ctx context.Context, index int32, orders []order) {
	c := d.sys.conn
	for batch := range slices.Chunk(orders, maxBatch) {
		for i := range batch {
			c.ask(appendNewAddr(c.sending, index, &batch[i]), batch[i].upper)
		}
		for i, a := range c.exchange(ctx, noMore) {
			if batch[i].err = a.err; a.err == nil {
				d.owner.remember(batch[i].prefix)
			}
		}
	}
	c.awaitUsable(ctx, index, orders)
}

// endLeases makes permanent, of addresses that were to be added, those that are there on a lease. Others that are there
// are left as they are.
func (d *Device) endLeases(ctx context.Context, l link, orders []order) error {
	if slices.ContainsFunc(orders, func(o order) bool { return errors.Is(o.err, unix.EEXIST) }) {
		held, err := d.held(ctx, l)
		if err != nil {
			return err
		}
		d.putAgain(ctx, l, orders, held)
	}
	var shorter []job
	for _, o := range orders {
		if o.err == nil && d.single[o.prefix] {
			delete(d.single, o.prefix)
			shorter = append(shorter, job{prefix: single(o.prefix)})
		}
	}
	return d.take(ctx, l, shorter)
}

// putAgain makes permanent, of addresses that could not be added because they are there, our own that are on a lease.
func (d *Device) putAgain(ctx context.Context, l link, orders []order, held map[netip.Prefix]heldAddr) {
	var again []order
	var of []*order
	for i := range orders {
		o := &orders[i]
		if !errors.Is(o.err, unix.EEXIST) {
			continue
		}
		o.err = nil
		if h, ok := held[place(o.prefix)]; ok && h.passing && d.owner.owns(h) {
			o.prefix, o.replace = h.prefix, true
			again, of = append(again, *o), append(of, o)
		}
	}
	d.put(ctx, l.index, again)
	for i := range again {
		of[i].err = again[i].err
	}
}

// held returns the addresses of a device.
func (d *Device) held(ctx context.Context, l link) (map[netip.Prefix]heldAddr, error) {
	list, err := d.sys.conn.addrs(ctx, l.index)
	held := make(map[netip.Prefix]heldAddr, len(list))
	for _, h := range list {
		if !h.peer {
			held[place(h.prefix)] = h
		}
	}
	return held, err
}

// list returns the addresses of the device.
func (d *Device) list(ctx context.Context) ([]netip.Prefix, error) {
	l, err := d.sys.conn.link(ctx, d.name)
	if err != nil {
		return nil, err
	}
	held, err := d.sys.conn.addrs(ctx, l.index)
	if err != nil {
		return nil, err
	}
	prefixes := make([]netip.Prefix, len(held))
	for i, h := range held {
		prefixes[i] = h.prefix
	}
	return prefixes, nil
}

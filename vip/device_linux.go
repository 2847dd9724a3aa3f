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
type deviceSys struct{ conn *conn }

// maxBatch bounds the messages that go to the kernel at once. Their answers, of less than a kilobyte of kernel memory
// each, must fit the receive buffer, of 208 kilobytes as a rule: the kernel drops what does not.
const maxBatch = 64

func (d *Device) open() (err error) {
	d.sys.conn, err = dial()
	return err
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
	for batch := range slices.Chunk(jobs, maxBatch) {
		requests := make([]*request, len(batch))
		for i, j := range batch {
			requests[i] = newAddr(l.index, j.prefix, d.config.attributes(j.prefix))
		}
		d.sys.conn.exchange(ctx, requests)
		for i, j := range batch {
			j.err = addError(requests[i].err)
		}
	}
	return nil
}

// addError returns why an address is not there after it was added.
func addError(err error) error {
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

// remove removes the addresses; an error is that of all.
func (d *Device) remove(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	l, err := d.sys.conn.link(ctx, d.name)
	if errors.Is(err, ErrNoDevice) {
		return nil
	}
	if err != nil {
		return err
	}
	promote, err := d.needsPromotion(ctx, l, jobs)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(jobs, maxBatch) {
		d.removeBatch(ctx, l.index, batch, promote)
	}
	return nil
}

// removeBatch removes some addresses. If promote is set, secondary addresses of a primary one that goes stay, by the
// sysctl promote_secondaries. It is set, used and reset by messages that the kernel gets in one piece, so that the end
// of this process can't leave it set.
func (d *Device) removeBatch(ctx context.Context, index int32, batch []*job, promote bool) {
	requests := make([]*request, len(batch))
	for i, j := range batch {
		requests[i] = delAddr(index, j.prefix)
	}
	on, off := setPromote(index, true), setPromote(index, false)
	if promote {
		d.sys.conn.exchange(ctx, slices.Concat([]*request{on}, requests, []*request{off}))
	} else {
		d.sys.conn.exchange(ctx, requests)
	}
	sysctlErr := errors.Join(removeError(on.err), removeError(off.err))
	for i, j := range batch {
		j.err = removeError(requests[i].err)
		if j.err == nil && sysctlErr != nil {
			j.err = fmt.Errorf("sysctl promote_secondaries: %w", sysctlErr)
		}
	}
}

// removeError returns why an address is still there after it was removed. One that is on no device, or on one that has
// no addresses of its family, is not there.
func removeError(err error) error {
	if errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) {
		return nil
	}
	return err
}

// needsPromotion reports whether the kernel, left to itself, would remove more than what is asked for.
func (d *Device) needsPromotion(ctx context.Context, l link, jobs []*job) (bool, error) {
	if l.promotes || !slices.ContainsFunc(jobs, func(j *job) bool { return mayHaveSecondaries(j.prefix) }) {
		return false, nil
	}
	held, err := d.sys.conn.addrs(ctx, l.index)
	return takesAlong(jobs, held), err
}

// mayHaveSecondaries reports whether the kernel can regard other addresses as secondary to this one: IPv4 addresses of
// the same network.
func mayHaveSecondaries(p netip.Prefix) bool { return p.Addr().Is4() && !p.IsSingleIP() }

// takesAlong reports whether the removal of addresses would make the kernel remove others, those secondary to them.
func takesAlong(jobs []*job, held []heldAddr) bool {
	asked := make(map[netip.Prefix]bool)
	for _, j := range jobs {
		asked[j.prefix] = true
	}
	networks := make(map[netip.Prefix]bool) // that lose their primary address
	for _, h := range held {
		if asked[h.prefix] && !h.secondary && mayHaveSecondaries(h.prefix) {
			networks[h.prefix.Masked()] = true
		}
	}
	return slices.ContainsFunc(held, func(h heldAddr) bool {
		return h.secondary && !asked[h.prefix] && networks[h.prefix.Masked()]
	})
}

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

// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtseq"
)

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
	forms := slices.Clone(jobs)
	for i, j := range jobs {
		if d.single[j.prefix] {
			forms[i] = &job{prefix: single(j.prefix)}
		}
	}
	err = d.take(ctx, l, forms)
	for i, j := range jobs {
		if j.err = forms[i].err; j.err == nil {
			delete(d.single, j.prefix)
		}
	}
	return err
}

// take removes addresses from a device. An error is that of each, and none has been removed then.
func (d *Device) take(ctx context.Context, l link, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	promote, err := d.needsPromotion(ctx, l, jobs)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(jobs, maxBatch) {
		d.takeBatch(ctx, l.index, batch, promote)
	}
	return nil
}

// takeBatch removes some addresses. If promote is set, secondary addresses of a primary one that goes stay, by the
// sysctl promote_secondaries. It is set, used and reset by messages that the kernel gets in one piece, so that the end
// of this process can't leave it set.
func (d *Device) takeBatch(ctx context.Context, index int32, batch []*job, promote bool) {
	defer d.sys.endBatch()
	for _, j := range batch {
		d.sys.ask(appendDelAddr(d.sys.text, index, j.prefix), rtseq.Plain)
	}
	var sysctlErr error
	if promote {
		on, off := setPromote(index, true), setPromote(index, false)
		d.sys.conn.exchange(ctx, slices.Concat([]*request{on}, d.sys.batch, []*request{off}))
		sysctlErr = errors.Join(unlessGone(on.err), unlessGone(off.err))
	} else {
		d.sys.conn.exchange(ctx, d.sys.batch)
	}
	for i, j := range batch {
		j.err = unlessGone(d.sys.batch[i].err)
		if j.err == nil {
			d.owner.forget(j.prefix)
		}
		if j.err == nil && sysctlErr != nil {
			j.err = fmt.Errorf("sysctl promote_secondaries: %w", sysctlErr)
		}
	}
}

// unlessGone returns why an address is still there after it was removed. One that is on no device, or on one that has
// no addresses of its family, is not there.
func unlessGone(err error) error {
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
	asked := make(map[netip.Prefix]bool)
	for _, j := range jobs {
		asked[j.prefix] = true
	}
	along := takesAlong(slices.Values(held), func(h heldAddr) bool { return asked[h.prefix] })
	return len(along) > 0, err
}

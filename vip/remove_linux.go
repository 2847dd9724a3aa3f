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
	forms := make([]job, len(jobs))
	for i, j := range jobs {
		if forms[i].prefix = j.prefix; d.single[j.prefix] {
			forms[i].prefix = single(j.prefix)
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
func (d *Device) take(ctx context.Context, l link, jobs []job) error {
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
func (d *Device) takeBatch(ctx context.Context, index int32, batch []job, promote bool) {
	c := d.sys.conn
	if promote {
		c.request(setPromote(index, true))
	}
	for _, j := range batch {
		c.ask(appendDelAddr(c.sending, index, j.prefix), rtseq.Plain)
	}
	if promote {
		c.request(setPromote(index, false))
	}
	answers := c.exchange(ctx, noMore)
	var sysctlErr error
	if last := len(answers) - 1; promote {
		sysctlErr = errors.Join(unlessGone(answers[0].err), unlessGone(answers[last].err))
		answers = answers[1:last]
	}
	for i := range batch {
		j := &batch[i]
		j.err = unlessGone(answers[i].err)
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
func (d *Device) needsPromotion(ctx context.Context, l link, jobs []job) (bool, error) {
	if l.promotes || !slices.ContainsFunc(jobs, func(j job) bool { return mayHaveSecondaries(j.prefix) }) {
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

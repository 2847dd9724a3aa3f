// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"net/netip"
)

// Each is for the making of backends whose addresses are added and removed one by one. It calls f for each address in
// their order, also after one has failed, and returns what a [Backend] must: all errors joined, as one [AddrError] an
// address. It does not call f for an address that [Validate] refuses, nor when ctx has ended. device may be empty.
func Each(ctx context.Context, op, device string, addrs []netip.Prefix, f func(netip.Prefix) error) error {
	all, valid := newJobs(addrs)
	for _, j := range valid {
		if j.err = ctx.Err(); j.err == nil {
			j.err = f(j.prefix)
		}
	}
	return join(op, device, all)
}

// A job is an address to be added or removed, and what became of that.
type job struct {
	prefix netip.Prefix
	err    error
}

// newJobs returns a job for each address, and those of them that are to be done.
func newJobs(addrs []netip.Prefix) (all []job, valid []*job) {
	all = make([]job, len(addrs))
	valid = make([]*job, 0, len(addrs))
	for i, p := range addrs {
		all[i] = job{p, check(p)}
		if all[i].err == nil {
			valid = append(valid, &all[i])
		}
	}
	return all, valid
}

// fail gives jobs the same end.
func fail(jobs []*job, err error) {
	for _, j := range jobs {
		j.err = err
	}
}

// join returns the errors of the jobs, in their order.
func join(op, device string, jobs []job) error {
	var errs []error
	for _, j := range jobs {
		if j.err != nil {
			errs = append(errs, &AddrError{Op: op, Device: device, Prefix: j.prefix, Err: j.err})
		}
	}
	return errors.Join(errs...)
}

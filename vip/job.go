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
	var js jobList
	js.take(addrs)
	for _, j := range js.valid {
		if j.err = ctx.Err(); j.err == nil {
			j.err = f(j.prefix)
		}
	}
	return join(op, device, js.all)
}

// A job is an address to be added or removed, and what became of that.
type job struct {
	prefix netip.Prefix
	err    error
}

// A jobList is the jobs of one call.
type jobList struct {
	all   []job
	valid []*job // those of them that are to be done
}

// take makes a job of each address, in the place of those before.
func (js *jobList) take(addrs []netip.Prefix) {
	js.all, js.valid = roomFor(js.all, len(addrs)), roomFor(js.valid, len(addrs))
	for _, p := range addrs {
		js.all = append(js.all, job{p, check(p)})
		if j := &js.all[len(js.all)-1]; j.err == nil {
			js.valid = append(js.valid, j)
		}
	}
}

// empty has no jobs any more.
func (js *jobList) empty() { js.all, js.valid = emptied(js.all), emptied(js.valid) }

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

// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// Addresses are added in parts, and announced while the next ones are added: a client of
// the first ones doesn't wait for the last ones, and announcing the last part, for which
// all wait, doesn't take long. A call costs something by itself, so that the first part is
// followed by larger ones, which is what package vip gives to the kernel at once; not with
// a backend that is slow, which would go on for long after the role is lost.
const (
	firstPart = 64
	nextPart  = 128
	quick     = 10 * time.Millisecond // a part
)

// addParts adds the addresses of a job part by part, and returns those that failed, and
// those of them that were to be announced.
func (h *Holder) addParts(ctx context.Context, j *job) (failed, unsaid []netip.Prefix, err error) {
	var errs []error
	toSay := prefixes.Among(j.add, j.round)
	say, wait := h.announcing(j)
	defer wait()
	for left, size := j.add, firstPart; len(left) > 0; {
		n := min(size, len(left))
		part, now, begun := left[:n:n], []netip.Prefix(nil), time.Now()
		now, toSay = leading(toSay, part)
		part, left = h.wished(part), left[n:]
		err := h.addNow(ctx, part)
		if time.Since(begun) < quick {
			size = nextPart
		}
		if err != nil {
			errs, failed, unsaid = append(errs, err), append(failed, part...), append(unsaid, now...)
			continue
		}
		if len(left) == 0 && errs == nil {
			h.added()
		}
		say(prefixes.Among(now, part)) // not what comes back after its turn
	}
	return failed, unsaid, errors.Join(errs...)
}

// announcing returns what announces addresses of a job, for which the caller doesn't wait,
// in the order of the calls, and what waits for that.
func (h *Holder) announcing(j *job) (say func([]netip.Prefix), wait func()) {
	if len(j.add) <= firstPart {
		return func(addrs []netip.Prefix) { h.announceAll(j, addrs) }, func() {}
	}
	var saying sync.WaitGroup
	queue := make(chan []netip.Prefix, 1+len(j.add)/firstPart) // as many as there can be
	saying.Go(func() {
		for addrs := range queue {
			h.announceAll(j, addrs)
		}
	})
	return func(addrs []netip.Prefix) { queue <- addrs }, func() { close(queue); saying.Wait() }
}

// leading parts a list in those of its addresses that are in part as well and the
// others, where the list is in the order in which parts come.
func leading(list, part []netip.Prefix) (in, after []netip.Prefix) {
	n := 0
	for _, p := range part {
		if n < len(list) && list[n] == p {
			n++
		}
	}
	return list[:n], list[n:]
}

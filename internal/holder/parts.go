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

// Addresses are added in parts, and each part is announced while the next one is
// added: a client of the first ones doesn't wait for the last ones. Parts grow, as
// announcing takes processors from adding; not with a backend that is slow, which
// would go on for long after the role is lost.
const (
	firstPart   = 64
	largestPart = 1024
	quick       = 10 * time.Millisecond // a part
)

// addParts adds the addresses of a job part by part, and returns those that failed, and
// those of them that were to be announced.
func (h *Holder) addParts(ctx context.Context, j *job) (failed, unsaid []netip.Prefix, err error) {
	var errs []error
	var saying sync.WaitGroup
	toSay := prefixes.Among(j.add, j.round)
	for left, size := j.add, firstPart; len(left) > 0; {
		n := min(size, len(left))
		part, now, begun := left[:n:n], []netip.Prefix(nil), time.Now()
		now, toSay = leading(toSay, part)
		part, left = h.wished(part), left[n:]
		err := h.addNow(ctx, part)
		saying.Wait()
		if time.Since(begun) < quick {
			size = min(4*size, largestPart)
		}
		if err != nil {
			errs, failed, unsaid = append(errs, err), append(failed, part...), append(unsaid, now...)
			continue
		}
		saying.Go(func() { h.announceAll(j, now) })
	}
	saying.Wait()
	return failed, unsaid, errors.Join(errs...)
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

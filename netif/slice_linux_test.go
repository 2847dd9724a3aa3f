// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// shortSlice is the shortest time slice that the kernel grants.
const shortSlice = uint64(100 * time.Microsecond)

// schedule has the calling thread scheduled so, or skips the test where that is refused.
func schedule(t *testing.T, policy uint32, slice time.Duration) unix.SchedAttr {
	t.Helper()
	attr, err := unix.SchedGetAttr(0, 0)
	if err == nil {
		attr.Size, attr.Policy, attr.Runtime = unix.SizeofSchedAttr, policy, uint64(slice)
		err = unix.SchedSetAttr(0, attr, 0)
	}
	if err != nil {
		t.Skip("sched_setattr: ", err)
	}
	return scheduled(t)
}

// TestLoopHasShortSlice binds and unbinds on threads with different time slices: the loop asks for a short one, and
// leaves the thread as it was. Kernels that have no such slices say 0.
func TestLoopHasShortSlice(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy uint32
		slice  time.Duration
		short  bool
	}{
		{"the kernel's own", unix.SCHED_NORMAL, 0, true},
		{"longer", unix.SCHED_NORMAL, 50 * time.Millisecond, true},
		{"short already", unix.SCHED_NORMAL, 100 * time.Microsecond, true},
		{"of a thread that is to come last", unix.SCHED_BATCH, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onThread(func() {
				n := openHere(t)
				before := schedule(t, tt.policy, tt.slice)
				want := before
				if tt.short && before.Runtime != 0 {
					want.Runtime = shortSlice
				}
				unbind, err := n.Bind()
				if err != nil {
					t.Error(err)
					return
				}
				if bound := scheduled(t); bound != want {
					t.Errorf("bound with %+v, want %+v", bound, want)
				}
				unbind()
				if after := scheduled(t); after != before {
					t.Errorf("unbound with %+v, before it was %+v", after, before)
				}
			})
		})
	}
}

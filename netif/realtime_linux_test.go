// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/netif"
)

// onThread has f run on a thread that is thrown away.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

// scheduled returns how the thread is scheduled.
func scheduled(t *testing.T) unix.SchedAttr {
	t.Helper()
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		t.Error(err)
		return unix.SchedAttr{}
	}
	return *attr
}

// TestRealTime binds and unbinds. Without the privilege it has to say so, and leave the thread as it was.
func TestRealTime(t *testing.T) {
	onThread(func() {
		n, err := netif.Open(&netif.Config{RealTime: netif.RealTime{Priority: 1, LockMemory: true}})
		if err != nil {
			t.Error(err)
			return
		}
		defer n.Close()
		before := scheduled(t)
		unbind, err := n.Bind()
		switch bound := scheduled(t); {
		case err != nil && (!errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "it needs")):
			t.Errorf("not bound: %v", err)
		case err != nil:
			t.Logf("the privilege is missing: %v", err)
		case bound.Policy == unix.SCHED_FIFO && (bound.Priority != 1 || bound.Flags&unix.SCHED_FLAG_RESET_ON_FORK == 0):
			t.Errorf("bound with %+v", bound)
		case bound.Policy != unix.SCHED_FIFO && (bound.Nice != -20 || before.Runtime != 0 && bound.Runtime != shortSlice):
			t.Errorf("bound with %+v", bound)
		}
		if err == nil {
			unbind()
		}
		if after := scheduled(t); after.Policy != before.Policy || after.Nice != before.Nice || after.Runtime != before.Runtime {
			t.Errorf("unbound with %+v, before it was %+v", after, before)
		}
	})
}

func TestRealTimeIsOffByDefault(t *testing.T) {
	onThread(func() {
		n := openHere(t)
		before := scheduled(t)
		unbind, err := n.Bind()
		if err != nil {
			t.Error(err)
			return
		}
		defer unbind()
		if bound := scheduled(t); bound.Policy != before.Policy || bound.Nice != before.Nice {
			t.Errorf("bound with %+v, before it was %+v", bound, before)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// A hoist is an interface that is set up and down, on which a backend is. It notes what happens in which order.
type hoist struct {
	viptest.Memory
	mu   sync.Mutex
	up   bool
	log  []string
	fail error // of SetUp
}

func (h *hoist) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

func (h *hoist) SetUp(up bool) error {
	h.note("up %v", up)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail == nil {
		h.up = up
	}
	return h.fail
}

func (h *hoist) Add(ctx context.Context, addrs []netip.Prefix) error {
	h.note("add %v", addrs)
	return h.Memory.Add(ctx, addrs)
}

func (h *hoist) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	h.note("lease %v for %v", addrs, lifetime)
	return h.Memory.Lease(ctx, addrs, lifetime)
}

func (h *hoist) Remove(ctx context.Context, addrs []netip.Prefix) error {
	h.note("remove %v", addrs)
	return h.Memory.Remove(ctx, addrs)
}

// want compares what happened since the last call.
func (h *hoist) want(t *testing.T, lines ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if diff := cmp.Diff(lines, h.log); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	h.log = nil
}

func TestRaiserIsABackend(t *testing.T) {
	viptest.TestBackend(t, func(t *testing.T) (vip.Backend, func() []netip.Prefix) {
		h := new(hoist)
		t.Cleanup(func() {
			if held, _ := h.List(t.Context()); len(held) > 0 && !h.up {
				t.Error("the interface is down with addresses on it")
			}
		})
		return vip.NewRaiser(h, h), func() []netip.Prefix {
			held, err := h.List(t.Context())
			if err != nil {
				t.Error(err)
			}
			return held
		}
	})
}

// TestRaiserOrder wants the interface up before the first address is added and down after the last one is removed.
func TestRaiserOrder(t *testing.T) {
	h := new(hoist)
	r := vip.NewRaiser(h, h)
	one, two := prefixes("192.0.2.1/32"), prefixes("192.0.2.2/32")
	for _, err := range []error{
		r.Remove(t.Context(), one), // at the start
		r.Lease(t.Context(), one, time.Minute),
		r.Add(t.Context(), two),
		r.Remove(t.Context(), one),
		r.Remove(t.Context(), one),
		r.Remove(t.Context(), two),
		r.Add(t.Context(), nil), r.Remove(t.Context(), nil),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	h.want(t, "remove [192.0.2.1/32]", "up false", "up true", "lease [192.0.2.1/32] for 1m0s", "up true", "add [192.0.2.2/32]",
		"remove [192.0.2.1/32]", "remove [192.0.2.1/32]", "remove [192.0.2.2/32]", "up false")
}

// TestRaiserKeepsUpWhatMayBeHeld has adding and removing fail.
func TestRaiserKeepsUpWhatMayBeHeld(t *testing.T) {
	h := new(hoist)
	r := vip.NewRaiser(h, h)
	both, one, two := prefixes("192.0.2.1/32", "192.0.2.2/32"), prefixes("192.0.2.1/32"), prefixes("192.0.2.2/32")
	h.Fail(os.ErrPermission, one...)
	if err := r.Add(t.Context(), both); !errors.Is(err, os.ErrPermission) {
		t.Errorf("Add: %v", err)
	}
	if err := r.Remove(t.Context(), both); !errors.Is(err, os.ErrPermission) {
		t.Errorf("Remove: %v", err)
	}
	h.want(t, "up true", "add [192.0.2.1/32 192.0.2.2/32]", "remove [192.0.2.1/32 192.0.2.2/32]")
	h.Fail(nil, one...)
	if err := r.Remove(t.Context(), one); err != nil {
		t.Error(err)
	}
	h.want(t, "remove [192.0.2.1/32]", "up false")

	if err := r.Add(t.Context(), prefixes("224.0.0.1/32")); !errors.Is(err, vip.ErrAddress) {
		t.Errorf("Add of a group: %v", err)
	}
	if err := errors.Join(r.Add(t.Context(), two), r.Remove(t.Context(), two)); err != nil {
		t.Error(err)
	}
	h.want(t, "up true", "add [224.0.0.1/32]", "up true", "add [192.0.2.2/32]", "remove [192.0.2.2/32]", "up false")
}

// An odd backend fails with an error that says nothing of addresses.
type odd struct {
	vip.Backend
	err error
}

func (o *odd) Remove(context.Context, []netip.Prefix) error { return o.err }

func TestRaiserKeepsUpWhatIsNotKnown(t *testing.T) {
	h := new(hoist)
	o := &odd{h, errors.New("odd")}
	r, one := vip.NewRaiser(o, h), prefixes("192.0.2.1/32")
	if err := r.Remove(t.Context(), one); !errors.Is(err, o.err) {
		t.Errorf("Remove at the start: %v", err)
	}
	h.want(t)
	if err := r.Add(t.Context(), one); err != nil {
		t.Error(err)
	}
	if err := r.Remove(t.Context(), one); !errors.Is(err, o.err) {
		t.Errorf("Remove: %v", err)
	}
	h.want(t, "up true", "add [192.0.2.1/32]")
	o.err = nil
	if err := r.Remove(t.Context(), one); err != nil {
		t.Errorf("Remove: %v", err)
	}
	h.want(t, "up false")
}

// TestRaiserFailsToRaise wants nothing added to an interface that is not up, and the reason with each address.
func TestRaiserFailsToRaise(t *testing.T) {
	h := &hoist{fail: os.ErrPermission}
	r, both := vip.NewRaiser(h, h), prefixes("192.0.2.1/32", "192.0.2.2/32")
	for _, err := range []error{r.Add(t.Context(), both), r.Lease(t.Context(), both, time.Minute)} {
		var one *vip.AddrError
		if !errors.As(err, &one) || one.Prefix != both[0] || !errors.Is(err, os.ErrPermission) {
			t.Errorf("error %v", err)
		}
	}
	h.want(t, "up true", "up true")
	if err := r.Remove(t.Context(), both); !errors.Is(err, os.ErrPermission) {
		t.Errorf("Remove: %v", err)
	}
	h.fail = vip.ErrNoDevice
	if err := r.Remove(t.Context(), both); err != nil {
		t.Errorf("Remove from an interface that is gone: %v", err)
	}
	if calls := h.Calls(); len(calls) != 2 || calls[0].Op != vip.OpRemove {
		t.Errorf("calls %v", calls)
	}
}

func TestRaiserWithoutLeases(t *testing.T) {
	h := new(hoist)
	r := vip.NewRaiser(viptest.Permanent{Backend: h}, h)
	if err := r.Lease(t.Context(), prefixes("192.0.2.1/32"), time.Minute); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Lease: %v", err)
	}
	h.want(t)
}

// TestRaiserGivesUpWaiting has a call wait for one that is blocked.
func TestRaiserGivesUpWaiting(t *testing.T) {
	h := new(hoist)
	r, one := vip.NewRaiser(h, h), prefixes("192.0.2.1/32")
	release := h.Block()
	done := make(chan error)
	go func() { done <- r.Add(t.Context(), one) }()
	for h.logged() < 2 { // up, add
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() { waiting <- r.Remove(ctx, one) }()
	cancel()
	var address *vip.AddrError
	if err := <-waiting; !errors.Is(err, context.Canceled) || !errors.As(err, &address) {
		t.Errorf("Remove: %v", err)
	}
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	h.want(t, "up true", "add [192.0.2.1/32]")
}

// logged returns how many calls there were since they were compared.
func (h *hoist) logged() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.log)
}

// TestRaiserConcurrently wants the interface up if and only if an address is held, whoever came last.
func TestRaiserConcurrently(t *testing.T) {
	h := new(hoist)
	r := vip.NewRaiser(h, h)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			own := prefixes(fmt.Sprintf("192.0.2.%d/32", i+1))
			for range 50 {
				if err := errors.Join(r.Add(t.Context(), own), r.Lease(t.Context(), own, time.Minute), r.Remove(t.Context(), own)); err != nil {
					t.Error(err)
				}
			}
			if i == 0 {
				if err := r.Add(t.Context(), own); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if held, _ := h.List(t.Context()); len(held) != 1 || !h.up {
		t.Errorf("up %v with %v", h.up, held)
	}
	if err := r.Remove(t.Context(), prefixes("192.0.2.1/32")); err != nil || h.up {
		t.Errorf("up %v, error %v", h.up, err)
	}
}

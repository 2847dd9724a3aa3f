// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/vip"
)

// patience bounds a wait for what happens as a rule in some milliseconds, or at the end of a short lease.
const patience = 30 * time.Second

// A keeping is a keeper of a host and what it told.
type keeping struct {
	*vip.Keeper
	t *testing.T
	h *netlab.Host

	mu     sync.Mutex
	events []vip.KeeperEvent
	told   chan struct{} // has something when there may be a new event
}

// keep returns a keeper of a device of the host, which is closed when the test ends.
func keep(t *testing.T, h *netlab.Host, device string, cfg vip.KeeperConfig) *keeping {
	t.Helper()
	return keepDevice(t, h, device, cfg, func(*vip.Device) {})
}

// keepDevice is keep of a device that was changed before.
func keepDevice(t *testing.T, h *netlab.Host, device string, cfg vip.KeeperConfig, change func(*vip.Device)) *keeping {
	t.Helper()
	k := &keeping{t: t, h: h, told: make(chan struct{}, 1)}
	more := cfg.Event
	cfg.Event = func(e vip.KeeperEvent) {
		k.tell(e)
		if more != nil {
			more(e)
		}
	}
	err := h.Do(func() error {
		d, err := vip.Open(device, nil)
		if err != nil {
			return err
		}
		t.Cleanup(func() { d.Close() })
		change(d)
		k.Keeper, err = vip.Keep(d, &cfg)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s: held are %v, told was %+v", h.Name(), addresses(t, h), k.events)
		}
		k.close()
	})
	return k
}

// close ends the keeper.
func (k *keeping) close() {
	k.t.Helper()
	if err := k.Close(); err != nil {
		k.t.Errorf("Close: %v", err)
	}
}

func (k *keeping) tell(e vip.KeeperEvent) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events = append(k.events, e)
	select {
	case k.told <- struct{}{}:
	default:
	}
}

// find returns the first event of a kind that is about an address, unless that is zero.
func (k *keeping) find(kind vip.EventKind, p netip.Prefix) (vip.KeeperEvent, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range k.events {
		if e.Kind == kind && (!p.IsValid() || slices.Contains(e.Addrs, p)) {
			return e, true
		}
	}
	return vip.KeeperEvent{}, false
}

// mustTell waits for an event of a kind that is about an address, unless that is zero.
func (k *keeping) mustTell(kind vip.EventKind, p netip.Prefix) vip.KeeperEvent {
	k.t.Helper()
	for timeout := time.After(patience); ; {
		if e, ok := k.find(kind, p); ok {
			return e
		}
		select {
		case <-k.told:
		case <-timeout:
			k.t.Fatalf("no event %v about %v: %v", kind, p, k.events)
		}
	}
}

// mustNotHaveTold checks that there was no event of a kind.
func (k *keeping) mustNotHaveTold(kinds ...vip.EventKind) {
	k.t.Helper()
	for _, kind := range kinds {
		if e, ok := k.find(kind, netip.Prefix{}); ok {
			k.t.Errorf("event %+v", e)
		}
	}
}

// mustAdd adds addresses.
func (k *keeping) mustAdd(addrs ...netip.Prefix) {
	k.t.Helper()
	if err := k.Add(k.t.Context(), addrs); err != nil {
		k.t.Fatalf("Add: %v", err)
	}
}

// mustLease leases addresses.
func (k *keeping) mustLease(lifetime time.Duration, addrs ...netip.Prefix) {
	k.t.Helper()
	if err := k.Lease(k.t.Context(), addrs, lifetime); err != nil {
		k.t.Fatalf("Lease: %v", err)
	}
}

// mustRemove removes addresses.
func (k *keeping) mustRemove(addrs ...netip.Prefix) {
	k.t.Helper()
	if err := k.Remove(k.t.Context(), addrs); err != nil {
		k.t.Fatalf("Remove: %v", err)
	}
}

// holds reports whether eth0 of a host has all of the addresses.
func holds(t *testing.T, h *netlab.Host, addrs ...netip.Prefix) bool {
	t.Helper()
	held := addresses(t, h)
	return !slices.ContainsFunc(addrs, func(p netip.Prefix) bool { return !slices.Contains(held, p) })
}

// holdsNone reports whether eth0 of a host has none of the addresses.
func holdsNone(t *testing.T, h *netlab.Host, addrs ...netip.Prefix) bool {
	t.Helper()
	held := addresses(t, h)
	return !slices.ContainsFunc(addrs, func(p netip.Prefix) bool { return slices.Contains(held, p) })
}

// await waits until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not so in time: %s", what)
		}
	}
}

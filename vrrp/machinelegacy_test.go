// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"context"
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/legacy"
)

// notLeft are the fields of a machine that don't go to another process: what the configuration says, what
// follows from it, what the other process knows by itself, and scratch.
func notLeft() []string {
	return []string{"cfg", "listed", "compared", "clock", "local", "restrained", "buffer"}
}

// fill sets each field of a machine that is left to a value of its own.
func fill(t *testing.T, m *Machine, now time.Time) {
	t.Helper()
	at := m.clock.Set(now)
	next := func() deadline.Instant { at = at.Add(7 * time.Millisecond); return at }
	for _, p := range []*deadline.Instant{&m.downAt, &m.adverAt, &m.announceAt, &m.quietAt, &m.forcedUntil, &m.releaseAt, &m.holdUntil,
		&m.backOffUntil, &m.preemptAt, &m.resignedUntil, &m.activeSince, &m.sentAt, &m.newerUntil} {
		*p = next()
	}
	addr := netip.MustParseAddr
	m.state, m.priority, m.weight, m.claim = Active, 120, -5, ReasonPreempt
	m.waiting, m.restrained, m.eager, m.forced, m.refreshing, m.goodbyeAfter = true, true, true, true, true, true
	m.predecessor, m.newer, m.peer = addr("192.0.2.7"), addr("192.0.2.8"), addr("192.0.2.9")
	m.peerPriority, m.failures, m.newerAlone = 90, 3, 4
	m.releasing = []netip.Prefix{netip.MustParsePrefix("192.0.2.99/24")}
	m.defended = map[netip.Addr]deadline.Instant{addr("192.0.2.100"): next()}
	for f := range reflect.ValueOf(m).Elem().Fields() {
		if !slices.Contains(notLeft(), f.Name) && reflect.ValueOf(m).Elem().FieldByIndex(f.Index).IsZero() {
			t.Errorf("field %s is not set", f.Name)
		}
	}
}

// TestMachineLegacyIsWhole: what a machine has, another has after it, by way of JSON. A field that is new has to
// be left as well, or to be named in notLeft.
func TestMachineLegacyIsWhole(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	cfg := Config{VRID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}
	old, err := NewMachine(cfg)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, old, now)
	data, err := json.Marshal(legacyOf(old, legacy.Writer(now)))
	if err != nil {
		t.Fatal(err)
	}
	var l machineLegacy
	if err := json.Unmarshal(data, &l); err != nil {
		t.Fatal(err)
	}
	if err := l.check(); err != nil {
		t.Fatal(err)
	}
	heir, err := NewMachine(cfg)
	if err != nil {
		t.Fatal(err)
	}
	heir.restrained = true
	heir.clock.Set(now)
	later := now.Add(3 * time.Millisecond)
	actions, err := l.restore(heir, later, legacy.Reader(later, now.UnixNano()))
	if err != nil || len(actions) > 0 {
		t.Errorf("actions %v, error %v", actions, err)
	}
	if diff := cmp.Diff(old, heir, cmp.AllowUnexported(Machine{}), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmpopts.IgnoreFields(Machine{}, notLeft()...)); diff != "" {
		t.Errorf("-left +taken:\n%s", diff)
	}
}

// encodedLegacy returns a legacy with a virtual router in a state, as JSON.
func encodedLegacy(t testing.TB, change func(*virtualLegacy)) []byte {
	t.Helper()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := VirtualRouterConfig{Link: "eth0", Config: Config{VRID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}}.complete()
	m, err := NewMachine(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	m.Startup(now, netip.MustParseAddr("192.0.2.1"))
	m.Force(now, 0)
	l := virtualLegacy{Identity: identity{Link: c.Link, Group: c.Group, VRID: c.VRID, Version: c.Version}, Machine: legacyOf(m, legacy.Writer(now))}
	change(&l)
	data, err := legacy.Encode("vrrp", legacyVersion, routerLegacy{Made: now.UnixNano(), Virtuals: []virtualLegacy{l}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestLegacyRefuses: what no router can have left is refused before anything of it is taken.
func TestLegacyRefuses(t *testing.T) {
	for name, change := range map[string]func(*virtualLegacy){
		"state":        func(l *virtualLegacy) { l.Machine.State = 3 },
		"reason":       func(l *virtualLegacy) { l.Machine.Claim = numReasons },
		"priority":     func(l *virtualLegacy) { l.Machine.Priority = 0 },
		"owner":        func(l *virtualLegacy) { l.Machine.Priority = 255 },
		"identity":     func(l *virtualLegacy) { l.Identity.Owner = true },
		"interval":     func(l *virtualLegacy) { l.Machine.ActiveInterval = -1 },
		"no timer":     func(l *virtualLegacy) { l.Machine.AdverAt = nil },
		"Backup":       func(l *virtualLegacy) { l.Machine.State = Backup },
		"no address":   func(l *virtualLegacy) { l.Machine.Held = nil },
		"bad address":  func(l *virtualLegacy) { l.Machine.Releasing = []netip.Prefix{{}} },
		"count":        func(l *virtualLegacy) { l.Machine.Failures = -1 },
		"form":         func(l *virtualLegacy) { l.Form = 9 },
		"peer":         func(l *virtualLegacy) { l.Forms = map[netip.Addr]peerLegacy{{}: {9}} },
		"last":         func(l *virtualLegacy) { l.Last = &transitionLegacy{To: 9} },
		"other router": func(l *virtualLegacy) { l.Identity.VRID = 52 },
	} {
		t.Run(name, func(t *testing.T) {
			r := heirOf(t)
			receipt, err := r.succeed(t.Context(), encodedLegacy(t, change))
			if v := r.VirtualRouters()[0]; name == "other router" {
				if string(receipt) != `{"taken":null}` || err != nil || v.machine.state != Initialize {
					t.Errorf("receipt %s, error %v, %v", receipt, err, v.machine.state)
				}
			} else if err == nil || v.machine.state != Initialize {
				t.Errorf("error %v, %v", err, v.machine.state)
			}
		})
	}
}

// silent is a network without links.
type silent struct{ Network }

func (silent) Attach(string, netip.Addr) (int, error) { return 0, nil }
func (silent) Detach(int)                             {}
func (silent) Wake()                                  {}
func (silent) Queue(int, [6]byte, netip.Addr, netip.Addr, []byte) {
}

// heirOf returns a router that waits for a legacy.
func heirOf(t testing.TB) *Router {
	t.Helper()
	r, err := NewRouter(RouterConfig{Network: silent{}, Inherit: func(Transfer) error { return nil }})
	if err == nil {
		_, err = r.Add(VirtualRouterConfig{Link: "eth0", Config: Config{VRID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// FuzzLegacy: whatever is said to be a legacy is taken or refused, without a panic, and what was taken can be
// left again.
func FuzzLegacy(f *testing.F) {
	f.Add(encodedLegacy(f, func(*virtualLegacy) {}))
	f.Add(encodedLegacy(f, func(l *virtualLegacy) { l.Machine.State, l.Machine.DownAt = Backup, l.Machine.AdverAt }))
	f.Add([]byte(`{"protocol":"vrrp","version":1,"state":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := heirOf(t)
		receipt, err := r.succeed(context.Background(), data)
		if err != nil {
			return
		}
		if _, err := legacy.DecodeReceipt(receipt, 1<<20); err != nil {
			t.Errorf("receipt %s: %v", receipt, err)
		}
		for range 3 {
			r.VirtualRouters()[0].machine.Expire(r.engine.Now())
		}
		again, err := legacy.Encode("vrrp", legacyVersion, r.legacy())
		if err != nil {
			t.Fatalf("%v after %s", err, data)
		}
		if _, err := heirOf(t).succeed(context.Background(), again); err != nil {
			t.Errorf("%s after %s: %v", again, data, err)
		}
	})
}

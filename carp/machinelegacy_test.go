// SPDX-License-Identifier: Apache-2.0

package carp

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

	"github.com/go-fhrp/fhrp/internal/legacy"
)

// notLeft are the fields of a machine that don't go to another process: what that knows by itself, and scratch.
func notLeft() []string {
	return []string{"local", "restrained", "adver", "adverRank", "actions"}
}

// fill sets each field of a machine that is left to a value of its own.
func fill(t *testing.T, m *Machine, now time.Time) {
	t.Helper()
	at := now
	next := func() time.Time { at = at.Add(7 * time.Millisecond); return at }
	for _, p := range []*time.Time{&m.downAt, &m.adverAt, &m.announceAt, &m.quietAt, &m.forcedUntil, &m.releaseAt, &m.holdUntil,
		&m.backOffUntil, &m.preemptAt, &m.resignedUntil, &m.sentAt} {
		*p = next()
	}
	addr := netip.MustParseAddr
	m.state, m.claim, m.better = Master, ReasonPreempt, betters{addr("192.0.2.5"), addr("fe80::5")}
	m.equals = equals{next(), true, 2, next()}
	m.demoted.Set("this one", 3)
	m.hostSum, m.demotion = 4, 7
	m.waiting, m.restrained, m.forced, m.refreshing, m.bowOutAfter = true, true, true, true, true
	m.pace, m.failures, m.peer, m.peerRank = 3*time.Second, 2, addr("192.0.2.9"), Rank{1, 2, 3}
	m.releasing = []netip.Prefix{netip.MustParsePrefix("192.0.2.99/24")}
	m.defended = map[netip.Addr]time.Time{addr("192.0.2.100"): next()}
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
	cfg := Config{VHID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}
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
	later := now.Add(3 * time.Millisecond)
	actions, err := l.restore(heir, later, legacy.Reader(later, now.UnixNano()))
	if err != nil || len(actions) > 0 {
		t.Errorf("actions %v, error %v", actions, err)
	}
	if diff := cmp.Diff(old, heir, cmp.AllowUnexported(Machine{}, betters{}, equals{}, Demotions{}), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}),
		cmpopts.IgnoreFields(Machine{}, notLeft()...)); diff != "" {
		t.Errorf("-left +taken:\n%s", diff)
	}
}

// legacyConfig is the virtual host of the tests.
func legacyConfig() VirtualHostConfig {
	return VirtualHostConfig{Link: "eth0", Config: Config{VHID: 51, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}}
}

// encodedLegacy returns a legacy with a virtual host that is Master, as JSON.
func encodedLegacy(t testing.TB, change func(*virtualLegacy)) []byte {
	t.Helper()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p, err := legacyConfig().prepare()
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMachine(p.Config)
	if err != nil {
		t.Fatal(err)
	}
	m.Startup(now, netip.MustParseAddr("192.0.2.1"))
	m.Force(now, 0)
	l := virtualLegacy{Identity: p.identity(), Machine: legacyOf(m, legacy.Writer(now))}
	change(&l)
	data, err := legacy.Encode("carp", legacyVersion, hostLegacy{Made: now.UnixNano(), Virtuals: []virtualLegacy{l}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// silent is a network without links.
type silent struct{ Network }

func (silent) Attach(string, netip.Addr) (int, error)                   { return 0, nil }
func (silent) Detach(int)                                               {}
func (silent) Wake()                                                    {}
func (silent) Queue(int, [6]byte, netip.Addr, netip.Addr, []byte)       {}
func (silent) Flush(func(int, error))                                   {}
func (silent) Links(func(port int, up bool, _ []netip.Addr, err error)) {}

// heirOf returns a host that waits for a legacy.
func heirOf(t testing.TB) *Host {
	t.Helper()
	h, err := NewHost(HostConfig{Network: silent{}, Inherit: func(Transfer) error { return nil }})
	if err == nil {
		_, err = h.Add(legacyConfig())
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestLegacyRefuses: what no host can have left is refused before anything of it is taken.
func TestLegacyRefuses(t *testing.T) {
	for name, change := range map[string]func(*virtualLegacy){
		"state":      func(l *virtualLegacy) { l.Machine.State = 3 },
		"reason":     func(l *virtualLegacy) { l.Machine.Claim = numReasons },
		"pace":       func(l *virtualLegacy) { l.Machine.Pace = -1 },
		"no timer":   func(l *virtualLegacy) { l.Machine.AdverAt = nil },
		"Backup":     func(l *virtualLegacy) { l.Machine.State, l.Machine.DownAt = Backup, nil },
		"no address": func(l *virtualLegacy) { l.Machine.Config.Addresses = nil },
		"VHID":       func(l *virtualLegacy) { l.Machine.Config.VHID = 52 },
		"address":    func(l *virtualLegacy) { l.Machine.Releasing = []netip.Prefix{{}} },
		"count":      func(l *virtualLegacy) { l.Machine.EqualCount = -1 },
		"digests":    func(l *virtualLegacy) { l.RecentSent = -1 },
		"last":       func(l *virtualLegacy) { l.Last = &transitionLegacy{To: 9} },
		"other host": func(l *virtualLegacy) { l.Identity.Link = "eth1" },
	} {
		t.Run(name, func(t *testing.T) {
			h := heirOf(t)
			receipt, err := h.succeed(t.Context(), encodedLegacy(t, change))
			if v := h.VirtualHosts()[0]; name == "other host" {
				if string(receipt) != `{"taken":null}` || err != nil || v.machine.state != Init {
					t.Errorf("receipt %s, error %v, %v", receipt, err, v.machine.state)
				}
			} else if err == nil || v.machine.state != Init {
				t.Errorf("error %v, %v", err, v.machine.state)
			}
		})
	}
}

// FuzzLegacy: whatever is said to be a legacy is taken or refused, without a panic, and what was taken can be left
// again.
func FuzzLegacy(f *testing.F) {
	f.Add(encodedLegacy(f, func(*virtualLegacy) {}))
	f.Add(encodedLegacy(f, func(l *virtualLegacy) { l.Machine.State, l.Machine.DownAt = Backup, l.Machine.AdverAt }))
	f.Add([]byte(`{"protocol":"carp","version":1,"state":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := heirOf(t)
		receipt, err := h.succeed(context.Background(), data)
		if err != nil {
			return
		}
		if _, err := legacy.DecodeReceipt(receipt, 1<<20); err != nil {
			t.Errorf("receipt %s: %v", receipt, err)
		}
		for range 3 {
			h.VirtualHosts()[0].machine.Expire(h.engine.Now())
		}
		again, err := legacy.Encode("carp", legacyVersion, h.legacy())
		if err != nil {
			t.Fatalf("%v after %s", err, data)
		}
		if _, err := heirOf(t).succeed(context.Background(), again); err != nil {
			t.Errorf("%s after %s: %v", again, data, err)
		}
	})
}

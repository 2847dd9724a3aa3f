// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

var errTable = errors.New("the table is broken")

// memoryTable stands for the kernel's table, and notes what is changed.
type memoryTable struct {
	mu     sync.Mutex
	table  map[serviceKey]*wish
	calls  []string
	broken bool
}

func newMemoryTable() *memoryTable { return &memoryTable{table: map[serviceKey]*wish{}} }

// note notes a call, and fails if the table is broken.
func (m *memoryTable) note(format string, args ...any) error {
	if m.broken {
		return errTable
	}
	m.calls = append(m.calls, fmt.Sprintf(format, args...))
	return nil
}

// took returns what was called since the last time.
func (m *memoryTable) took() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.calls = nil }()
	return strings.Join(m.calls, ", ")
}

func (m *memoryTable) services() (all []service, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range m.table {
		s := w.service
		s.engine = "" // can't be read back
		all = append(all, s)
	}
	if m.broken {
		err = errTable
	}
	return all, err
}

func (m *memoryTable) servers(s service) ([]server, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.table[s.serviceKey].servers), nil
}

func (m *memoryTable) addService(s service) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.note("add %v", s.serviceKey)
	if err == nil {
		m.table[s.serviceKey] = &wish{service: s}
	}
	return err
}

func (m *memoryTable) setService(s service) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.table[s.serviceKey].service = s
	return m.note("set %v", s.serviceKey)
}

func (m *memoryTable) removeService(s service) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.table, s.serviceKey)
	return m.note("remove %v", s.serviceKey)
}

// find returns the place of a server, or -1.
func (m *memoryTable) find(s service, r server) int {
	return slices.IndexFunc(m.table[s.serviceKey].servers, func(o server) bool { return o.addr == r.addr })
}

func (m *memoryTable) addServer(s service, r server) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.table[s.serviceKey].servers = append(m.table[s.serviceKey].servers, r)
	return m.note("add %v", r.addr)
}

func (m *memoryTable) setServer(s service, r server) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.table[s.serviceKey].servers[m.find(s, r)] = r
	return m.note("set %v", r.addr)
}

func (m *memoryTable) removeServer(s service, r server) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.table[s.serviceKey]
	i := m.find(s, r)
	w.servers = slices.Delete(w.servers, i, i+1)
	return m.note("remove %v", r.addr)
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// wishFor returns a wish for a service on a port with servers of these weights.
func wishFor(port uint16, weights ...int) wish {
	v := virtual(weights...)
	v.Endpoints[0].Addr = netip.AddrPortFrom(v.Endpoints[0].Addr.Addr(), port)
	p, _ := newPool(v, nil)
	return p.wishes()[0]
}

// TestReconcile wants the changes that are needed, and no others.
func TestReconcile(t *testing.T) {
	m := newMemoryTable()
	foreign := wishFor(99, 1)
	m.table[foreign.serviceKey] = &foreign
	r := newReconciler(m, quiet())
	other, engine := wishFor(80, 2, 1), wishFor(80, 2, 1)
	other.scheduler = "rr"
	engine.scheduler, engine.engine = "rr", "sip"
	for _, c := range []struct {
		name   string
		wishes []wish
		want   string
	}{
		{"new", []wish{wishFor(80, 1, 1)}, "add TCP 10.0.0.100:80, add 10.0.0.1:80, add 10.0.0.2:80"},
		{"the same", []wish{wishFor(80, 1, 1)}, ""},
		{"a weight", []wish{wishFor(80, 2, 1)}, "set 10.0.0.1:80"},
		{"a scheduler", []wish{other}, "set TCP 10.0.0.100:80"},
		{"what can't be read back", []wish{engine}, "set TCP 10.0.0.100:80"},
		{"once only", []wish{engine}, ""},
		{"a further service", []wish{engine, wishFor(81, 1)}, "add TCP 10.0.0.100:81, add 10.0.0.1:81"},
		{"one less", []wish{wishFor(81, 1)}, "remove TCP 10.0.0.100:80"},
		{"none", nil, "remove TCP 10.0.0.100:81"},
	} {
		if err := errors.Join(r.apply(c.wishes), r.retire(c.wishes)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, m.took()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if len(m.table) != 1 || len(r.own) != 0 {
		t.Errorf("left: %v, own %v", m.table, r.own)
	}
}

// TestReconcileSorry has the sorry server come before the last real server goes, and go after the first one came.
func TestReconcileSorry(t *testing.T) {
	m := newMemoryTable()
	r := newReconciler(m, quiet())
	p, _ := newPool(withSorry(virtual(1)), nil)
	for _, want := range []string{"add TCP 10.0.0.100:80, add 10.0.0.1:80", "add 10.0.0.9:80, remove 10.0.0.1:80", "add 10.0.0.1:80, remove 10.0.0.9:80"} {
		if err := r.apply(p.wishes()); err != nil || m.took() != want {
			t.Errorf("%v, want %s", err, want)
		}
		p.report(0, 0, verdict{up: !p.quorum}, nil)
	}
}

// TestReconcileTakesOver takes over what is there by the name of what is wished for, as after a crash.
func TestReconcileTakesOver(t *testing.T) {
	m := newMemoryTable()
	before := wishFor(80, 1, 5, 1)
	m.table[before.serviceKey] = &before
	r := newReconciler(m, quiet())
	if err := r.apply([]wish{wishFor(80, 1, 1)}); err != nil || m.took() != "set 10.0.0.2:80, remove 10.0.0.3:80" {
		t.Error(err)
	}
	if err := r.retire(nil); err != nil || m.took() != "remove TCP 10.0.0.100:80" {
		t.Error(err)
	}
}

// TestReconcileFails says what failed, and finishes later.
func TestReconcileFails(t *testing.T) {
	m := newMemoryTable()
	r := newReconciler(m, quiet())
	m.broken = true
	if err := r.apply([]wish{wishFor(80, 1)}); !errors.Is(err, errTable) {
		t.Error(err)
	}
	m.broken = false
	if err := r.apply([]wish{wishFor(80, 1)}); err != nil || len(m.table) != 1 {
		t.Error(err, m.table)
	}
	m.broken = true
	if err := r.retire(nil); !errors.Is(err, errTable) || len(r.own) != 1 {
		t.Error(err, r.own)
	}
}

// TestKeyStrings tells services apart in logs.
func TestKeyStrings(t *testing.T) {
	k := serviceKey{keepalived.Endpoint{Mark: 7}, 0}
	if got := k.String(); got != "fwmark 7" {
		t.Error(got)
	}
}

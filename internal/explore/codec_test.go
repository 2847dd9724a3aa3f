// SPDX-License-Identifier: Apache-2.0

package explore_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
)

// machine has a field of each kind that machines have.
type machine struct {
	on      bool
	number  uint8
	signed  int64
	text    string
	at, was time.Time
	wait    time.Duration
	addr    netip.Addr
	list    []netip.Prefix
	byAddr  map[netip.Addr]time.Time
	nested  struct{ a, b int }
	pair    [2]time.Time
	deep    struct {
		n       int
		reasons map[string]int
	}
	inner   struct{ at, was time.Time }
	buffer  []byte
	derived []int
	memo    []int
	shared  []string
}

func newCodec(t *testing.T) *explore.Codec[machine] {
	t.Helper()
	c, err := explore.NewCodec[machine](explore.Fields{Buffers: []string{"buffer"}, Derived: []string{"derived"},
		Memos: []string{"memo"}, Shared: []string{"shared"}, Past: map[string]time.Duration{"was": time.Second, "inner.was": time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	one   = netip.MustParseAddr("192.0.2.1")
	noon  = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	night = noon.Add(12 * time.Hour)
)

func newMachine() *machine {
	m := &machine{on: true, number: 7, text: "x", at: noon, addr: one, list: []netip.Prefix{netip.PrefixFrom(one, 24)},
		byAddr: map[netip.Addr]time.Time{one: noon, netip.MustParseAddr("fe80::1%eth0"): noon}, buffer: []byte{1}, derived: []int{1}, memo: []int{1}, shared: []string{"s"}}
	m.deep.reasons = map[string]int{"x": 1, "y": 2}
	return m
}

// Every field makes a difference but those that are told not to.
func TestCodecFields(t *testing.T) {
	c := newCodec(t)
	for name, change := range map[string]func(*machine){
		"on":        func(m *machine) { m.on = false },
		"number":    func(m *machine) { m.number++ },
		"signed":    func(m *machine) { m.signed-- },
		"text":      func(m *machine) { m.text = "" },
		"at":        func(m *machine) { m.at = time.Time{} },
		"was":       func(m *machine) { m.was = noon },
		"wait":      func(m *machine) { m.wait = time.Second },
		"addr":      func(m *machine) { m.addr = netip.MustParseAddr("::ffff:192.0.2.1") },
		"list":      func(m *machine) { m.list[0] = netip.PrefixFrom(one, 25) },
		"byAddr":    func(m *machine) { m.byAddr[one] = night },
		"nested":    func(m *machine) { m.nested.b = 1 },
		"pair":      func(m *machine) { m.pair[1] = noon },
		"deep":      func(m *machine) { m.deep.reasons["x"]++ },
		"inner.at":  func(m *machine) { m.inner.at = noon },
		"inner.was": func(m *machine) { m.inner.was = noon },
		"shared":    func(m *machine) { m.shared = nil },
		"": func(m *machine) {
			m.buffer, m.derived, m.memo = nil, nil, nil
		},
	} {
		m := newMachine()
		was, exact := c.Append(nil, m, noon), c.Exact(nil, m)
		change(m)
		if got := c.Changed(exact, m); got != name {
			t.Errorf("%q: changed %q", name, got)
		}
		if same := bytes.Equal(was, c.Append(nil, m, noon)); same != (name == "") {
			t.Errorf("%q: written as before: %v", name, same)
		}
	}
}

func TestCodecTimesAreRelative(t *testing.T) {
	c := newCodec(t)
	m := newMachine()
	m.was, m.byAddr = noon, map[netip.Addr]time.Time{one: noon}
	before := c.Append(nil, m, noon)
	m.at, m.was, m.byAddr[one] = night, night, night
	if !bytes.Equal(before, c.Append(nil, m, night)) {
		t.Error("the same at another time is written in another way")
	}
	if c.Changed(c.Exact(nil, newMachine()), m) != "at" {
		t.Error("exactly, it isn't the same")
	}
}

func TestCodecPast(t *testing.T) {
	testPast(t, func(m *machine, was time.Time) { m.was = was })
	testPast(t, func(m *machine, was time.Time) { m.inner.was = was })
}

func testPast(t *testing.T, set func(*machine, time.Time)) {
	t.Helper()
	c := newCodec(t)
	write := func(was time.Time) string {
		m := newMachine()
		set(m, was)
		return string(c.Append(nil, m, noon))
	}
	if write(noon.Add(-2*time.Second)) != write(noon.Add(-time.Hour)) {
		t.Error("two times that are over differ")
	}
	for _, other := range []time.Time{{}, noon.Add(-time.Second), noon, noon.Add(time.Hour)} {
		if write(noon.Add(-time.Hour)) == write(other) {
			t.Errorf("a time that is over is written as %v", other)
		}
	}
}

// A copy is independent, but for what is shared.
func TestCodecClone(t *testing.T) {
	c := newCodec(t)
	m := newMachine()
	before := c.Exact(nil, m)
	n := c.Clone(m)
	if got := c.Changed(before, n); got != "" {
		t.Errorf("the copy has another %s", got)
	}
	if n.buffer != nil || &n.derived[0] != &m.derived[0] || &n.shared[0] != &m.shared[0] || &n.memo[0] == &m.memo[0] {
		t.Error("buffers are not empty, or what is to be shared isn't, or a memo is")
	}
	n.list[0], n.byAddr[one], n.number, n.deep.reasons["x"] = netip.Prefix{}, night, 0, 7
	if got := c.Changed(before, m); got != "" {
		t.Errorf("a change of the copy has changed %s of the original", got)
	}
	empty := c.Clone(&machine{})
	if empty.list != nil || empty.byAddr != nil {
		t.Error("the copy of nothing is something")
	}
}

// What a copy is made in keeps the memory of its own buffer, and nothing else.
func TestCodecCopy(t *testing.T) {
	c := newCodec(t)
	n := &machine{buffer: make([]byte, 3, 8), number: 3, byAddr: map[netip.Addr]time.Time{one: night}}
	own := &n.buffer[0]
	m := newMachine()
	c.Copy(n, m)
	if got := c.Changed(c.Exact(nil, m), n); got != "" {
		t.Errorf("the copy has another %s", got)
	}
	if len(n.buffer) != 0 || cap(n.buffer) != 8 || &n.buffer[:1][0] != own {
		t.Errorf("the buffer has length %d and capacity %d", len(n.buffer), cap(n.buffer))
	}
	n.byAddr[one] = noon.Add(time.Hour)
	if m.byAddr[one] != noon {
		t.Error("the copy's map is that of the original")
	}
}

func TestNewCodecErrors(t *testing.T) {
	type pointer struct{ P *int }
	type deep struct{ Inner struct{ F func() } }
	type deepSlice struct{ S [][]int }
	type strangeKey struct{ M map[any]int }
	if _, err := explore.NewCodec[pointer](explore.Fields{}); err == nil || !strings.Contains(err.Error(), "field P of explore_test.pointer: *int can't be written down") {
		t.Error(err)
	}
	if _, err := explore.NewCodec[deep](explore.Fields{}); err == nil || !strings.Contains(err.Error(), "F: func() can't be written down") {
		t.Error(err)
	}
	if _, err := explore.NewCodec[deepSlice](explore.Fields{}); err == nil || !strings.Contains(err.Error(), "[][]int can't be copied") {
		t.Error(err)
	}
	if _, err := explore.NewCodec[strangeKey](explore.Fields{}); err == nil || !strings.Contains(err.Error(), "interface {} can't be written down") {
		t.Error(err)
	}
	if _, err := explore.NewCodec[pointer](explore.Fields{Buffers: []string{"P"}}); err == nil || !strings.Contains(err.Error(), "*int is no buffer") {
		t.Error(err)
	}
	if _, err := explore.NewCodec[deepSlice](explore.Fields{Buffers: []string{"S", "q"}}); err == nil || !strings.Contains(err.Error(), "has no field q") {
		t.Error(err)
	}
	if _, err := explore.NewCodec[pointer](explore.Fields{Derived: []string{"P"}}); err != nil {
		t.Error(err)
	}
}

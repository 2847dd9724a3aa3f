// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/engine"
	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// epoch is when every test begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// errClosed is what the protocol of the tests returns for what has ended.
var errClosed = errors.New("test: closed")

// bench is an engine on a network that the test makes, with a clock that the test
// moves. What happens is written down in one journal.
type bench struct {
	t       testing.TB
	now     time.Time
	network *network
	engine  *engine.Engine
	journal *[]string
	log     *bytes.Buffer
}

// newBench makes a bench with links eth0 and eth1, which are up and have an
// address in each family.
func newBench(t testing.TB, change ...func(*engine.Config)) *bench {
	b := &bench{t: t, now: epoch, journal: &[]string{}, log: &bytes.Buffer{}}
	b.network = &network{note: b.note, wake: make(chan struct{}, 1), clock: func() time.Time { return b.now }}
	b.network.link("eth0", "192.0.2.1", "fe80::1")
	b.network.link("eth1", "198.51.100.1", "fe80::2")
	cfg := engine.Config{Protocol: "test", Noun: "seat", Closed: errClosed, Network: b.network,
		Now: func() time.Time { return b.now }, Receive: b.receive,
		Log: quietlog.New(slog.New(slog.NewTextHandler(b.log, nil)))}
	for _, f := range change {
		f(&cfg)
	}
	b.engine = engine.New(cfg)
	return b
}

// note writes a line into the journal.
func (b *bench) note(format string, args ...any) {
	*b.journal = append(*b.journal, fmt.Sprintf(format, args...))
}

// want compares the journal since the last call.
func (b *bench) want(lines ...string) {
	b.t.Helper()
	got := *b.journal
	*b.journal = nil
	if diff := cmp.Diff(lines, got); diff != "" {
		b.t.Errorf("journal (-want +got):\n%s", diff)
	}
}

// forget empties the journal.
func (b *bench) forget() { *b.journal = nil }

// turn takes turns until nothing is left to do now.
func (b *bench) turn() (until time.Time, done bool) {
	for {
		if until, done = b.engine.Turn(); done || until.IsZero() || until.After(b.now) {
			return until, done
		}
	}
}

// advance lets time pass, with a turn whenever the engine asks for one.
func (b *bench) advance(d time.Duration) {
	end := b.now.Add(d)
	for {
		until, done := b.turn()
		if done || until.IsZero() || until.After(end) {
			break
		}
		b.now = until
	}
	b.now = end
	b.turn()
}

// receive is the protocol's: the payload of a packet is the identifier and a word.
func (b *bench) receive(p *engine.Port, src, _ netip.Addr, _ uint8, at time.Time, payload []byte) {
	m, ok := p.Member(payload[0]).(*election)
	switch {
	case !ok:
		b.note("%s: nobody has identifier %d", p.Link(), payload[0])
	case m.seat.Slept():
		b.note("%s: asleep", m.name)
	default:
		b.note("%s: hears %s from %v at +%v", m.name, payload[1:], src, at.Sub(epoch))
	}
}

// add adds a seat with leg IPv4 on eth0, identifier and address of the number.
func (b *bench) add(number uint8, change ...func(*engine.SeatConfig)) *election {
	b.t.Helper()
	m, err := b.tryAdd(number, change...)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *bench) tryAdd(number uint8, change ...func(*engine.SeatConfig)) (*election, error) {
	settings := engine.Settings{Name: fmt.Sprint("seat ", number), Interval: time.Second, Addresses: prefixes(fmt.Sprintf("192.0.2.%d/32", 100+int(number)))}
	cfg := engine.SeatConfig{Legs: []engine.LegConfig{{Group: group4}}, Terms: engine.Terms{ID: number, Place: holder.Place{Link: "eth0"}, Settings: settings}}
	for _, f := range change {
		f(&cfg)
	}
	m := &election{bench: b, name: cfg.Name, addrs: cfg.Addresses, interval: cfg.Interval, legs: len(cfg.Legs)}
	m.seat = b.engine.NewSeat(m, cfg)
	return m, b.engine.Add(m.seat)
}

// The groups of the tests.
var (
	group4 = netip.MustParseAddr("224.0.0.18")
	group6 = netip.MustParseAddr("ff02::12")
)

// both gives a seat a leg in each family.
func both(c *engine.SeatConfig) {
	c.Legs = []engine.LegConfig{{Group: group4}, {Group: group6}}
}

// with gives a seat a backend.
func with(backend engine.Backend) func(*engine.SeatConfig) {
	return func(c *engine.SeatConfig) { c.Backend = backend }
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func prefixes(list ...string) (all []netip.Prefix) {
	for _, s := range list {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// wantLog checks how often a text is in the log.
func (b *bench) wantLog(text string, times int) {
	b.t.Helper()
	if got := strings.Count(b.log.String(), text); got != times {
		b.t.Errorf("%q is %d times in the log, want %d:\n%s", text, got, times, b.log)
	}
}

// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

func TestEventKindString(t *testing.T) {
	seen := make(map[string]EventKind)
	for k := EventSwept; k <= EventFailed; k++ {
		s := k.String()
		if other, ok := seen[s]; ok || strings.HasPrefix(s, "EventKind") {
			t.Errorf("kind %d is %q, as kind %d", k, s, other)
		}
		seen[s] = k
	}
	if s := EventKind(0).String(); s != "EventKind(0)" {
		t.Errorf("no kind is %q", s)
	}
}

func TestEventLog(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	addrs := []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
	for _, e := range []KeeperEvent{
		{Kind: EventSwept, Device: "eth0", Addrs: addrs},
		{Kind: EventSwept, Device: "eth0", Addrs: addrs, Err: errors.New("reason")},
		{Kind: EventLost, Device: "eth0", Addrs: addrs, After: time.Second},
		{Kind: EventLinkGone, Device: "eth0"},
	} {
		e.log(log)
	}
	want := `level=INFO msg="vip: swept" device=eth0 addresses=[192.0.2.1/32]
level=WARN msg="vip: swept" device=eth0 addresses=[192.0.2.1/32] err=reason
level=ERROR msg="vip: lost" device=eth0 addresses=[192.0.2.1/32] after=1s
level=WARN msg="vip: link gone" device=eth0
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// gated is a handler that takes nothing before its release.
type gated struct {
	slog.Handler
	release chan struct{}
}

func (h gated) Handle(ctx context.Context, r slog.Record) error {
	<-h.release
	return h.Handler.Handle(ctx, r)
}

// The addresses of an event are the receiver's, who may change them before a slow handler
// has written what happened to them.
func TestEventLogHasAddressesOfItsOwn(t *testing.T) {
	var out bytes.Buffer
	h := gated{slog.NewTextHandler(&out, nil), make(chan struct{})}
	log, flush := quietlog.Detach(slog.New(h))
	e := KeeperEvent{Kind: EventLost, Addrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}}
	e.log(log)
	e.Addrs[0] = netip.Prefix{}
	close(h.release)
	flush(time.Minute)
	if !strings.Contains(out.String(), "addresses=[192.0.2.1/32]") {
		t.Errorf("log: %s", out.String())
	}
}

// TestEventsAreMerged: one event tells of all that the same thing happened to at once.
func TestEventsAreMerged(t *testing.T) {
	b := newTestBook(KeeperConfig{})
	p, q := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
	reason := errors.New("reason")
	b.note(EventLost, p, time.Second, nil)
	b.note(EventLost, q, 2*time.Second, nil)
	b.note(EventLost, p, time.Second, reason)
	b.note(EventLost, q, time.Second, reason)
	b.note(EventForeign, p, 0, nil)
	if len(b.notes) != 3 {
		t.Fatalf("%d events", len(b.notes))
	}
	if e := b.notes[0].event(); len(e.Addrs) != 2 || e.After != 2*time.Second || e.Err != nil {
		t.Errorf("event %+v", e)
	}
	e := b.notes[1].event()
	if joined, ok := e.Err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 2 || !errors.Is(e.Err, reason) {
		t.Errorf("event %+v", e)
	}
}

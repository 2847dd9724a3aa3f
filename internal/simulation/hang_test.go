// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// hanging is what of a user's own may hang.
type hanging struct {
	log     slog.Handler
	hooks   holder.Hooks
	tracks  []track.Track
	reads   bool          // events, one and no more
	release chan struct{} // closed at the end, for what hangs for ever
}

// victim is a program with that, and its peer without.
type victim struct {
	run         func(context.Context) error
	reconfigure func(addr string) error
	read        func(ctx context.Context, f func())
	took        func() uint64 // how often it has taken the role
}

// newVictim makes one of either protocol.
func newVictim(t *testing.T, lan *netiftest.LAN, n byte, isCARP bool, h *hanging) *victim {
	t.Helper()
	own := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 24)
	network := lan.Host(own.String(), netiftest.Link{Addresses: []netip.Prefix{own}}).Network()
	if isCARP {
		return newCARPVictim(t, network, n, h)
	}
	return newVRRPVictim(t, network, n, h)
}

// logger returns the one to log to.
func (h *hanging) logger() *slog.Logger {
	if h.log == nil {
		return nil
	}
	return slog.New(h.log)
}

func newVRRPVictim(t *testing.T, network *netiftest.Network, n byte, h *hanging) *victim {
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Logger: h.logger(), EventBuffer: 2})
	if err != nil {
		t.Fatal(err)
	}
	cfg := vrrp.VirtualRouterConfig{Link: "eth0", Backend: &viptest.Memory{}, Trackers: h.tracks, Hooks: vrrp.Hooks(h.hooks),
		Config: vrrp.Config{VRID: 1, Priority: 200 / n, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}}
	v, err := router.Add(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &victim{router.Run, func(addr string) error {
		cfg.Addresses = []netip.Prefix{netip.MustParsePrefix(addr)}
		return v.Reconfigure(cfg)
	}, func(ctx context.Context, f func()) {
		for range router.Events(ctx) {
			f()
		}
	}, func() uint64 { return v.Status().Stats.BecameActive }}
}

func newCARPVictim(t *testing.T, network *netiftest.Network, n byte, h *hanging) *victim {
	host, err := carp.NewHost(carp.HostConfig{Network: network, Logger: h.logger(), EventBuffer: 2})
	if err != nil {
		t.Fatal(err)
	}
	cfg := carp.VirtualHostConfig{Link: "eth0", Backend: &viptest.Memory{}, Trackers: h.tracks, Hooks: carp.Hooks(h.hooks),
		AcceptAddresses: [][]netip.Addr{{netip.MustParseAddr("192.0.2.100")}, {netip.MustParseAddr("192.0.2.101")}},
		Config:          carp.Config{VHID: 1, AdvSkew: 100 * (n - 1), Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}}
	v, err := host.Add(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &victim{host.Run, func(addr string) error {
		cfg.Addresses = []netip.Prefix{netip.MustParsePrefix(addr)}
		return v.Reconfigure(cfg)
	}, func(ctx context.Context, f func()) {
		for range host.Events(ctx) {
			f()
		}
	}, func() uint64 { return v.Status().Stats.BecameMaster }}
}

// stuckLog is a handler that waits in whatever it is called for.
type stuckLog struct{ release chan struct{} }

func (l stuckLog) Enabled(context.Context, slog.Level) bool  { <-l.release; return true }
func (l stuckLog) Handle(context.Context, slog.Record) error { <-l.release; return nil }
func (l stuckLog) WithAttrs([]slog.Attr) slog.Handler        { return l }
func (l stuckLog) WithGroup(string) slog.Handler             { return l }

// halfAMinute is a hook that doesn't heed its context.
func halfAMinute(context.Context, []netip.Prefix) error {
	time.Sleep(30 * time.Second)
	return nil
}

// Nothing of a user's own that hangs delays an advertisement, however little it heeds
// its context: those of who has the role leave exactly on time, and its peer stays what
// it is.
func TestNothingThatHangsDelaysAdvertisements(t *testing.T) {
	for name, hang := range map[string]func(t *testing.T, h *hanging){
		"nothing":                  func(*testing.T, *hanging) {},
		"hook before adding":       func(_ *testing.T, h *hanging) { h.hooks.BeforeAdd = halfAMinute },
		"hook after adding":        func(_ *testing.T, h *hanging) { h.hooks.AfterAdd = halfAMinute },
		"hook before removing":     func(_ *testing.T, h *hanging) { h.hooks.BeforeRemove = halfAMinute },
		"hook after removing":      func(_ *testing.T, h *hanging) { h.hooks.AfterRemove = halfAMinute },
		"hook with a long timeout": func(_ *testing.T, h *hanging) { h.hooks.AfterAdd, h.hooks.Timeout = halfAMinute, time.Hour },
		"condition":                func(t *testing.T, h *hanging) { h.tracks = hangs(t, h) },
		"reader of events":         func(_ *testing.T, h *hanging) { h.reads = true },
		"log":                      func(_ *testing.T, h *hanging) { h.log = stuckLog{h.release} },
		"log on a pipe":            func(t *testing.T, h *hanging) { h.log = slog.NewTextHandler(nobodyReads(t, h), nil) },
		"log on a full disk":       func(t *testing.T, h *hanging) { h.log = slog.NewTextHandler(fullDisk(t), nil) },
	} {
		for protocol, isCARP := range map[string]bool{"vrrp": false, "carp": true} {
			t.Run(protocol+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { testHanging(t, isCARP, hang) })
			})
		}
	}
}

// testHanging has a program with what hangs run for a minute, and end.
func testHanging(t *testing.T, isCARP bool, hang func(*testing.T, *hanging)) {
	h := &hanging{release: make(chan struct{})}
	hang(t, h)
	lan := netiftest.New(netiftest.Config{})
	first, second := newVictim(t, lan, 1, isCARP, h), newVictim(t, lan, 2, isCARP, &hanging{})
	sent := sending(lan, "192.0.2.1/24")
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = second.run(ctx) })
	done := make(chan error, 1)
	if h.reads {
		running.Go(func() { first.read(t.Context(), func() { <-h.release }) })
	}
	stopFirst, stop := context.WithCancel(t.Context())
	go func() { done <- first.run(stopFirst) }()
	time.Sleep(20 * time.Second)
	for i := range 10 {
		if err := first.reconfigure([]string{"192.0.2.101/24", "192.0.2.100/24"}[i%2]); err != nil {
			t.Error(err)
		}
		time.Sleep(4 * time.Second)
	}
	at := sent()
	for i := range at[1:] {
		if gap := at[i+1].Sub(at[i]); gap != time.Second {
			t.Errorf("%v between advertisements %d and %d of %d", gap, i, i+1, len(at))
		}
	}
	if len(at) < 50 || first.took() != 1 || second.took() != 0 {
		t.Errorf("%d advertisements; the role was taken %d times, and by the peer %d times", len(at), first.took(), second.took())
	}
	begun := time.Now()
	stop()
	if err := <-done; err != nil || time.Since(begun) > 40*time.Second {
		t.Errorf("ended after %v: %v", time.Since(begun), err)
	}
	close(h.release)
	cancel()
	running.Wait()
	time.Sleep(time.Minute) // until the last hook has returned
}

// sending returns when a host has sent its advertisements.
func sending(lan *netiftest.LAN, name string) func() []time.Time {
	var mu sync.Mutex
	var at []time.Time
	lan.Tap(func(p netiftest.Packet) {
		mu.Lock()
		defer mu.Unlock()
		if p.From != nil && p.From.Name() == name {
			at = append(at, p.At)
		}
	})
	return func() []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(at)
	}
}

// hangs returns a condition whose check never returns.
func hangs(t *testing.T, h *hanging) []track.Track {
	c, err := track.New(track.Config{Name: "hangs", Initial: track.Up, Check: func(context.Context) error { <-h.release; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return []track.Track{{Tracker: c}}
}

// nobodyReads returns a pipe that nobody reads before the end.
func nobodyReads(t *testing.T, h *hanging) io.Writer {
	r, w := io.Pipe()
	go func() {
		<-h.release
		_, _ = io.Copy(io.Discard, r)
	}()
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// fullDisk returns a file on a disk that is full.
func fullDisk(t *testing.T) io.Writer {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

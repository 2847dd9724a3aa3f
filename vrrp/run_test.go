// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/protocoltest"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// running is a router that runs on a goroutine of its own.
type running struct {
	*node
	*protocoltest.Running
}

// run starts a node's router.
func run(t *testing.T, n *node) *running { return &running{n, protocoltest.Run(t, n.router.Run)} }

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: 100 * time.Microsecond})
		a := run(t, newNode(t, lan, "192.0.2.1/24", v3(priority(200))))
		b := run(t, newNode(t, lan, "192.0.2.2/24", v3()))
		time.Sleep(5 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Active, vrrp.Backup)

		stopped := time.Now()
		if err := a.Stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(stopped); took > 615*time.Millisecond || len(a.addrs.Held()) > 0 {
			t.Errorf("stopped after %v, holds %v", took, a.addrs.Held())
		}
		wantStates(t, []*node{b.node}, vrrp.Active)
		if owner := lan.Owner(netip.MustParseAddr("192.0.2.100")); owner != b.host {
			t.Errorf("neighbours send to %v", owner)
		}
		if err := b.Stop(); err != nil { // nobody to hand over to
			t.Errorf("Run = %v", err)
		}
		if len(b.addrs.Held()) > 0 {
			t.Errorf("left behind: %v", b.addrs.Held())
		}
		if err := b.router.Run(t.Context()); !errors.Is(err, vrrp.ErrClosed) {
			t.Errorf("second Run = %v", err)
		}
		if err := b.virtual.Resign(0); !errors.Is(err, vrrp.ErrClosed) {
			t.Errorf("Resign after Run = %v", err)
		}
		if _, err := b.router.Add(vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"}); !errors.Is(err, vrrp.ErrClosed) {
			t.Errorf("Add after Run = %v", err)
		}
	})
}

func TestSlowBackendDoesNotDelayAdvertisements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		n := newNode(t, lan, "192.0.2.1/24", v3(priority(200)))
		release := n.addrs.Block()
		g := protocoltest.Watch(lan, n.host)
		r := run(t, n)
		time.Sleep(9 * time.Second) // within the time-out of 10 s
		if n.state() != vrrp.Active {
			t.Errorf("state %v", n.state())
		}
		g.WantAll(t, time.Second, 0)
		release()
		synctest.Wait()
		wantStates(t, []*node{n}, vrrp.Active)
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestStuckBackendLosesTheRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		n := newNode(t, lan, "192.0.2.1/24", v3(priority(200)))
		release := n.addrs.Block()
		r := run(t, n)
		time.Sleep(24 * time.Second) // it hangs in the removal at startup, too
		if got := n.history()[2]; got.Reason != vrrp.ReasonAddresses || !errors.Is(got.Err, context.DeadlineExceeded) {
			t.Errorf("%v", got)
		}
		release()
		time.Sleep(time.Minute)
		wantStates(t, []*node{n}, vrrp.Active)
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestRunTellsWhatIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3())
		r := run(t, n)
		time.Sleep(5 * time.Second)
		n.addrs.Fail(os.ErrPermission, prefixes("192.0.2.100/24")...)
		if err := r.Stop(); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "192.0.2.100/24") {
			t.Errorf("Run = %v", err)
		}
	})
}

// seven is a second virtual router.
func seven() vrrp.Config {
	return v3(func(c *vrrp.Config) { c.VRID, c.Addresses = 7, prefixes("192.0.2.107/24") })
}

func TestRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3())
		r := run(t, n)
		if err := n.router.Run(t.Context()); !errors.Is(err, vrrp.ErrClosed) {
			t.Errorf("a second Run at the same time = %v", err)
		}
		n.router.Stop()
		if err := r.Wait(); err != nil {
			t.Errorf("Run after Stop = %v", err)
		}
	})
}

func TestRemoveTellsWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3())
		r := run(t, n)
		time.Sleep(5 * time.Second)
		n.addrs.Fail(os.ErrPermission, prefixes("192.0.2.100/24")...)
		if err := n.virtual.Remove(t.Context()); !errors.Is(err, os.ErrPermission) {
			t.Errorf("Remove = %v", err)
		}
		if err := r.Stop(); !errors.Is(err, os.ErrPermission) {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestRemoveMeetsTheEnd(t *testing.T) {
	for i := range 50 {
		synctest.Test(t, func(t *testing.T) {
			n := newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3())
			r := run(t, n)
			time.Sleep(5 * time.Second)
			release := n.addrs.Block()
			done := make(chan error, 1)
			go func() { done <- n.virtual.Remove(t.Context()) }()
			time.Sleep(time.Duration(i) * 30 * time.Millisecond)
			r.End()
			time.AfterFunc(time.Duration(i%7)*100*time.Millisecond, release)
			if err := r.Wait(); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil && !errors.Is(err, vrrp.ErrClosed) {
				t.Error(err)
			}
		})
	}
}

func TestFailedRemovalIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3(), func(c *vrrp.VirtualRouterConfig) { c.NoLease = true })
		r := run(t, n)
		time.Sleep(5 * time.Second)
		n.addrs.Fail(os.ErrPermission, prefixes("192.0.2.100/24")...)
		if err := n.host.SetLink("eth0", false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if len(n.addrs.Held()) == 0 {
			t.Fatal("it did not fail")
		}
		n.addrs.Fail(nil, prefixes("192.0.2.100/24")...)
		time.Sleep(time.Minute)
		if len(n.addrs.Held()) != 0 {
			t.Errorf("left: %v", n.addrs.Held())
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// A failure of the first tenure, told in the second one, doesn't end it.
func TestLateFailureOfAFormerTenure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3())
		release := n.addrs.Block()
		r := run(t, n)
		time.Sleep(4 * time.Second) // Active, and the backend hangs
		_ = n.host.SetLink("eth0", false)
		time.Sleep(time.Second)
		_ = n.host.SetLink("eth0", true)
		time.Sleep(6 * time.Second) // Active again
		release()
		time.Sleep(20 * time.Second)
		wantStates(t, []*node{n}, vrrp.Active)
		for _, c := range n.history() {
			if c.Reason == vrrp.ReasonAddresses {
				t.Errorf("%v", c)
			}
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		n := newNode(t, lan, "192.0.2.1/24", v3())
		r := run(t, n)
		second, err := n.router.Add(vrrp.VirtualRouterConfig{Config: seven(), Link: "eth0"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if got := second.Status(); got.State != vrrp.Active {
			t.Errorf("added while running: %v", got.State)
		}
		if err := n.virtual.Remove(t.Context()); err != nil {
			t.Error(err)
		}
		if len(n.addrs.Held()) > 0 || len(n.router.VirtualRouters()) != 1 {
			t.Errorf("holds %v, %d virtual routers", n.addrs.Held(), len(n.router.VirtualRouters()))
		}
		if err := n.virtual.Remove(t.Context()); !errors.Is(err, vrrp.ErrClosed) {
			t.Errorf("second Remove = %v", err)
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestRemoveBeforeRun(t *testing.T) {
	n := newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3())
	if err := n.virtual.Remove(t.Context()); err != nil || len(n.router.VirtualRouters()) != 0 {
		t.Errorf("Remove = %v, %d virtual routers", err, len(n.router.VirtualRouters()))
	}
}

func TestControlWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		a := run(t, newNode(t, lan, "192.0.2.1/24", v3(priority(200))))
		b := run(t, newNode(t, lan, "192.0.2.2/24", v3()))
		time.Sleep(5 * time.Second)
		if err := b.virtual.Force(0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Backup, vrrp.Active)
		if err := b.virtual.Resign(0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Active, vrrp.Backup)
		if err := a.virtual.SetPriority(50); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		wantStates(t, []*node{a.node, b.node}, vrrp.Backup, vrrp.Active)

		cfg := vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"}
		cfg.Addresses = prefixes("192.0.2.100/24", "192.0.2.101/24")
		before := len(b.addrs.Calls())
		if err := b.virtual.Reconfigure(cfg); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !slices.Equal(b.addrs.Held(), cfg.Addresses) {
			t.Errorf("holds %v", b.addrs.Held())
		}
		touched := func(c viptest.Call) bool { return c.Op != vip.OpLease }
		if calls := b.addrs.Calls()[before:]; len(calls) == 0 || !slices.Equal(calls[0].Addrs, cfg.Addresses[1:]) || slices.ContainsFunc(calls, touched) {
			t.Errorf("an address in both configurations was touched: %v", calls)
		}
		cfg.Link = "eth1"
		var value *vrrp.ValueError
		if err := b.virtual.Reconfigure(cfg); !errors.As(err, &value) {
			t.Errorf("Reconfigure to another link = %v", err)
		}
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
		if err := b.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestForceWithoutLink(t *testing.T) {
	n := newNode(t, netiftest.New(netiftest.Config{}), "192.0.2.1/24", v3())
	if err := n.virtual.Force(0); !errors.Is(err, vrrp.ErrNotReady) {
		t.Errorf("Force = %v", err)
	}
}

func TestAddRefuses(t *testing.T) {
	lan := netiftest.New(netiftest.Config{})
	n := newNode(t, lan, "192.0.2.1/24", v3())
	good := func() vrrp.VirtualRouterConfig {
		return vrrp.VirtualRouterConfig{Config: seven(), Link: "eth0"}
	}
	for name, spoil := range map[string]func(*vrrp.VirtualRouterConfig){
		"the same VRID on the link": func(c *vrrp.VirtualRouterConfig) { c.VRID = 51 },
		"another one's address":     func(c *vrrp.VirtualRouterConfig) { c.Addresses = prefixes("192.0.2.100/32") },
		"no VRID":                   func(c *vrrp.VirtualRouterConfig) { c.VRID = 0 },
		"no link":                   func(c *vrrp.VirtualRouterConfig) { c.Link = "" },
		"no address":                func(c *vrrp.VirtualRouterConfig) { c.Addresses = nil },
		"mixed families":            func(c *vrrp.VirtualRouterConfig) { c.Addresses = prefixes("192.0.2.1/32", "fe80::1/128") },
		"an address twice":          func(c *vrrp.VirtualRouterConfig) { c.Excluded = c.Addresses },
		"a multicast address":       func(c *vrrp.VirtualRouterConfig) { c.Addresses = prefixes("224.0.0.1/32") },
		"IPv6 in version 2":         func(c *vrrp.VirtualRouterConfig) { c.Version, c.Addresses = vrrp.V2, prefixes("fe80::1/128") },
		"no link-local address":     func(c *vrrp.VirtualRouterConfig) { c.Addresses = prefixes("2001:db8::1/128") },
		"version 4":                 func(c *vrrp.VirtualRouterConfig) { c.Version = 4 },
		"an interval of 5 ms":       func(c *vrrp.VirtualRouterConfig) { c.Interval = 5 * time.Millisecond },
		"a negative delay":          func(c *vrrp.VirtualRouterConfig) { c.PreemptDelay = -1 },
		"a negative hold":           func(c *vrrp.VirtualRouterConfig) { c.StartupHold = -1 },
		"negative intervals":        func(c *vrrp.VirtualRouterConfig) { c.DownIntervals = -1 },
		"a negative burst":          func(c *vrrp.VirtualRouterConfig) { c.Announcements.Burst = -1 },
		"a negative refresh":        func(c *vrrp.VirtualRouterConfig) { c.Announcements.Refresh = -1 },
		"a source of IPv6":          func(c *vrrp.VirtualRouterConfig) { c.Source = netip.MustParseAddr("fe80::1") },
		"a group of IPv6":           func(c *vrrp.VirtualRouterConfig) { c.Group = vrrp.GroupIPv6() },
		"a checksum form":           func(c *vrrp.VirtualRouterConfig) { c.Checksum = vrrp.ChecksumPseudoGroup },
		"a password in version 3":   func(c *vrrp.VirtualRouterConfig) { c.AuthType = vrrp.AuthPassword },
		"an authentication type":    func(c *vrrp.VirtualRouterConfig) { c.AuthType = 7 },
	} {
		t.Run(name, func(t *testing.T) {
			c := good()
			spoil(&c)
			_, err := n.router.Add(c)
			var value *vrrp.ValueError
			if !errors.As(err, &value) {
				t.Errorf("Add = %v", err)
			}
		})
	}
	c := good()
	c.Link = "eth9"
	if _, err := n.router.Add(c); err != nil {
		t.Errorf("a link that isn't there yet: %v", err)
	}
	if _, err := n.router.Add(good()); err != nil {
		t.Errorf("a good one: %v", err)
	}
	if _, err := vrrp.NewRouter(vrrp.RouterConfig{}); err == nil {
		t.Error("a router without a network")
	}
	if _, err := vrrp.NewRouter(vrrp.RouterConfig{Network: n.host.Network(), Workers: -1}); err == nil {
		t.Error("a router without workers")
	}
}

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		lan := netiftest.New(netiftest.Config{})
		host := lan.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.1/24")})
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Logger: slog.New(slog.NewTextHandler(&out, nil))})
		if err != nil {
			t.Fatal(err)
		}
		cfg := vrrp.VirtualRouterConfig{Config: v2(), Name: "web", Link: "eth0", Backend: &viptest.Memory{}, AuthType: vrrp.AuthPassword, AuthData: password(t, "geheim")}
		v, err := router.Add(cfg)
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, &node{host: host, router: router, virtual: v})
		time.Sleep(5 * time.Second)
		for range 1000 {
			lan.Inject(netiftest.Packet{Src: netip.MustParseAddr("192.0.2.9"), Dst: vrrp.GroupIPv4(), HopLimit: 64, Payload: []byte("geheim??")})
			time.Sleep(10 * time.Millisecond)
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
		log := out.String()
		for _, want := range []string{
			`msg="state changed" virtual_router=web from=Initialize to=Backup reason=startup`,
			`msg="state changed" virtual_router=web from=Backup to=Active reason="no advertisement heard"`,
			`msg="packet rejected" link=eth0 source=192.0.2.9 reason="vrrp: wrong hop limit: 64, want 255" suppressed=0`,
		} {
			if !strings.Contains(log, want) {
				t.Errorf("the log lacks %s:\n%s", want, log)
			}
		}
		if n := strings.Count(log, "packet rejected"); n > 2 {
			t.Errorf("%d lines for 1000 packets", n)
		}
		if strings.Contains(log, "geheim") {
			t.Error("the log shows the password")
		}
	})
}

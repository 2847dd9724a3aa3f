// SPDX-License-Identifier: Apache-2.0

package netiftest_test

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// waited returns how long Wait took, to a deadline after d or without one for d of 0.
func waited(n *netiftest.Network, d time.Duration) time.Duration {
	start := time.Now()
	until := time.Time{}
	if d > 0 {
		until = start.Add(d)
	}
	n.Wait(until)
	return time.Since(start)
}

// TestWait: a Wait ends at its deadline, when it is woken, and when something arrives.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: time.Second})
		host := lan.Host("a", netiftest.Link{})
		n := host.Network()
		port, err := n.Attach("eth0", group4)
		if err != nil {
			t.Fatal(err)
		}
		inject := func() { lan.Inject(netiftest.Packet{Dst: group4, Payload: []byte("hello")}) }
		drain := func() {
			n.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) {})
			n.Wake()
			n.Wait(time.Time{})
		}
		for _, test := range []struct {
			name     string
			event    func() // in a second
			until    time.Duration
			want     time.Duration
			spurious bool // may return at the event, and again
		}{
			{name: "deadline", until: time.Minute, want: time.Minute},
			{name: "wake", event: n.Wake, until: time.Minute, want: time.Second},
			{name: "wake without deadline", event: n.Wake, want: time.Second},
			{name: "deadline before wake", event: n.Wake, until: time.Millisecond, want: time.Millisecond},
			{name: "link", event: func() { _ = host.SetLink("eth0", true) }, want: time.Second},
			{name: "attach", event: func() { n.Detach(port); _, _ = n.Attach("eth0", group6); _, _ = n.Attach("eth0", group4) }, want: time.Second},
			{name: "packet under way", event: inject, until: time.Minute, want: 2 * time.Second, spurious: true},
		} {
			drain()
			if test.event != nil {
				timer := time.AfterFunc(time.Second, test.event)
				defer timer.Stop()
			}
			took := waited(n, test.until)
			if test.spurious && took < test.want {
				took += waited(n, test.until)
			}
			if took != test.want {
				t.Errorf("%s: took %v, want %v", test.name, took, test.want)
			}
			time.Sleep(time.Minute)
		}
	})
}

// TestWakeBeforeWait: the next Wait returns at once, the one after that doesn't.
func TestWakeBeforeWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := netiftest.New(netiftest.Config{}).Host("a").Network()
		n.Wake()
		n.Wake()
		if took := waited(n, time.Minute); took != 0 {
			t.Errorf("took %v after a Wake", took)
		}
		if took := waited(n, time.Minute); took != time.Minute {
			t.Errorf("took %v, want a minute", took)
		}
	})
}

// TestWaitSeesWhatHasArrived: a packet that arrived before Wait ends it at once.
func TestWaitSeesWhatHasArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{})
		n := lan.Host("a", netiftest.Link{}).Network()
		if _, err := n.Attach("eth0", group4); err != nil {
			t.Fatal(err)
		}
		lan.Inject(netiftest.Packet{Dst: group4})
		n.Wait(time.Time{}) // may be for the wake
		if took := waited(n, 0); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}

// TestRouterInBubble runs two routers as a program would, by the clock of package time: the first leaves, the second
// takes its place.
func TestRouterInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := netiftest.New(netiftest.Config{Delay: time.Millisecond})
		run := func(addr string, priority uint8) (*vrrp.VirtualRouter, func()) {
			host := lan.Host(addr, netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix(addr)}})
			router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network()})
			if err != nil {
				t.Fatal(err)
			}
			virtual, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Config: vrrp.Config{
				VRID: 7, Priority: priority, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/24")}}})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				if err := router.Run(ctx); err != nil {
					t.Error(err)
				}
			}()
			return virtual, func() { cancel(); <-ended }
		}
		a, stopA := run("192.0.2.1/24", 200)
		b, stopB := run("192.0.2.2/24", 100)
		time.Sleep(10 * time.Second)
		if a.Status().State != vrrp.Active || b.Status().State != vrrp.Backup {
			t.Errorf("a is %v, b is %v", a.Status().State, b.Status().State)
		}
		stopA()
		time.Sleep(time.Second)
		if state := b.Status().State; state != vrrp.Active {
			t.Errorf("b is %v after a has left", state)
		}
		stopB()
	})
}

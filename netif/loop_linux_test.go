// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// openHere returns a network of the namespace of the test process, which is enough for what needs no links.
func openHere(t *testing.T) *netif.Network {
	t.Helper()
	n, err := netif.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func TestWakeBeforeWait(t *testing.T) {
	n := openHere(t)
	for range 3 {
		n.Wake()
		n.Wake() // counts once
		n.Wait(time.Time{})
	}
}

func TestWakeEndsWait(t *testing.T) {
	n := openHere(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100_000 {
				n.Wake()
			}
		})
	}
	var mu sync.Mutex
	ended := false
	go func() {
		wg.Wait()
		mu.Lock()
		ended = true
		mu.Unlock()
		n.Wake() // none of the many before may have used this one up
	}()
	for {
		n.Wait(time.Time{})
		mu.Lock()
		is := ended
		mu.Unlock()
		if is {
			return
		}
	}
}

func TestWaitEndsInTime(t *testing.T) {
	n := openHere(t)
	n.Wait(time.Now().Add(-time.Hour))
	end := time.Now().Add(20 * time.Millisecond)
	for time.Now().Before(end) { // Wait may return early
		n.Wait(end)
	}
}

func TestBindSetsTimerSlack(t *testing.T) {
	n := openHere(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // so that it is the same thread after unbind
		defer runtime.UnlockOSThread()
		before, _ := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
		unbind, err := n.Bind()
		if err != nil {
			t.Error(err)
			return
		}
		if slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err != nil || slack != 1 {
			t.Errorf("slack %d ns, error %v", slack, err)
		}
		unbind()
		if slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err != nil || slack != before {
			t.Errorf("slack %d ns after unbind, %d before, error %v", slack, before, err)
		}
	}()
	<-done
}

func TestClose(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	within(t, lab.Host("n1"), func() error {
		before := openFiles(t)
		n, err := netif.Open(nil)
		if err != nil {
			return err
		}
		for _, group := range []netip.Addr{group4, group6} {
			if _, err := n.Attach("eth0", group); err != nil {
				return err
			}
		}
		up := 0
		n.Links(func(_ int, is bool, _ []netip.Addr, err error) {
			if !is {
				t.Error(err)
			}
			up++
		})
		if up != 2 {
			t.Errorf("%d ports up", up)
		}
		if err := errors.Join(n.Close(), n.Close()); err != nil {
			t.Error(err)
		}
		if after := openFiles(t); after != before {
			t.Errorf("%d open files before, %d after", before, after)
		}

		n.Wake()
		n.Wait(time.Time{}) // returns
		n.Links(func(int, bool, []netip.Addr, error) { t.Error("report about a port") })
		n.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) { t.Error("packet") })
		n.Queue(0, [6]byte{}, netip.Addr{}, netip.Addr{}, nil)
		n.Flush(func(_ int, err error) { t.Error(err) })
		n.Detach(0)
		if err := n.Announce(t.Context(), "eth0", [6]byte{}, []netip.Addr{vip4}); !errors.Is(err, netif.ErrNotAttached) {
			t.Errorf("announce: error %v", err)
		}
		if _, err := n.Attach("eth0", group4); !errors.Is(err, net.ErrClosed) {
			t.Errorf("attach: error %v", err)
		}
		return nil
	})
}

func TestAttachIsCounted(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	within(t, lab.Host("n1"), func() error {
		n := openHere(t)
		attach := func(link string, group netip.Addr, want int) {
			t.Helper()
			if port, err := n.Attach(link, group); err != nil || port != want {
				t.Errorf("attach %s %v: port %d, want %d, error %v", link, group, port, want, err)
			}
		}
		reported := func() (ports []int) {
			n.Links(func(port int, _ bool, _ []netip.Addr, _ error) { ports = append(ports, port) })
			return ports
		}
		attach("eth0", group4, 0)
		attach("eth0", group6, 1)
		attach("eth0", group4, 0)
		attach("absent", group4, 2)
		if got := reported(); len(got) != 3 {
			t.Errorf("reported ports %v", got)
		}
		if got := reported(); len(got) != 0 {
			t.Errorf("reported ports %v, though nothing changed", got)
		}
		files := openFiles(t)
		n.Detach(0)
		if got := openFiles(t); got != files {
			t.Error("a port that is still attached was closed")
		}
		n.Detach(0)
		for end := time.Now().Add(patience); openFiles(t) != files-2; time.Sleep(time.Millisecond) { // in the background
			if time.Now().After(end) {
				t.Fatalf("%d files closed by the last detach, want 2", files-openFiles(t))
			}
		}
		n.Detach(0)
		n.Detach(77)
		attach("eth1", group6, 0)
		attach("eth0", group4, 3)
		if got := reported(); len(got) != 2 {
			t.Errorf("reported ports %v", got)
		}
		return nil
	})
}

func TestConfigAndArgumentsAreChecked(t *testing.T) {
	for _, cfg := range []netif.Config{{DSCP: 64}, {Announce: -1}, {Announce: 3}, {RealTime: netif.RealTime{Priority: -1}}, {RealTime: netif.RealTime{Priority: 100}}} {
		if n, err := netif.Open(&cfg); err == nil {
			n.Close()
			t.Errorf("%+v: no error", cfg)
		}
	}
	n := openHere(t)
	for _, link := range []string{"", "sixteen-is-above"} {
		if _, err := n.Attach(link, group4); err == nil {
			t.Errorf("link %q: no error", link)
		}
	}
	for _, group := range []string{"10.0.0.1", "fe80::1", "255.255.255.255"} {
		if _, err := n.Attach("eth0", netip.MustParseAddr(group)); err == nil {
			t.Errorf("group %s: no error", group)
		}
	}
	if _, err := n.Attach("eth0", netip.Addr{}); err == nil {
		t.Error("no group: no error")
	}
}

// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif"
)

// openHere opens the links of the host.
func openHere(t *testing.T) *netif.Network {
	t.Helper()
	n, err := netif.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func TestLinkByName(t *testing.T) {
	l, err := netif.LinkByName("lo0")
	if errors.Is(err, netif.ErrNoLink) {
		t.Skip(err)
	}
	if err != nil || l.Name != "lo0" || l.Index == 0 || l.MTU == 0 || l.MAC != [6]byte{} || len(l.IPv4) != 0 {
		t.Errorf("link %+v, error %v", l, err)
	}
	if _, err := netif.LinkByName("no such link"); !errors.Is(err, netif.ErrNoLink) {
		t.Errorf("error %v", err)
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

// TestWakeEndsWait also when Receive looked at what there is in between.
func TestWakeEndsWait(t *testing.T) {
	n := openHere(t)
	for range 100 {
		n.Wake()
		n.Receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte) {})
		n.Wait(time.Time{})
	}
}

func TestAttachNeedsPrivileges(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root has them")
	}
	if _, err := openHere(t).Attach("lo0", netip.MustParseAddr("224.0.0.18")); !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v", err)
	}
}

// TestLinksMustBeEthernet: the loopback interface is none.
func TestLinksMustBeEthernet(t *testing.T) {
	n := openHere(t)
	port, err := n.Attach("lo0", netip.MustParseAddr("224.0.0.18"))
	if err != nil {
		t.Skip(err)
	}
	n.Links(func(p int, up bool, _ []netip.Addr, err error) {
		if p != port || up || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("port %d, up %v, error %v", p, up, err)
		}
	})
	if err := n.Announce(t.Context(), "lo0", [6]byte{}, []netip.Addr{netip.MustParseAddr("192.0.2.1")}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("announce: error %v", err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// succession is a keeper that others take the place of.
type succession struct {
	t      *testing.T
	h      *netlab.Host
	cfg    vip.KeeperConfig
	change func(*vip.Device)
	*keeping
}

// next has another keeper take the place, by way of what two processes have in common.
func (s *succession) next() *keeping {
	s.t.Helper()
	old, heir := s.keeping, keepDevice(s.t, s.h, "eth0", s.cfg, s.change)
	claim, err := old.Claim()
	if err != nil || claim == nil {
		s.t.Fatalf("claim %v, %v", claim, err)
	}
	defer claim.Close()
	legacy, end, err := old.HandOver(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	err = heir.Inherit(legacy, claim)
	end(err == nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.keeping = heir
	return old
}

// TestKeeperHandsOver: one keeper after the other has the same addresses, which nobody touches; each can
// renew their leases, put them back and remove them, and those before it can't.
func TestKeeperHandsOver(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	for name, change := range map[string]func(*vip.Device){"marks": func(*vip.Device) {}, "no marks": vip.WithoutMarks} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			all := service()
			s := &succession{t: t, h: h, cfg: vip.KeeperConfig{StateDir: t.TempDir()}, change: change}
			s.keeping = keepDevice(t, h, "eth0", s.cfg, change)
			s.mustLease(time.Minute, all[:3]...)
			s.mustAdd(all[3])
			var gone []netip.Prefix
			stop := watchRemovals(t, h, func(p netip.Prefix) { gone = append(gone, p) })
			for i := range 5 {
				old := s.next()
				if err := old.Lease(t.Context(), all[:1], time.Minute); err == nil {
					t.Error("the old one leases still")
				}
				s.mustLease(time.Minute, all[:3]...)
				if i%2 == 0 {
					old.close()
				}
				s.mustNotHaveTold(vip.EventForeign, vip.EventSwept, vip.EventLost, vip.EventRestored)
			}
			if stop(); len(gone) > 0 {
				t.Errorf("removed in the meantime: %v", gone)
			}
			somebody(t, h, netlink.AddrDel, all[0])
			s.mustTell(vip.EventRestored, all[0])
			s.mustRemove(all...)
			if !holdsNone(t, h, all...) {
				t.Errorf("held are %v", addresses(t, h))
			}
		})
	}
}

// TestKeeperHandOverFails: an old keeper that isn't taken over goes on, whatever became of the new one.
func TestKeeperHandOverFails(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	old := keep(t, h, "eth0", vip.KeeperConfig{})
	old.mustAdd(all...)
	heir := keep(t, h, "eth0", vip.KeeperConfig{})
	legacy, end, err := old.HandOver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := old.HandOver(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second hand-over meanwhile: %v", err)
	}
	somebody(t, h, netlink.AddrDel, all[0])
	end(false)
	old.mustTell(vip.EventRestored, all[0])
	other, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	theirs, err := heir.Claim()
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	for what, claim := range map[string]*os.File{"none": nil, "a file": other, "one to another mark": theirs} {
		if err := heir.Inherit(legacy, claim); err == nil {
			t.Errorf("inherited with %s for a claim", what)
		}
	}
	heir.close()
	if !holds(t, h, all...) {
		t.Errorf("held are %v", addresses(t, h))
	}
	old.close()
	if !holdsNone(t, h, all...) {
		t.Errorf("left behind: %v", addresses(t, h))
	}
	if _, _, err := old.HandOver(t.Context()); err == nil {
		t.Error("a closed keeper hands over")
	}
}

// TestKeeperHandOverOfUnwished: what the new one doesn't go on to wish for is its to remove; and the old one
// may still remove what it is asked to.
func TestKeeperHandOverOfUnwished(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	all := service()
	s := &succession{t: t, h: h, change: func(*vip.Device) {}}
	s.keeping = keep(t, h, "eth0", vip.KeeperConfig{})
	s.mustAdd(all...)
	old := s.next()
	s.mustRemove(all[0])
	s.mustAdd(all[2])
	if err := old.Remove(t.Context(), all[:3]); err != nil {
		t.Errorf("Remove by the old one: %v", err)
	}
	s.mustTell(vip.EventRestored, all[2])
	if !holdsNone(t, h, all[:2]...) || !holds(t, h, all[2:]...) {
		t.Errorf("held are %v", addresses(t, h))
	}
	s.close()
	if !holdsNone(t, h, all...) {
		t.Errorf("left behind: %v", addresses(t, h))
	}
}

// TestKeeperRefusesALegacy a legacy that no keeper of the device has left.
func TestKeeperRefusesALegacy(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	claim, err := k.Claim()
	if err != nil {
		t.Fatal(err)
	}
	defer claim.Close()
	form := `{"protocol":"vip","version":%d,"state":{"made":0,"device":"%s","mark":%d,"wishes":[{"prefix":%q}]}}`
	for legacy, version := range map[string]bool{
		"": false,
		fmt.Sprintf(form, 2, "eth0", 112, "192.0.2.1/32"): true,
		fmt.Sprintf(form, 1, "eth1", 112, "192.0.2.1/32"): false,
		fmt.Sprintf(form, 1, "eth0", 3, "192.0.2.1/32"):   false,
		fmt.Sprintf(form, 1, "eth0", 112, "224.0.0.1/32"): false,
		fmt.Sprintf(form, 1, "eth0", 112, ""):             false,
	} {
		if err := k.Inherit([]byte(legacy), claim); err == nil || errors.Is(err, vip.ErrLegacy) != version {
			t.Errorf("%s: %v", legacy, err)
		}
	}
	k.mustAdd(service()...)
}

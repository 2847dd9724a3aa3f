// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/netif/check"
)

func TestLinkMissing(t *testing.T) {
	err := check.Link("absent0")(limited(t))
	if !errors.Is(err, netif.ErrNoLink) || !strings.Contains(err.Error(), "absent0") {
		t.Error(err)
	}
}

// TestLink follows a link through all that can happen to it.
func TestLink(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	look := check.Link("eth0")
	within(t, lab.Host("n1"), func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		want := func(when string, sentinel error) {
			t.Helper()
			if err := look(limited(t)); !errors.Is(err, sentinel) {
				t.Errorf("%s: %v, want %v", when, err, sentinel)
			}
		}
		want("at first", nil)
		must(t, netlink.LinkSetDown(eth0))
		want("down", netif.ErrLinkDown)
		must(t, netlink.LinkSetUp(eth0))
		wantSoon(t, look)

		must(t, netlink.LinkSetDown(eth0))
		must(t, netlink.LinkSetName(eth0, "other0"))
		want("renamed", netif.ErrNoLink)
		must(t, netlink.LinkSetName(eth0, "eth0"))
		must(t, netlink.LinkSetUp(eth0))
		wantSoon(t, look)

		must(t, netlink.LinkDel(eth0))
		want("removed", netif.ErrNoLink)
		return nil
	})
}

// TestFieldReport78 takes a link away and back many times in a row: what counts is what it is in the end.
func TestFieldReport78(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	look := check.Link("eth0")
	within(t, lab.Host("n1"), func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		for range 20 {
			must(t, netlink.LinkSetDown(eth0))
			must(t, netlink.LinkSetUp(eth0))
		}
		wantSoon(t, look)
		must(t, netlink.LinkSetDown(eth0))
		if err := look(limited(t)); !errors.Is(err, netif.ErrLinkDown) {
			t.Errorf("down in the end: %v", err)
		}
		return nil
	})
}

// within runs a function in a host of a lab.
func within(t *testing.T, h *netlab.Host, f func() error) {
	t.Helper()
	if err := h.Do(f); err != nil {
		t.Error(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

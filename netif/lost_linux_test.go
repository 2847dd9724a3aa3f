// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// flap takes the carrier away from the other end of a switch port, and gives it back.
func flap(port int) error {
	result := make(chan error)
	go func() { // in the namespace of the switch
		l, err := netlink.LinkByIndex(port)
		if err == nil {
			err = errors.Join(netlink.LinkSetDown(l), netlink.LinkSetUp(l))
		}
		result <- err
	}()
	return <-result
}

// switchPort returns the index of the switch port that eth0 of a host is plugged into.
func switchPort(t *testing.T, h *netlab.Host) (index int) {
	t.Helper()
	within(t, h, func() error {
		index = eth("eth0").Attrs().ParentIndex
		return nil
	})
	return index
}

// kept reports whether of some sockets exactly that many are still there.
func kept(before, after []string, count int) bool {
	for _, s := range after {
		if slices.Contains(before, s) {
			count--
		}
	}
	return len(after) == len(before) && count == 0
}

// TestLostMessages has more happen than the socket can hold while nobody reads, a short loss of carrier at the
// end of it.
func TestLostMessages(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	var log bytes.Buffer
	within(t, lab.Host("n1"), func() error {
		n, err := netif.Open(&netif.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			return err
		}
		defer n.Close()
		port, err := n.Attach("eth0", group4)
		if err != nil {
			return err
		}
		if _, err := n.Attach("lo", group4); err != nil { // nothing happens there
			return err
		}
		var addrs []netip.Addr
		reports := make(map[int]int)
		look := func() {
			n.Links(func(number int, _ bool, list []netip.Addr, _ error) {
				reports[number]++
				if number == port {
					addrs = slices.Clone(list)
				}
			})
		}
		look()
		h, err := netlink.NewHandle()
		if err != nil {
			return err
		}
		before := socketInodes(t)
		e := eth("eth0")
		extra, last := address("10.77.0.1/32"), address("10.77.0.2/32")
		for range 20000 {
			if err := errors.Join(h.AddrAdd(e, extra), h.AddrDel(e, extra)); err != nil {
				return err
			}
		}
		if err := flap(e.Attrs().ParentIndex); err != nil {
			return err
		}
		if err := errors.Join(h.AddrAdd(e, last), h.AddrDel(e, address("10.0.0.71/24"))); err != nil {
			return err
		}
		want := []netip.Addr{netip.MustParseAddr("10.77.0.2")}
		waitUntil(t, n, "right addresses", func() bool {
			look()
			return slices.Equal(addrs, want)
		})
		waitUntil(t, n, "new socket on eth0, and the old one on lo", func() bool {
			look()
			return kept(before, socketInodes(t), 1)
		})
		if len(reports) != 2 || reports[port+1] < 2 {
			t.Errorf("reports %v: not of every port", reports)
		}
		err = n.Close() // the log is written then
		if !strings.Contains(log.String(), "lost") {
			t.Errorf("no message was lost: %s", log.String())
		}
		return err
	})
}

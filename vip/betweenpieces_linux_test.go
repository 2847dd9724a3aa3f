// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// asked is a context that calls a function whenever it is asked whether it has ended.
type asked struct {
	context.Context
	f func()
}

func (c *asked) Err() error {
	c.f()
	return c.Context.Err()
}

// deafToLinks has the kernel tell a watch of nothing but addresses.
func deafToLinks(w *watch) error {
	code := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_ABS, K: 4},
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: swapped16(unix.RTM_NEWADDR), Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K},
		{Code: unix.BPF_RET | unix.BPF_K, K: 1 << 30},
	}
	return unix.SetsockoptSockFprog(w.conn.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
}

// TestDeviceGoesBetweenPieces: the device goes while the second of two pieces is still to be done. Of its addresses the
// kernel tells before it tells of the device: nobody removed them.
func TestDeviceGoesBetweenPieces(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	h := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	var k *Keeper
	var events []KeeperEvent
	late := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "late0"}}
	err := h.Do(func() error {
		err := netlink.LinkAdd(late)
		if err != nil {
			return err
		}
		d, err := Open("late0", nil)
		if err != nil {
			return err
		}
		t.Cleanup(func() { d.Close() })
		k, err = Keep(d, &KeeperConfig{OnLoss: LossReport, Event: func(e KeeperEvent) { events = append(events, e) }})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []netip.Prefix
	for i := range 2 * maxBatch {
		all = append(all, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 7, byte(i >> 8), byte(i)}), 32))
	}
	if err := k.Lease(t.Context(), all, time.Hour); err != nil {
		t.Fatal(err)
	}
	before, asks, gone := k.device.sys.conn.count, 0, false
	ctx := &asked{t.Context(), func() {
		if k.device.sys.conn.count-before < maxBatch || gone {
			return
		}
		// First before the first piece is sent, then before what the kernel has told is read.
		if asks++; asks == 2 {
			gone = true
			if err := errors.Join(deafToLinks(k.sys.watch), h.Do(func() error { return netlink.LinkDel(late) })); err != nil {
				t.Error(err)
			}
		}
	}}
	err = k.Lease(ctx, all, time.Hour)
	if !gone || !errors.Is(err, ErrNoDevice) || errors.Is(err, ErrLost) {
		t.Errorf("error %.200v", err)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	for _, e := range events {
		if e.Kind == EventLost {
			t.Errorf("event %v about %d addresses", e.Kind, len(e.Addrs))
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// TestWatchIsToldOfOneDevice has addresses added to two devices by two sockets: a watch is told of one device only, and
// not of those requests of one socket that say that it knows.
func TestWatchIsToldOfOneDevice(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	var told []string
	err := lab.Host("n1").Do(func() error {
		own, other := dialTest(t), dialTest(t)
		w, err := newWatch()
		if err != nil {
			return err
		}
		defer w.close()
		eth0, err := own.link(t.Context(), "eth0")
		if err != nil {
			return err
		}
		lo, err := own.link(t.Context(), "lo")
		if err != nil {
			return err
		}
		w.only(eth0.index, own.number())
		put := func(c *conn, l link, kind uint16, address string) {
			o := &order{prefix: netip.MustParsePrefix(address), life: forever, replace: true}
			c.ask(appendNewAddr(c.sending, l.index, o), kind)
			if answers := c.exchange(t.Context(), noMore); answers[0].err != nil {
				t.Errorf("%s: %v", address, answers[0].err)
			}
		}
		put(own, eth0, rtseq.Plain, "10.9.0.1/32")
		put(own, eth0, rtseq.Addition, "10.9.0.2/32")
		put(own, eth0, rtseq.Renewal, "10.9.0.1/32")
		put(own, lo, rtseq.Plain, "10.9.0.3/32")
		put(other, eth0, rtseq.Addition, "10.9.0.4/32")
		put(other, eth0, rtseq.Renewal, "10.9.0.2/32")
		_, err = w.drain(t.Context(), func(m syscall.NetlinkMessage) {
			if h, ok := parseHeld(m.Data); ok && m.Header.Type == unix.RTM_NEWADDR {
				told = append(told, h.prefix.String())
			}
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"10.9.0.1/32", "10.9.0.4/32", "10.9.0.2/32"}; !slices.Equal(told, want) {
		t.Errorf("told of %v, want %v", told, want)
	}
}

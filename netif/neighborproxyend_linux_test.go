// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// newStillProxy returns a proxy on a link that reads nothing, with what it logs.
func newStillProxy(t *testing.T, link string) (*neighborProxy, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	p := &neighborProxy{name: link, log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), groups: -1,
		addrs: map[netip.Addr][6]byte{}, done: make(chan struct{}), end: make(chan struct{})}
	close(p.done) // there is no goroutine
	if err := p.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return p, &log
}

// TestNeighborProxyAnswersNothingAfterClose: a solicitation that was read before comes to nothing, for the number of the
// socket may be another's by then.
func TestNeighborProxyAnswersNothingAfterClose(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	p, log := newStillProxy(t, "eth0")
	addr := netip.MustParseAddr("fd00::100")
	if err := errors.Join(p.answer(addr, [6]byte{2, 0, 0, 0, 0, 1}), p.close()); err != nil {
		t.Fatal(err)
	}
	p.reply(frame.Solicitation{Target: addr, Source: netip.MustParseAddr("fd00::1"), MAC: [6]byte{2, 0, 0, 0, 0, 2}})
	if log.Len() > 0 {
		t.Errorf("it was answered: %s", log)
	}
}

// TestNeighborProxyFailsTheSameTwice: an address whose solicitations can't be heard is an error each time.
func TestNeighborProxyFailsTheSameTwice(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	p, _ := newStillProxy(t, "eth0")
	p.index = 1 << 30 // there is no such link
	for range 2 {
		if err := p.answer(netip.MustParseAddr("fd00::100"), [6]byte{}); err == nil {
			t.Error("answered for")
		}
	}
}

// TestNeighborProxyKnowsRoutersOfLinksMadeAnew: whether the host forwards is asked of the link that there is.
func TestNeighborProxyKnowsRoutersOfLinksMadeAnew(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	host := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	var p *neighborProxy
	made := func(when string, change func() error) {
		t.Helper()
		err := host.Do(change)
		if there, router := p.attach(), p.forwarding.isRouter(); err != nil || !there || !router {
			t.Errorf("%s: on the link %t, router %t, error %v", when, there, router, err)
		}
	}
	err := host.Do(func() error {
		p, _ = newStillProxy(t, "anew")
		return os.WriteFile("/proc/sys/net/ipv6/conf/all/forwarding", []byte("1"), 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "anew"}, PeerName: "other"}
	made("at first", func() error { return netlink.LinkAdd(veth) })
	made("again", func() error { return errors.Join(netlink.LinkDel(veth), netlink.LinkAdd(veth)) })
}

// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
)

// patience bounds every wait for an event; nothing is measured against it.
const patience = 30 * time.Second

// await waits until a condition holds.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// buffer is a log that can be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// live is a host of ours in a network namespace, with the kernel's links and
// addresses.
type live struct {
	node
	buffer
	network *netif.Network
	device  *vip.Device
	backend carp.Backend
	close   func() error // of what the addresses are on
	end     context.CancelFunc
	done    <-chan struct{}
}

// startLive runs a host with one virtual host until the test ends or it is stopped.
func startLive(t *testing.T, h *netlab.Host, cfg carp.VirtualHostConfig) *live {
	t.Helper()
	l := &live{}
	ctx, cancel := context.WithCancel(t.Context())
	l.end = cancel
	opened := make(chan error, 1)
	l.done = h.Go(func() {
		err := l.open(cfg)
		if opened <- err; err != nil {
			return
		}
		if err := errors.Join(l.carp.Run(ctx), l.close(), l.network.Close()); err != nil {
			t.Errorf("host %s: %v", h.Name(), err)
		}
	})
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.stop)
	return l
}

// open makes what is on the host, in its network namespace.
func (l *live) open(cfg carp.VirtualHostConfig) (err error) {
	if l.network, err = netif.Open(nil); err != nil {
		return err
	}
	if err = l.openBackend(&cfg); err != nil {
		return err
	}
	l.carp, err = carp.NewHost(carp.HostConfig{Network: l.network, Logger: slog.New(slog.NewTextHandler(&l.buffer, nil)), Trace: carp.Trace{Transition: l.changed}})
	if err != nil {
		return err
	}
	cfg.Link, cfg.Backend = "eth0", l.backend
	l.virtual, err = l.carp.Add(cfg)
	return err
}

// openBackend opens what the addresses are on: the link, held true by a keeper, or an
// interface that has the virtual MAC.
func (l *live) openBackend(cfg *carp.VirtualHostConfig) (err error) {
	name := "eth0"
	var macvlan *netif.Macvlan
	if cfg.VirtualMAC {
		if macvlan, err = netif.AddMacvlan(netif.MacvlanConfig{Parent: "eth0", VRID: cfg.VHID}); err != nil {
			return err
		}
		name = macvlan.Name()
	}
	if l.device, err = vip.Open(name, nil); err != nil {
		return err
	}
	l.close = l.device.Close
	if macvlan != nil {
		l.backend = vip.NewRaiser(l.device, macvlan)
		l.close = func() error { return errors.Join(l.device.Close(), macvlan.Remove()) }
		return nil
	}
	keeper, err := vip.Keep(l.device, nil)
	if err != nil {
		return err
	}
	l.backend = keeper
	l.close = func() error { return errors.Join(keeper.Close(), l.device.Close()) }
	return nil
}

// stop stops the host as planned.
func (l *live) stop() {
	l.end()
	<-l.done
}

// holds reports whether a host has all of the addresses, or none.
func holds(t *testing.T, h *netlab.Host, addrs []netip.Prefix) (all, none bool) {
	t.Helper()
	have, err := h.Addresses(0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, a := range addrs {
		if slices.ContainsFunc(have, func(p netip.Prefix) bool { return p.Addr() == a.Addr() }) {
			n++
		}
	}
	return n == len(addrs), n == 0
}

// awaitHolder waits until the addresses are on one host and on it alone.
func awaitHolder(t *testing.T, holder, other *netlab.Host, addrs []netip.Prefix) {
	t.Helper()
	await(t, fmt.Sprint("addresses on ", holder.Name(), " alone"), func() bool {
		all, _ := holds(t, holder, addrs)
		_, none := holds(t, other, addrs)
		return all && none
	})
}

// liveConfig has three IPv4 and two IPv6 addresses.
func liveConfig(t *testing.T, skew uint8) carp.VirtualHostConfig {
	return carp.VirtualHostConfig{Key: key(t, "mekmitasdigoat"), Config: carp.Config{VHID: 1, AdvSkew: skew, Preempt: true,
		Addresses: prefixes("10.0.0.100/24", "10.0.0.101/24", "10.9.0.1/32", "2001:db8::100/64", "2001:db8::101/128")}}
}

// wire notes who sends advertisements of the protocol by which source and
// destination address.
type wire struct {
	mu   sync.Mutex
	seen map[string]int
}

func watchWire(t *testing.T, lab *netlab.Lab) *wire {
	t.Helper()
	w := &wire{seen: map[string]int{}}
	stop, err := lab.Capture(func(_ time.Time, frame []byte) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(frame) < 14+40 {
			return
		}
		switch ip := frame[14:]; {
		case binary.BigEndian.Uint16(frame[12:]) == 0x0800 && ip[9] == carp.Protocol:
			w.seen[net.HardwareAddr(frame[6:12]).String()]++
			w.seen[fmt.Sprint(netip.AddrFrom4([4]byte(ip[12:])), " to ", netip.AddrFrom4([4]byte(ip[16:])))]++
		case binary.BigEndian.Uint16(frame[12:]) == 0x86dd && ip[6] == carp.Protocol:
			w.seen[fmt.Sprint("link-local to ", netip.AddrFrom16([16]byte(ip[24:])))]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return w
}

// sees reports whether an advertisement has been seen.
func (w *wire) sees(line string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[line] > 0
}

// linkLocal waits for a host's link-local address.
func linkLocal(t *testing.T, h *netlab.Host) (addr netip.Addr) {
	t.Helper()
	await(t, "link-local address of "+h.Name(), func() bool {
		all, err := h.Addresses(0)
		i := slices.IndexFunc(all, func(p netip.Prefix) bool { return p.Addr().IsLinkLocalUnicast() })
		if err != nil || i < 0 {
			return false
		}
		addr = all[i].Addr()
		return true
	})
	return addr
}

// TestLive runs two hosts against each other: planned stop of the better, its return
// by preemption, the failure of its link to the switch, and its return.
func TestLive(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, lab *netlab.Lab, c *carp.VirtualHostConfig){
		"Multicast": func(*testing.T, *netlab.Lab, *carp.VirtualHostConfig) {},
		"Unicast": func(t *testing.T, lab *netlab.Lab, c *carp.VirtualHostConfig) {
			for _, h := range []*netlab.Host{lab.Host("n1"), lab.Host("n2")} {
				c.Peers = append(c.Peers, h.Addr(0), linkLocal(t, h))
			}
		},
		"Strict": func(_ *testing.T, _ *netlab.Lab, c *carp.VirtualHostConfig) { c.Strict = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				testLive(t, change)
			}
		})
	}
}

func testLive(t *testing.T, change func(*testing.T, *netlab.Lab, *carp.VirtualHostConfig)) {
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	w := watchWire(t, lab)
	better, worse := liveConfig(t, 0), liveConfig(t, 100)
	change(t, lab, &better)
	change(t, lab, &worse)
	a := startLive(t, n1, better)
	awaitHolder(t, n1, n2, better.Addresses)
	b := startLive(t, n2, worse)
	await(t, "n2 hears n1 in both families", func() bool {
		s := b.virtual.Status()
		return s.Paths[0].HeardFrom == n1.Addr(0) && s.Paths[1].HeardFrom == linkLocal(t, n1)
	})
	a.stop()
	awaitHolder(t, n2, n1, better.Addresses)
	if last := b.last(); last.Reason != carp.ReasonBowOut {
		t.Errorf("took over for %v", last)
	}
	a = startLive(t, n1, better)
	awaitHolder(t, n1, n2, better.Addresses)
	if err := n1.Unplug(); err != nil {
		t.Fatal(err)
	}
	await(t, "take-over", func() bool { all, _ := holds(t, n2, better.Addresses); return all })
	if err := n1.Plug(); err != nil {
		t.Fatal(err)
	}
	awaitHolder(t, n1, n2, better.Addresses)
	wantWire(t, w, better.Peers, n1, n2)
	for name, l := range map[string]*live{"n1": a, "n2": b} {
		if s := l.carp.Stats(); s.Rejected > 0 || s.SendErrors > 0 {
			t.Errorf("%s: %+v\n%s", name, s, l.String())
		}
		l.stop()
	}
	_, none1 := holds(t, n1, better.Addresses)
	if _, none2 := holds(t, n2, better.Addresses); !none1 || !none2 {
		t.Error("addresses are left behind")
	}
}

// wantWire checks where advertisements went to.
func wantWire(t *testing.T, w *wire, peers []netip.Addr, n1, n2 *netlab.Host) {
	t.Helper()
	v4, v6 := carp.GroupIPv4(), carp.GroupIPv6()
	if len(peers) > 0 {
		v4, v6 = n2.Addr(0), linkLocal(t, n2)
	}
	for _, line := range []string{fmt.Sprint(n1.Addr(0), " to ", v4), fmt.Sprint("link-local to ", v6)} {
		if !w.sees(line) {
			t.Errorf("not seen: %s", line)
		}
	}
	if group := fmt.Sprint(n1.Addr(0), " to ", carp.GroupIPv4()); len(peers) > 0 && w.sees(group) {
		t.Errorf("seen: %s", group)
	}
}

// TestLiveVirtualMAC: the hosts share the MAC address too. While they are rivals each
// hears the other, whose packets come from an address that it has itself.
func TestLiveVirtualMAC(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	w := watchWire(t, lab)
	n1 := lab.Host("n1")
	config := func(skew uint8) carp.VirtualHostConfig {
		c := liveConfig(t, skew)
		c.VirtualMAC, c.Addresses = true, prefixes("10.0.0.100/24", "10.0.0.101/24")
		return c
	}
	a := startLive(t, n1, config(0))
	await(t, "n1 has the addresses", func() bool { return a.has(t) == 2 })
	b := startLive(t, lab.Host("n2"), config(100))
	await(t, "n2 hears n1", func() bool { return b.virtual.Status().Peer == n1.Addr(0) })
	if err := n1.Unplug(); err != nil {
		t.Fatal(err)
	}
	await(t, "n2 takes over", func() bool { return b.has(t) == 2 })
	if err := n1.Plug(); err != nil {
		t.Fatal(err)
	}
	await(t, "n2 yields", func() bool { return a.has(t) == 2 && b.has(t) == 0 })
	a.stop()
	await(t, "n2 takes over again", func() bool { return b.has(t) == 2 })
	if last := b.last(); last.Reason != carp.ReasonBowOut {
		t.Errorf("%v", last)
	}
	b.stop()
	if macs := w.macs(); len(macs) != 1 || macs["00:00:5e:00:01:01"] == 0 {
		t.Errorf("advertisements came from %v", macs)
	}
	if s := b.carp.Stats(); s.Rejected > 0 || s.SendErrors > 0 {
		t.Errorf("%+v\n%s", s, b.String())
	}
}

// has returns how many of the service addresses the device has.
func (l *live) has(t *testing.T) (n int) {
	t.Helper()
	list, err := l.device.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// macs returns the MAC addresses that IPv4 advertisements came from.
func (w *wire) macs() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := map[string]int{}
	for line, n := range w.seen {
		if strings.Count(line, ":") == 5 && !strings.Contains(line, " ") {
			list[line] = n
		}
	}
	return list
}

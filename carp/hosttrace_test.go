// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// tracing returns a trace that writes down all but the packets sent and received.
func tracing(note func(format string, args ...any)) carp.Trace {
	return carp.Trace{
		Transition: func(_ *carp.VirtualHost, t carp.Transition) { note("%v", t) },
		Sent:       func(_ *carp.VirtualHost, r carp.Rank) { note("sent %v", r) },
		Received: func(_ *carp.VirtualHost, src netip.Addr, adv *carp.Advertisement, _ carp.Match) {
			note("received %d/%d from %v", adv.AdvBase, adv.AdvSkew, src)
		},
		Rejected: func(link string, src netip.Addr, err *carp.PacketError) {
			note("rejected on %s from %v: %v", link, src, err)
		},
		WrongDigest: func(_ *carp.VirtualHost, w carp.WrongDigest) {
			note("wrong digest from %v: %v", w.Source, w.Explanation)
		},
		Notice: func(_ *carp.VirtualHost, n carp.Notice) { note("notice: %v", n) },
	}
}

// failing is an announcer that can't.
type failing struct{}

func (failing) Announce(context.Context, string, [6]byte, []netip.Addr) error {
	return errors.New("no room")
}

// A trace sees what happens, and the log tells of odd peers and of failures.
func TestTraceAndLog(t *testing.T) {
	var out bytes.Buffer
	var trace []string
	sim := newSimulation()
	n := newNodeOf(t, sim.LAN, 2, func(h *carp.HostConfig) {
		h.Logger, h.Announcer = slog.New(slog.NewTextHandler(&out, nil)), failing{}
		h.Trace = tracing(func(format string, args ...any) { trace = append(trace, fmt.Sprintf(format, args...)) })
	}, config())
	sim.Drive(n.host, n.carp)
	sim.Run(3500 * time.Millisecond)
	inject := func(src netip.Addr, adv carp.Advertisement) {
		sim.Inject(netiftest.Packet{Src: src, Dst: carp.GroupIPv4(), HopLimit: 255, Payload: n.sign(t, adv)})
		sim.Run(time.Millisecond)
	}
	inject(ipv4(9), carp.Advertisement{AdvBase: 1, AdvSkew: 200, Counter: 1})
	inject(ipv4(2), carp.Advertisement{AdvBase: 1, AdvSkew: 200, Counter: 2})
	n.cfg.Key = key(t, "")
	inject(ipv4(9), carp.Advertisement{AdvBase: 1, AdvSkew: 200, Counter: 3})
	want := []string{
		"Init -> Backup: startup", "sent advbase 1 advskew 100", "Backup -> Master: master timed out",
		"received 1/200 from 192.0.2.9", "notice: competing master",
		"rejected on eth0 from 192.0.2.2: carp: own packet",
		"rejected on eth0 from 192.0.2.9: carp: wrong digest", "wrong digest from 192.0.2.9: no passphrase: peer has [192.0.2.100]",
	}
	if diff := cmp.Diff(want, trace); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
	for _, line := range []string{
		`msg="odd advertisement" virtual_host="eth0 VHID 42" notice="competing master" peer=192.0.2.9`,
		`msg="addresses not announced" virtual_host="eth0 VHID 42" error="no room"`,
		`msg="packet rejected" link=eth0 source=192.0.2.2 reason="carp: own packet" suppressed=0`,
		`msg="wrong digest" virtual_host="eth0 VHID 42" source=192.0.2.9 cause="no passphrase: peer has [192.0.2.100]" suppressed=0`,
	} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("the log lacks %s:\n%s", line, &out)
		}
	}
	if s := n.virtual.Status().Stats; s.Competitors != 1 || s.Looped != 1 || s.DigestErrors != 1 || s.AnnouncementErrors == 0 || s.BecameMaster != 1 {
		t.Errorf("%+v", s)
	}
}

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		lan := netiftest.New(netiftest.Config{})
		host := lan.Host("a", linkOf(1, "eth0", ""))
		h, err := carp.NewHost(carp.HostConfig{Network: host.Network(), Logger: slog.New(slog.NewTextHandler(&out, nil))})
		if err != nil {
			t.Fatal(err)
		}
		v, err := h.Add(carp.VirtualHostConfig{Config: config(), Name: "web", Link: "eth0", Backend: &viptest.Memory{}, Key: key(t, "geheim")})
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, &node{host: host, carp: h, virtual: v})
		time.Sleep(5 * time.Second)
		for range 1000 {
			lan.Inject(netiftest.Packet{Src: stranger, Dst: carp.GroupIPv4(), HopLimit: 64, Payload: []byte("geheim??")})
			time.Sleep(10 * time.Millisecond)
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
		log := out.String()
		for _, want := range []string{
			`msg="state changed" virtual_host=web from=Init to=Backup reason=startup`,
			`msg="state changed" virtual_host=web from=Backup to=Master reason="master timed out"`,
			`msg="state changed" virtual_host=web from=Master to=Init reason=shutdown`,
			`msg="packet rejected" link=eth0 source=192.0.2.9 reason="carp: wrong hop limit: 64, want 255" suppressed=0`,
		} {
			if !strings.Contains(log, want) {
				t.Errorf("the log lacks %s:\n%s", want, log)
			}
		}
		if n := strings.Count(log, "packet rejected"); n > 2 {
			t.Errorf("%d lines for 1000 packets", n)
		}
		if strings.Contains(log, "geheim") {
			t.Error("the log shows the passphrase")
		}
	})
}

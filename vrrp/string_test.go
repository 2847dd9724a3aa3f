// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Every value of an enumeration has a text of its own, and one that isn't in it
// says its number.
func TestStrings(t *testing.T) {
	for name, text := range map[string]func(i uint8) string{
		"state":         func(i uint8) string { return vrrp.State(i).String() },
		"reason":        func(i uint8) string { return vrrp.Reason(i).String() },
		"fault":         func(i uint8) string { return vrrp.Fault(i).String() },
		"notice":        func(i uint8) string { return vrrp.Notice(i).String() },
		"checksum form": func(i uint8) string { return vrrp.ChecksumForm(i).String() },
	} {
		seen := map[string]bool{}
		for i := range 256 {
			s := text(uint8(i))
			if s == "" || seen[s] {
				t.Errorf("%s %d: text %q", name, i, s)
			}
			seen[s] = true
		}
		if s := text(200); !strings.Contains(s, "200") {
			t.Errorf("%s 200: %q", name, s)
		}
	}
	if got := vrrp.V2.String(); got != "version 2" {
		t.Errorf("%q", got)
	}
}

func TestPacketErrorText(t *testing.T) {
	for want, err := range map[string]vrrp.PacketError{
		"vrrp: wrong checksum: sum 0x1234, want 0xffff": {Fault: vrrp.FaultChecksum, Got: 0x1234, Want: 0xffff},
		"vrrp: wrong length: 36, want 44":               {Fault: vrrp.FaultLength, Got: 36, Want: 44},
		"vrrp: unknown virtual router: 7":               {Fault: vrrp.FaultVRID, Got: 7},
		"vrrp: wrong password":                          {Fault: vrrp.FaultAuthData},
		"vrrp: own packet":                              {Fault: vrrp.FaultLooped, Got: 51},
		"vrrp: not taking part":                         {Fault: vrrp.FaultInitialize, Got: 51},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAuthDataIsHiddenInLogs(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "data", password(t, "geheim"), "adv", vrrp.Advertisement{AuthData: password(t, "geheim")})
	if strings.Contains(out.String(), "geheim") || !strings.Contains(out.String(), "(hidden)") {
		t.Error(out.String())
	}
	out.Reset()
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "config", vrrp.VirtualRouterConfig{AuthData: password(t, "geheim")}, "adv", vrrp.Advertisement{AuthData: password(t, "geheim")})
	if strings.Count(out.String(), `"AuthData":"(hidden)"`) != 2 {
		t.Error(out.String())
	}
	if s := password(t, "geheim").String(); s != "(hidden)" {
		t.Error(s)
	}
}

// A trace sees what happens, and the log tells of odd peers and of failures.
func TestTraceAndLog(t *testing.T) {
	var out bytes.Buffer
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.2/24")})
	var trace []string
	note := func(format string, args ...any) { trace = append(trace, fmt.Sprintf(format, args...)) }
	router, err := vrrp.NewRouter(vrrp.RouterConfig{
		Network: host.Network(), Now: sim.Now, Logger: slog.New(slog.NewTextHandler(&out, nil)), Announcer: failing{},
		Trace: vrrp.Trace{
			Transition: func(v *vrrp.VirtualRouter, t vrrp.Transition) { note("%v", t) },
			Sent:       func(v *vrrp.VirtualRouter, priority uint8) { note("sent %d", priority) },
			Received: func(v *vrrp.VirtualRouter, src netip.Addr, adv *vrrp.Advertisement) {
				note("received %d from %v", adv.Priority, src)
			},
			Rejected: func(link string, src netip.Addr, err *vrrp.PacketError) {
				note("rejected on %s from %v: %v", link, src, err)
			},
			Notice: func(v *vrrp.VirtualRouter, n vrrp.Notice) { note("notice: %v", n) },
		}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Config: v3()})
	if err != nil {
		t.Fatal(err)
	}
	sim.Drive(host, router)
	sim.Run(5 * time.Second)
	adv := vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 50, Interval: 2 * time.Second, Addresses: addrs("192.0.2.101")}
	inject := func(src string) {
		b, err := adv.Append(nil, netip.MustParseAddr(src), vrrp.GroupIPv4(), vrrp.ChecksumMessage)
		if err != nil {
			t.Fatal(err)
		}
		sim.Inject(netiftest.Packet{Src: netip.MustParseAddr(src), Dst: vrrp.GroupIPv4(), HopLimit: 255, Payload: b})
		sim.Run(time.Millisecond)
	}
	inject("192.0.2.9")
	inject("192.0.2.2")
	want := []string{
		"Initialize -> Backup: startup", "sent 100", "Backup -> Active: no advertisement heard", "sent 100",
		"received 50 from 192.0.2.9", "notice: peer has other addresses", "notice: peer has another interval", "notice: competing active router", "sent 100",
		"rejected on eth0 from 192.0.2.2: vrrp: own packet",
	}
	if strings.Join(trace, "\n") != strings.Join(want, "\n") {
		t.Errorf("trace:\n%s\nwant:\n%s", strings.Join(trace, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range []string{
		`msg="odd advertisement" virtual_router="eth0 IPv4 VRID 51" notice="peer has other addresses" peer=192.0.2.9`,
		`msg="addresses not announced" virtual_router="eth0 IPv4 VRID 51" error="no room"`,
		`reason="vrrp: own packet"`,
	} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("the log lacks %s:\n%s", line, out.String())
		}
	}
	if s := v.Status().Stats; s.AddressListMismatches != 1 || s.IntervalMismatches != 1 || s.Competitors != 1 || s.Looped != 1 || s.AnnouncementErrors == 0 || s.BecameActive != 1 {
		t.Errorf("%+v", s)
	}
}

// failing is an announcer that can't.
type failing struct{}

func (failing) Announce(context.Context, string, [6]byte, []netip.Addr) error {
	return errors.New("no room")
}

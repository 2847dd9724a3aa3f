// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// line returns a command.
func line(words ...any) keepalived.Command {
	return keepalived.Command{Argv: []string{fmt.Sprint(words...)}}
}

// virtual returns a virtual server with real servers of these weights, 10.0.0.1 and so on, each with one check.
func virtual(weights ...int) keepalived.VirtualServer {
	v := keepalived.VirtualServer{
		Name: "10.0.0.100 80", Endpoints: []keepalived.Endpoint{{Addr: netip.MustParseAddrPort("10.0.0.100:80")}},
		Protocol: keepalived.TCP, Scheduler: "wlc", Method: keepalived.DR, Quorum: 1,
		QuorumUp: line("quorum up"), QuorumDown: line("quorum down"),
	}
	for i, w := range weights {
		addr := netip.MustParseAddrPort(fmt.Sprintf("10.0.0.%d:80", i+1))
		v.Servers = append(v.Servers, keepalived.RealServer{
			Addr: addr, Weight: w, Method: keepalived.DR, Checks: []keepalived.Check{{Kind: keepalived.CheckTCP, Addr: addr, Interval: 10 * time.Second, Timeout: time.Second}},
			NotifyUp: line("up ", i+1), NotifyDown: line("down ", i+1),
		})
	}
	return v
}

func withSorry(v keepalived.VirtualServer) keepalived.VirtualServer {
	v.Sorry = &keepalived.RealServer{Addr: netip.MustParseAddrPort("10.0.0.9:80"), Weight: 1, Method: keepalived.DR}
	return v
}

// state returns the servers that a pool wishes for, by the last octet, with their weights.
func state(p *pool) string {
	var words []string
	for _, s := range p.wishes()[0].servers {
		words = append(words, fmt.Sprintf("%d:%d", s.addr.Addr().As4()[3], s.weight))
	}
	return strings.Join(words, " ")
}

// called returns the commands of changes.
func called(changes []change) string {
	var words []string
	for _, c := range changes {
		if len(c.command.Argv) > 0 {
			words = append(words, strings.Join(c.command.Argv, " "))
		}
	}
	return strings.Join(words, ", ")
}

// step is what a check of a server says, and what is wanted then.
type step struct {
	server        int // from 1
	up            bool
	state, called string
}

// TestPool takes pools through what checks say.
func TestPool(t *testing.T) {
	inhibited := virtual(5, 5)
	inhibited.Servers[0].Inhibit = true
	flapping := withSorry(virtual(1, 1, 1, 1))
	flapping.Quorum, flapping.Hysteresis = 3, 1
	sorryInhibit := withSorry(virtual(1))
	sorryInhibit.SorryInhibit = true
	for _, c := range []struct {
		name  string
		v     keepalived.VirtualServer
		begin string
		steps []step
	}{
		{"one fails and returns", virtual(50, 50), "1:50 2:50", []step{
			{1, false, "2:50", "down 1"}, {1, false, "2:50", ""}, {1, true, "1:50 2:50", "up 1"}, {1, true, "1:50 2:50", ""}}},
		{"all fail", virtual(50, 50), "1:50 2:50", []step{
			{1, false, "2:50", "down 1"}, {2, false, "", "down 2, quorum down"}, {2, true, "2:50", "up 2, quorum up"}}},
		{"all fail, with a sorry server", withSorry(virtual(50, 50)), "1:50 2:50", []step{
			{1, false, "2:50", "down 1"}, {2, false, "9:1", "down 2, quorum down"}, {1, true, "1:50", "up 1, quorum up"}, {2, true, "1:50 2:50", "up 2"}}},
		{"inhibit_on_failure", inhibited, "1:5 2:5", []step{{1, false, "1:0 2:5", "down 1"}, {1, true, "1:5 2:5", "up 1"}}},
		{"sorry_server_inhibit", sorryInhibit, "1:1 9:0", []step{{1, false, "9:1", "down 1, quorum down"}, {1, true, "1:1 9:0", "up 1, quorum up"}}},
		{"quorum with hysteresis", flapping, "1:1 2:1 3:1 4:1", []step{
			{1, false, "2:1 3:1 4:1", "down 1"}, {2, false, "3:1 4:1", "down 2"}, {3, false, "9:1", "down 3, quorum down"},
			{3, true, "9:1", "up 3"}, {2, true, "9:1", "up 2"}, {1, true, "1:1 2:1 3:1 4:1", "up 1, quorum up"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, changes := newPool(c.v, nil)
			if state(p) != c.begin || called(changes) != "quorum up" {
				t.Errorf("at the start: %q, %q", state(p), called(changes))
			}
			for i, s := range c.steps {
				if got := called(p.report(s.server-1, 0, verdict{up: s.up}, nil)); got != s.called || state(p) != s.state {
					t.Errorf("step %d: %q, called %q, want %q, %q", i+1, state(p), got, s.state, s.called)
				}
			}
		})
	}
}

// TestPoolAlpha has servers down until their checks have succeeded.
func TestPoolAlpha(t *testing.T) {
	v := withSorry(virtual(1))
	v.Servers[0].Alpha = true
	v.Servers[0].Checks = append(v.Servers[0].Checks, keepalived.Check{Kind: keepalived.CheckPing})
	p, changes := newPool(v, nil)
	if state(p) != "9:1" || changes != nil {
		t.Errorf("at the start: %q, %v", state(p), changes)
	}
	if got := called(p.report(0, 1, verdict{up: true}, nil)); got != "" || state(p) != "9:1" {
		t.Errorf("after one check: %q, %q", state(p), got)
	}
	if got := called(p.report(0, 0, verdict{up: true}, nil)); got != "up 1, quorum up" || state(p) != "1:1" {
		t.Errorf("after both: %q, %q", state(p), got)
	}
}

// TestPoolDynamic has a check change the weight, within what the kernel takes, and with it the quorum.
func TestPoolDynamic(t *testing.T) {
	v := virtual(10, 10)
	v.Quorum = 15
	p, _ := newPool(v, nil)
	for _, c := range []struct {
		delta         int
		state, called string
	}{
		{5, "1:15 2:10", ""}, {-7, "1:3 2:10", "quorum down"}, {-100, "1:0 2:10", ""}, {1 << 20, "1:65535 2:10", "quorum up"},
	} {
		if got := called(p.report(0, 0, verdict{true, c.delta}, nil)); got != c.called || state(p) != c.state {
			t.Errorf("%d: %q, %q", c.delta, state(p), got)
		}
	}
}

// TestPoolOmega calls what is up down at the end.
func TestPoolOmega(t *testing.T) {
	v := virtual(1, 1)
	p, _ := newPool(v, nil)
	if got := p.end(); got != nil {
		t.Errorf("without omega: %v", got)
	}
	v.Omega = true
	p, _ = newPool(v, nil)
	p.report(0, 0, verdict{}, nil)
	if got := called(p.end()); got != "down 2, quorum down" {
		t.Errorf("with omega: %q", got)
	}
}

// TestPoolReload keeps what checks have said that are still there, and nothing else.
func TestPoolReload(t *testing.T) {
	former, _ := newPool(virtual(1, 1, 1), nil)
	for i := range 3 {
		former.report(i, 0, verdict{}, nil)
	}
	v := virtual(2, 1, 1, 1)
	v.Servers[0].Line, v.Servers[0].Checks[0].Line = 7, 8 // it stands elsewhere
	v.Servers[2].Checks[0].Interval = time.Second         // it is another check
	p, changes := newPool(v, former)
	if state(p) != "3:1 4:1" || called(changes) != "quorum up" {
		t.Errorf("%q, %q", state(p), called(changes))
	}
}

// TestService translates what a virtual server says of its service.
func TestService(t *testing.T) {
	v := virtual(1)
	v.Persistence, v.PersistenceBits, v.Engine, v.OnePacket, v.Flags = 5*time.Second, 24, "sip", true, []int{1, 3}
	v.Endpoints = []keepalived.Endpoint{{Mark: 7, IPv6: true}}
	got := newService(&v, v.Endpoints[0])
	want := service{serviceKey{v.Endpoints[0], 0}, "wlc", flagPersistent | flagOnePacket | 0x8 | 0x20, 5, 24, "sip"}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestServerPorts gives a server without a port that of the endpoint, and with NAT only another one.
func TestServerPorts(t *testing.T) {
	v := virtual(1)
	v.Servers[0].Addr = netip.MustParseAddrPort("10.0.0.1:0")
	v.Servers = append(v.Servers, v.Servers[0], v.Servers[0])
	v.Servers[1].Addr = netip.MustParseAddrPort("10.0.0.2:8080")
	v.Servers[2].Addr, v.Servers[2].Method = netip.MustParseAddrPort("10.0.0.3:8080"), keepalived.NAT
	v.Endpoints = append(v.Endpoints, keepalived.Endpoint{Addr: netip.MustParseAddrPort("10.0.0.100:81")}, keepalived.Endpoint{Mark: 7})
	p, _ := newPool(v, nil)
	var got []string
	for _, w := range p.wishes() {
		for _, s := range w.servers {
			got = append(got, s.addr.String())
		}
	}
	want := strings.Fields("10.0.0.1:80 10.0.0.2:80 10.0.0.3:8080 10.0.0.1:81 10.0.0.2:81 10.0.0.3:8080 10.0.0.1:0 10.0.0.2:8080 10.0.0.3:8080")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPoolLeave calls the commands for servers that are up and not in another file any more.
func TestPoolLeave(t *testing.T) {
	former, _ := newPool(virtual(50, 50, 50), nil)
	former.report(1, 0, verdict{}, nil)
	next, _ := newPool(virtual(50), former)
	for _, c := range []struct {
		next *pool
		want string
	}{{former, ""}, {next, "down 3"}, {nil, "down 1, down 3, quorum down"}} {
		if got := called(former.leave(c.next)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

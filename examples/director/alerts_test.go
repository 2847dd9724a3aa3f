// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// posted returns what alerts have posted, and forgets it.
func posted(a *alerts) []string {
	var list []string
	for _, l := range a.mailer.waiting {
		list = append(list, l.subject+": "+l.body)
	}
	a.mailer.waiting = nil
	return list
}

// TestAlertsStates wants the words of keepalived for each state of an instance and a group, once each.
func TestAlertsStates(t *testing.T) {
	a := newAlerts(&keepalived.Mail{Instances: []string{"A"}, Groups: []string{"G"}}, quiet())
	tell := func(kind vrrp.EventKind, name string, state vrrp.State, why vrrp.Reason, stopping bool) {
		a.follow(vrrp.Event{Kind: kind, Name: name, State: state, Transition: vrrp.Transition{Reason: why}}, stopping)
	}
	for range 2 {
		tell(vrrp.EventTransition, "A", vrrp.Backup, 0, false)
	}
	tell(vrrp.EventTransition, "A", vrrp.Active, 0, false)
	tell(vrrp.EventTransition, "B", vrrp.Active, 0, false)
	tell(vrrp.EventTransition, "A", vrrp.Initialize, 0, false)
	tell(vrrp.EventTransition, "A", vrrp.Initialize, vrrp.ReasonShutdown, true)
	tell(vrrp.EventGroup, "G", vrrp.Active, 0, false)
	tell(vrrp.EventGroup, "G", vrrp.Initialize, 0, false)
	tell(vrrp.EventGroup, "G", vrrp.Initialize, 0, true)
	want := []string{
		"VRRP Instance A - Entering BACKUP state: => VRRP Instance is no longer owning VRRP VIPs <=",
		"VRRP Instance A - Entering MASTER state: => VRRP Instance is now owning VRRP VIPs <=",
		"VRRP Instance A - Entering FAULT state: => VRRP Instance is no longer owning VRRP VIPs <=",
		"VRRP Instance A - Stopping: => VRRP Instance stopping <=",
		"VRRP Group G - Entering MASTER state: => All VRRP group instances are now in MASTER state <=",
		"VRRP Group G - Entering FAULT state: => All VRRP group instances are now in FAULT state <=",
		"VRRP Group G - Stopping: => All VRRP group instances are now stopping <=",
	}
	if diff := cmp.Diff(want, posted(a)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	a.configure(&keepalived.Mail{Instances: []string{"A"}, NoFaults: true})
	tell(vrrp.EventTransition, "A", vrrp.Initialize, 0, false)
	a.configure(nil)
	tell(vrrp.EventTransition, "A", vrrp.Active, 0, false)
	if got := posted(a); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// TestAlertsServers wants the words of keepalived for servers and quorums.
func TestAlertsServers(t *testing.T) {
	v := virtual(5, 5)
	v.Alert, v.Servers[0].Alert, v.Quorum, v.Hysteresis, v.Omega = true, true, 6, 1, true
	http := keepalived.Check{Kind: keepalived.CheckHTTP}
	v.Servers[0].Checks = append(v.Servers[0].Checks, http)
	a := newAlerts(&keepalived.Mail{}, quiet())
	tell := func(changes []change) {
		for _, c := range changes {
			a.tell(c.notice)
		}
	}
	p, changes := newPool(v, nil)
	tell(changes)
	tell(p.report(0, 0, verdict{}, errDifferent))
	tell(p.report(0, 1, verdict{}, errDifferent))
	a.configure(&keepalived.Mail{NoCheckers: true})
	tell(p.report(0, 1, verdict{up: true}, nil))
	tell(p.report(0, 0, verdict{up: true}, nil))
	tell(p.report(1, 0, verdict{}, errDifferent)) // which tells nobody
	tell(p.end())
	want := []string{
		"Virtualserver [10.0.0.100]:tcp:80 - UP: => Starting with quorum up 6+0=6 <= 10 <=",
		"Realserver [10.0.0.1]:tcp:80 of virtual server [10.0.0.100]:tcp:80 - DOWN: => TCP CHECK failed on service <=",
		"Realserver [10.0.0.1]:tcp:80 of virtual server [10.0.0.100]:tcp:80 - DOWN: => CHECK failed on service : HTTP/SSL request failed <=",
		"Realserver [10.0.0.1]:tcp:80 of virtual server [10.0.0.100]:tcp:80 - UP: => TCP CHECK succeed on service <=",
		"Realserver [10.0.0.1]:tcp:80 of virtual server [10.0.0.100]:tcp:80 - DOWN: => Shutting down <=",
		"Virtualserver [10.0.0.100]:tcp:80 - DOWN: => Shutting down <=",
	}
	if diff := cmp.Diff(want, posted(a)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p, _ = newPool(virtual(5, 5), nil)
	p.config.Alert, p.config.Quorum, p.config.Hysteresis = true, 6, 0
	tell(p.report(1, 0, verdict{}, nil))
	if got := posted(a); len(got) != 1 || got[0] != "Virtualserver [10.0.0.100]:tcp:80 - DOWN: => Lost quorum 6-0=6 > 5 <=" {
		t.Errorf("%q", got)
	}
}

// TestAlertsNames names virtual servers as keepalived does.
func TestAlertsNames(t *testing.T) {
	for _, c := range []struct {
		v    keepalived.VirtualServer
		want string
	}{
		{keepalived.VirtualServer{Name: "group web"}, "[web]:0"},
		{keepalived.VirtualServer{Name: "fwmark 7"}, "FWM 7"},
		{keepalived.VirtualServer{Name: "fd00::10 53", Protocol: keepalived.UDP, Endpoints: []keepalived.Endpoint{{Addr: netip.MustParseAddrPort("[fd00::10]:53")}}}, "[fd00::10]:udp:53"},
	} {
		if got := poolName(&c.v); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestAlertsChecks wants the words of each kind of check.
func TestAlertsChecks(t *testing.T) {
	for _, c := range []struct {
		kind     keepalived.CheckKind
		err      error
		up, down string
	}{
		{keepalived.CheckTCP, errDifferent, "=> TCP CHECK succeed on service <=", "=> TCP CHECK failed on service <="},
		{keepalived.CheckUDP, errDifferent, "=> UDP CHECK succeed on service <=", "=> UDP CHECK failed on service <="},
		{keepalived.CheckSSL, errDifferent, "=> CHECK succeed on service <=", "=> CHECK failed on service : HTTP/SSL request failed <="},
		{keepalived.CheckSMTP, errors.New("x"), "=> CHECK succeed on service <=", "=> CHECK failed on service : x <="},
		{keepalived.CheckPing, errDifferent, "=> ICMP CHECK succeed on service <=", "=> ICMP CHECK failed on service <="},
		{keepalived.CheckDNS, errDifferent, "=> DNS_CHECK: succeed on service <=", "=> DNS_CHECK: failed on service <="},
		{keepalived.CheckMisc, context.DeadlineExceeded, "=> MISC CHECK succeeded on service <=", "=> MISC CHECK timed out on service <="},
		{keepalived.CheckFile, errDifferent, "=> FILE CHECK succeed on service <=", "=> FILE CHECK failed on service <="},
	} {
		if up, down := checkBody(c.kind, true, nil), checkBody(c.kind, false, c.err); up != c.up || down != c.down || strings.Contains(up, "failed") {
			t.Errorf("%s: %q, %q", c.kind, up, down)
		}
	}
}

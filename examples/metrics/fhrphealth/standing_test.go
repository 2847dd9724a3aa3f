// SPDX-License-Identifier: Apache-2.0

package fhrphealth

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/vrrp"
)

// What a Backup lacks.
const (
	never = "Backup, and has heard no advertisement yet"
	late  = "Backup, and has heard no advertisement for 3.001s"
)

func TestRouterLacks(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	down := errors.New("link is down")
	for _, c := range []struct {
		status vrrp.Status
		want   string
	}{
		{vrrp.Status{State: vrrp.Active}, ""},
		{vrrp.Status{State: vrrp.Initialize}, "Initialize"},
		{vrrp.Status{State: vrrp.Initialize, LinkError: down}, "Initialize: link is down"},
		{vrrp.Status{State: vrrp.Initialize, Barred: vrrp.ReasonMaintenance, LinkError: down}, "Initialize: maintenance"},
		{vrrp.Status{State: vrrp.Initialize, Barred: vrrp.ReasonTracker, BarredBy: "disk"}, "Initialize: tracked condition (disk)"},
		{vrrp.Status{State: vrrp.Backup, DownInterval: 3 * time.Second}, never},
		{vrrp.Status{State: vrrp.Backup, DownInterval: 3 * time.Second, HeardAt: now.Add(-3 * time.Second)}, ""},
		{vrrp.Status{State: vrrp.Backup, DownInterval: 3 * time.Second, HeardAt: now.Add(-3001 * time.Millisecond)}, late},
	} {
		if got := routerLacks(&c.status, now); got != c.want {
			t.Errorf("%+v: %q, want %q", c.status, got, c.want)
		}
	}
}

func TestHostLacks(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	heard := func(ago ...time.Duration) []carp.PathStatus {
		var paths []carp.PathStatus
		for _, d := range ago {
			paths = append(paths, carp.PathStatus{HeardAt: now.Add(-d)})
		}
		return paths
	}
	for _, c := range []struct {
		status carp.Status
		want   string
	}{
		{carp.Status{State: carp.Master}, ""},
		{carp.Status{State: carp.Init}, "Init"},
		{carp.Status{State: carp.Init, Paths: []carp.PathStatus{{}, {LinkError: errors.New("link is down")}}}, "Init: link is down"},
		{carp.Status{State: carp.Init, Barred: carp.ReasonGroup, BarredBy: "web"}, "Init: moved with its group (web)"},
		{carp.Status{State: carp.Backup, DownInterval: 3 * time.Second, Paths: []carp.PathStatus{{}, {}}}, never},
		{carp.Status{State: carp.Backup, DownInterval: 3 * time.Second, Paths: heard(3001*time.Millisecond, time.Hour)}, late},
		{carp.Status{State: carp.Backup, DownInterval: 3 * time.Second, Paths: heard(time.Hour, 3*time.Second)}, ""},
	} {
		if got := hostLacks(&c.status, now); got != c.want {
			t.Errorf("%+v: %q, want %q", c.status, got, c.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		all    []standing
		status int
		text   string
	}{
		{nil, http.StatusServiceUnavailable, "there is no virtual router\n"},
		{[]standing{{"a", "", true}, {"b", "", false}}, http.StatusOK, "ready: 2 virtual routers, 1 active\n"},
		{[]standing{{"a", "", true}, {"b", "Init", false}, {"c", never, false}}, http.StatusServiceUnavailable, "b: Init\nc: " + never + "\n"},
	} {
		if status, text := verdict(c.all); status != c.status || text != c.text {
			t.Errorf("%v: %d, %q, want %d, %q", c.all, status, text, c.status, c.text)
		}
	}
}

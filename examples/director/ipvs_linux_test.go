// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/vmtest"
)

// everyKind is virtual servers of every kind that the kernel's table has.
func everyKind() []keepalived.VirtualServer {
	ap := netip.MustParseAddrPort
	real4 := []keepalived.RealServer{{Addr: ap("10.0.0.41:80"), Weight: 5, Method: keepalived.DR, Upper: 9, Lower: 3}, {Addr: ap("10.0.0.42:80"), Weight: 0, Method: keepalived.DR}}
	real6 := []keepalived.RealServer{{Addr: ap("[fd00::41]:80"), Weight: 65535, Method: keepalived.DR}}
	one := func(addr string) []keepalived.Endpoint {
		return []keepalived.Endpoint{{Addr: ap(addr), IPv6: ap(addr).Addr().Is6()}}
	}
	return []keepalived.VirtualServer{
		{Name: "TCP", Endpoints: one("10.0.0.1:80"), Protocol: keepalived.TCP, Scheduler: "wlc", Servers: real4},
		{Name: "UDP", Endpoints: one("10.0.0.1:53"), Protocol: keepalived.UDP, Scheduler: "rr", OnePacket: true,
			Servers: []keepalived.RealServer{{Addr: ap("10.0.0.41:5353"), Weight: 1, Method: keepalived.NAT}}},
		{Name: "persistent", Endpoints: one("10.0.0.1:0"), Protocol: keepalived.TCP, Scheduler: "wrr", Persistence: 5 * time.Second, PersistenceBits: 24,
			Servers: []keepalived.RealServer{{Addr: ap("10.0.0.41:0"), Weight: 1, Method: keepalived.TUN}}},
		{Name: "flags", Endpoints: one("10.0.0.2:80"), Protocol: keepalived.TCP, Scheduler: "sh", Flags: []int{1, 2}, Servers: real4},
		{Name: "IPv6", Endpoints: one("[fd00::1]:80"), Protocol: keepalived.TCP, Scheduler: "wlc", Persistence: time.Minute, PersistenceBits: 64, Servers: real6},
		{Name: "mark", Endpoints: []keepalived.Endpoint{{Mark: 7}}, Protocol: keepalived.TCP, Scheduler: "rr", Servers: real4},
		{Name: "mark6", Endpoints: []keepalived.Endpoint{{Mark: 7, IPv6: true}}, Protocol: keepalived.TCP, Scheduler: "rr", Servers: real6},
	}
}

// inNamespace calls f in a network namespace.
func inNamespace(t *testing.T, f func(t *testing.T, h *netlab.Host)) {
	t.Helper()
	vmtest.Only(t)
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := netlabtest.New(t, netlab.Config{Hosts: []string{"d1"}}).Host("d1")
	if err := h.Do(func() error {
		f(t, h)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestKernelTable wants what was put into the kernel's table to be read back the same: a second time nothing is changed.
func TestKernelTable(t *testing.T) {
	inNamespace(t, func(t *testing.T, _ *netlab.Host) {
		table, err := openTable()
		if err != nil {
			t.Fatal(err)
		}
		defer table.close()
		var log bytes.Buffer
		r := newReconciler(table, slog.New(slog.NewTextHandler(&log, nil)))
		var all []wish
		for _, v := range everyKind() {
			p, _ := newPool(v, nil)
			all = append(all, p.wishes()...)
		}
		for i := range 2 {
			if err := r.apply(all); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(log.String(), "\n"); got != 7+10 {
				t.Errorf("%d changes in round %d:\n%s", got, i+1, log.String())
			}
		}
		for i := range all {
			all[i].scheduler = "wrr"
			all[i].flags &^= flagSched1 | flagSched1<<1
			all[i].servers = all[i].servers[:1]
			all[i].servers[0].weight = 3
		}
		if err := r.apply(all); err != nil {
			t.Fatal(err)
		}
		for _, w := range all {
			got, err := table.servers(w.service)
			if diff := cmp.Diff(w.servers, got, cmp.AllowUnexported(server{}), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); err != nil || diff != "" {
				t.Errorf("%v: %v (-want +got):\n%s", w.serviceKey, err, diff)
			}
		}
		if err := r.retire(nil); err != nil {
			t.Fatal(err)
		}
		if left, err := table.services(); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	})
}

// TestKernelSync starts and stops the sync daemons, twice each, and many times before they have run.
func TestKernelSync(t *testing.T) {
	inNamespace(t, func(t *testing.T, _ *netlab.Host) {
		daemons, err := openSync()
		if err != nil {
			t.Fatal(err)
		}
		defer daemons.close()
		s := &keepalived.SyncDaemon{Interface: "eth0", ID: 10, MaxLen: 1400, Port: 8849, TTL: 2, Group: netip.MustParseAddr("224.0.0.82")}
		for _, role := range []syncRole{syncMaster, syncBackup, syncMaster} {
			if err := daemons.start(role, s); err != nil {
				t.Errorf("start %v: %v", role, err)
			}
		}
		for _, role := range []syncRole{syncMaster, syncBackup, syncMaster} {
			if err := daemons.stop(role); err != nil {
				t.Errorf("stop %v: %v", role, err)
			}
		}
		for range 10 {
			if err := errors.Join(daemons.start(syncBackup, s), daemons.stop(syncBackup)); err != nil {
				t.Fatal(err)
			}
		}
		if err := daemons.start(syncMaster, &keepalived.SyncDaemon{Interface: "absent0"}); err == nil {
			t.Error("a daemon on an interface that is not there")
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/internal/routes"
)

// table is a kernel in memory.
type table struct {
	mu    sync.Mutex
	there map[string]bool
	calls int
}

func (k *table) Add(e routes.Entry) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.there[e.String()] {
		return os.ErrExist
	}
	k.there[e.String()] = true
	k.calls++
	return nil
}

func (k *table) Remove(e routes.Entry) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.there, e.String())
	k.calls++
	return nil
}

func (k *table) Close() error { return nil }

// want compares what is there, and how often it was touched since the last call.
func (k *table) want(t *testing.T, calls int, list ...string) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if diff := cmp.Diff(list, slices.Sorted(maps.Keys(k.there))); diff != "" || k.calls != calls {
		t.Errorf("%d calls, want %d; -want +got:\n%s", k.calls, calls, diff)
	}
	k.calls = 0
}

// routed is the file of one instance with routes.
func routed(name string, vrid int, lines ...string) string {
	return strings.Replace(one(name, 0, vrid, 100, ""), "virtual_ipaddress", "virtual_routes {\n"+strings.Join(lines, "\n")+"\n}\n virtual_ipaddress", 1)
}

// TestReloadRoutes applies the difference of routes without a packet or an address being touched. Only where there were none at
// all the virtual router begins anew.
func TestReloadRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, 1)
		k := &table{there: map[string]bool{}}
		b.roster.routes = routes.New(k, nil)
		b.apply(one("A", 0, 1, 100, "") + one("B", 0, 2, 100, ""))
		time.Sleep(10 * time.Second)
		first, other := b.roster.members.Get("A").router, b.roster.members.Get("B").router
		k.want(t, 0)

		b.apply(routed("A", 1, "blackhole 10.1.0.0/16", "blackhole 10.2.0.0/16") + one("B", 0, 2, 100, ""))
		time.Sleep(10 * time.Second)
		again := b.roster.members.Get("A").router
		if again == first || b.roster.members.Get("B").router != other {
			t.Error("A is the same one without hooks, or B isn't")
		}
		k.want(t, 2, "route blackhole 10.1.0.0/16", "route blackhole 10.2.0.0/16")

		before := b.calls()
		b.took()
		b.apply(routed("A", 1, "blackhole 10.2.0.0/16", "blackhole 10.3.0.0/16") + one("B", 0, 2, 100, ""))
		synctest.Wait()
		if sent := b.took(); len(sent) > 0 || b.roster.members.Get("A").router != again || !maps.Equal(before, b.calls()) {
			t.Errorf("the reload sent %v, or touched addresses", sent)
		}
		k.want(t, 2, "route blackhole 10.2.0.0/16", "route blackhole 10.3.0.0/16")

		b.apply(one("B", 0, 2, 100, ""))
		k.want(t, 2)
		b.apply(routed("A", 1, "blackhole 10.2.0.0/16") + one("B", 0, 2, 100, ""))
		time.Sleep(10 * time.Second)
		k.want(t, 1, "route blackhole 10.2.0.0/16")
		b.stop()
		k.want(t, 1)
	})
}

// TestInheritRoutesWhileReleasing: the routes of a virtual router that has given up its role, and keeps its addresses for
// a moment, go with those.
func TestInheritRoutesWhileReleasing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, 1)
		k := &table{there: map[string]bool{}}
		b.roster.routes = routes.New(k, nil)
		b.apply(routed("A", 1, "blackhole 10.1.0.0/16"))
		time.Sleep(10 * time.Second)
		k.want(t, 1, "route blackhole 10.1.0.0/16")
		a := b.roster.members.Get("A")
		if err := a.router.Resign(time.Minute); err != nil {
			t.Fatal(err)
		}
		s := a.router.Status()
		heir := &Daemon{router: b.roster.router, routes: routes.New(k, nil)}
		if err := heir.routes.Set("A", []keepalived.Route{{Type: keepalived.Blackhole, Dst: netip.MustParsePrefix("10.1.0.0/16"), Table: 254}}, nil); err != nil || len(s.Held) == 0 {
			t.Fatalf("held %v, %v", s.Held, err)
		}
		heir.inheritRoutes()
		if err := b.roster.routes.Abandon(func(string) bool { return true }, nil); err != nil {
			t.Error(err)
		}
		if err := heir.routes.Goes("A", s.Held); err != nil {
			t.Error(err)
		}
		k.want(t, 1)
		b.stop()
	})
}

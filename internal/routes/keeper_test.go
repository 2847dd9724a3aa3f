// SPDX-License-Identifier: Apache-2.0

package routes

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// table is a kernel in memory that notes what is asked of it.
type table struct {
	calls []string
	there map[string]bool
	fails map[string]error // by entry: what adding it leads to
}

func newTable() *table { return &table{there: map[string]bool{}, fails: map[string]error{}} }

func (k *table) Add(e Entry) error {
	name := e.String()
	switch {
	case k.fails[name] != nil:
		return k.fails[name]
	case k.there[name]:
		return os.ErrExist
	}
	k.there[name] = true
	k.calls = append(k.calls, "+ "+name)
	return nil
}

func (k *table) Remove(e Entry) error {
	name := e.String()
	k.calls = append(k.calls, "- "+name)
	if !k.there[name] {
		return os.ErrNotExist
	}
	delete(k.there, name)
	return nil
}

func (k *table) Close() error { return nil }

// want compares what was asked since the last call.
func (k *table) want(t *testing.T, lines ...string) {
	t.Helper()
	if diff := cmp.Diff(lines, k.calls); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	k.calls = nil
}

// blackholes returns routes to some networks.
func blackholes(list ...string) []keepalived.Route {
	var routes []keepalived.Route
	for _, s := range list {
		routes = append(routes, keepalived.Route{Type: keepalived.Blackhole, Dst: netip.MustParsePrefix(s), Table: 254})
	}
	return routes
}

func addrs(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// TestComeAndGo has routes, and rules after them, come with the first address and go before the last one, in reverse.
func TestComeAndGo(t *testing.T) {
	k := newTable()
	keeper := New(k, nil)
	rules := []keepalived.Rule{{Type: keepalived.Unicast, Table: 7, Priority: 5}}
	check(t, keeper.Set("A", blackholes("10.1.0.0/16", "10.2.0.0/16"), rules))
	check(t, keeper.Goes("A", addrs("10.0.0.1/24")))
	k.want(t)
	check(t, keeper.Came("A", addrs("10.0.0.1/24", "10.0.0.2/24")))
	k.want(t, "+ route blackhole 10.1.0.0/16", "+ route blackhole 10.2.0.0/16", "+ rule priority 5 table 7")
	check(t, keeper.Came("A", addrs("10.0.0.3/24")))
	check(t, keeper.Goes("A", addrs("10.0.0.1/24", "10.0.0.3/24")))
	k.want(t)
	check(t, keeper.Goes("A", addrs("10.0.0.2/24")))
	k.want(t, "- rule priority 5 table 7", "- route blackhole 10.2.0.0/16", "- route blackhole 10.1.0.0/16")
}

// TestDifference applies only what another file has different, and forgets.
func TestDifference(t *testing.T) {
	k := newTable()
	keeper := New(k, nil)
	check(t, keeper.Came("A", addrs("10.0.0.1/24")))
	k.want(t)
	check(t, keeper.Set("A", blackholes("10.1.0.0/16", "10.2.0.0/16"), nil))
	k.want(t, "+ route blackhole 10.1.0.0/16", "+ route blackhole 10.2.0.0/16")
	check(t, keeper.Set("A", blackholes("10.2.0.0/16", "10.3.0.0/16"), nil))
	k.want(t, "- route blackhole 10.1.0.0/16", "+ route blackhole 10.3.0.0/16")
	check(t, keeper.Set("B", blackholes("10.3.0.0/16"), nil))
	check(t, keeper.Forget("A"))
	k.want(t, "- route blackhole 10.3.0.0/16", "- route blackhole 10.2.0.0/16")
	check(t, keeper.Came("B", addrs("10.0.0.1/24")))
	k.want(t, "+ route blackhole 10.3.0.0/16")
	check(t, keeper.Close())
	k.want(t, "- route blackhole 10.3.0.0/16")
}

// TestShared has a route of two virtual routers stay as long as one of them is Active.
func TestShared(t *testing.T) {
	k := newTable()
	keeper := New(k, nil)
	for _, name := range []string{"A", "B"} {
		check(t, keeper.Set(name, blackholes("10.1.0.0/16"), nil))
		check(t, keeper.Came(name, addrs("10.0.0.1/24")))
	}
	check(t, keeper.Goes("A", addrs("10.0.0.1/24")))
	k.want(t, "+ route blackhole 10.1.0.0/16")
	check(t, keeper.Goes("B", addrs("10.0.0.1/24")))
	k.want(t, "- route blackhole 10.1.0.0/16")
}

// TestFailed goes on behind a route that can't be added, and tries it again with the next address.
func TestFailed(t *testing.T) {
	k := newTable()
	keeper := New(k, nil)
	down := errors.New("the network is down")
	k.fails["route blackhole 10.1.0.0/16"] = down
	check(t, keeper.Set("A", blackholes("10.1.0.0/16", "10.2.0.0/16"), nil))
	err := keeper.Came("A", addrs("10.0.0.1/24"))
	if !errors.Is(err, down) || !strings.Contains(err.Error(), "add route blackhole 10.1.0.0/16") {
		t.Error(err)
	}
	k.want(t, "+ route blackhole 10.2.0.0/16")
	delete(k.fails, "route blackhole 10.1.0.0/16")
	check(t, keeper.Came("A", addrs("10.0.0.2/24")))
	k.want(t, "+ route blackhole 10.1.0.0/16")
}

// TestTaken leaves a route alone that somebody else has, and says so.
func TestTaken(t *testing.T) {
	k := newTable()
	var log bytes.Buffer
	keeper := New(k, slog.New(slog.NewTextHandler(&log, nil)))
	k.there["route blackhole 10.1.0.0/16"] = true
	check(t, keeper.Set("A", blackholes("10.1.0.0/16"), nil))
	check(t, keeper.Came("A", addrs("10.0.0.1/24")))
	k.want(t)
	if !strings.Contains(log.String(), "somebody else's") {
		t.Errorf("log %q", &log)
	}
}

// TestMend puts back what somebody else removes, but for what has no_track, and tells of trouble once.
func TestMend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newTable()
		var log bytes.Buffer
		keeper := New(k, slog.New(slog.NewTextHandler(&log, nil)))
		routes := blackholes("10.1.0.0/16", "10.2.0.0/16")
		routes[1].NoTrack = true
		check(t, keeper.Set("A", routes, nil))
		check(t, keeper.Set("B", blackholes("10.3.0.0/16"), nil))
		check(t, keeper.Came("A", addrs("10.0.0.1/24")))
		k.calls = nil
		ctx, cancel := context.WithCancel(t.Context())
		go keeper.Run(ctx)
		defer cancel()
		between := func(f func()) {
			keeper.mu.Lock()
			defer keeper.mu.Unlock()
			f()
		}
		between(func() { clear(k.there) })
		time.Sleep(mendInterval + time.Millisecond)
		between(func() {
			k.want(t, "+ route blackhole 10.1.0.0/16")
			clear(k.there)
			k.fails["route blackhole 10.1.0.0/16"] = errors.New("the network is down")
		})
		time.Sleep(5 * mendInterval)
		between(func() {
			if n := strings.Count(log.String(), "the network is down"); n != 1 {
				t.Errorf("told %d times: %s", n, &log)
			}
			delete(k.fails, "route blackhole 10.1.0.0/16")
		})
		time.Sleep(mendInterval)
		between(func() { k.want(t, "+ route blackhole 10.1.0.0/16") })
		check(t, keeper.Abandon(func(name string) bool { return name == "nobody" }, []string{}))
		heir := New(k, nil)
		for name, u := range keeper.users {
			heir.users[name] = &user{entries: u.entries, addrs: map[netip.Prefix]struct{}{}}
			heir.Inherited(name, slices.Collect(maps.Keys(u.addrs)))
		}
		check(t, keeper.Abandon(func(string) bool { return true }, heir.Wanted()))
		check(t, keeper.Close())
		k.want(t)
		check(t, heir.Close())
		slices.Sort(k.calls)
		k.want(t, "- route blackhole 10.1.0.0/16", "- route blackhole 10.2.0.0/16")
	})
}

// TestEntriesInOrder has routes before rules.
func TestEntriesInOrder(t *testing.T) {
	list := entries(blackholes("10.1.0.0/16"), []keepalived.Rule{{Type: keepalived.Prohibit, NoTrack: true}})
	if len(list) != 2 || list[0].Rule != nil || list[1].Route != nil || !list[0].mends() || list[1].mends() {
		t.Error(list)
	}
	if got := without(list, slices.Clone(list[:1])); len(got) != 1 || got[0].Rule == nil {
		t.Error(got)
	}
}

// TestInheritedBesidesAnotherAddress: an address that came before it was known what was inherited is one more, with which
// routes don't go.
func TestInheritedBesidesAnotherAddress(t *testing.T) {
	k := newTable()
	k.there["route blackhole 10.1.0.0/16"] = true
	keeper := New(k, nil)
	check(t, keeper.Set("A", blackholes("10.1.0.0/16"), nil))
	check(t, keeper.Came("A", addrs("192.0.2.2/32")))
	keeper.Inherited("A", addrs("192.0.2.1/32"))
	check(t, keeper.Goes("A", addrs("192.0.2.2/32")))
	k.want(t)
	check(t, keeper.Goes("A", addrs("192.0.2.1/32")))
	k.want(t, "- route blackhole 10.1.0.0/16")
}

// TestAbandonShared: a route that a virtual router has which another process has taken over stays there when one goes that
// has it as well.
func TestAbandonShared(t *testing.T) {
	k := newTable()
	keeper := New(k, nil)
	for _, name := range []string{"A", "B"} {
		check(t, keeper.Set(name, blackholes("10.1.0.0/16"), nil))
		check(t, keeper.Came(name, addrs("192.0.2.1/32")))
	}
	k.want(t, "+ route blackhole 10.1.0.0/16")
	check(t, keeper.Abandon(func(name string) bool { return name == "A" }, nil))
	check(t, keeper.Goes("B", addrs("192.0.2.1/32")))
	check(t, keeper.Close())
	k.want(t)
}

// TestAbandonUnwanted: what the other process wants for none of its virtual routers goes, unless one that is still here has it.
func TestAbandonUnwanted(t *testing.T) {
	for name, c := range map[string]struct {
		wanted []string
		gone   []string
	}{
		"all":      {nil, nil},
		"none":     {[]string{}, []string{"- route blackhole 10.2.0.0/16", "- route blackhole 10.1.0.0/16"}},
		"one":      {[]string{"route blackhole 10.1.0.0/16"}, []string{"- route blackhole 10.2.0.0/16"}},
		"one more": {[]string{"route blackhole 10.1.0.0/16", "route blackhole 10.2.0.0/16", "route blackhole 10.4.0.0/16"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTable()
			keeper := New(k, nil)
			check(t, keeper.Set("A", blackholes("10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"), nil))
			check(t, keeper.Set("B", blackholes("10.3.0.0/16"), nil))
			check(t, keeper.Set("Backup", blackholes("10.4.0.0/16"), nil))
			for _, name := range []string{"A", "B"} {
				check(t, keeper.Came(name, addrs("192.0.2.1/32")))
			}
			k.calls = nil
			check(t, keeper.Abandon(func(name string) bool { return name != "B" }, c.wanted))
			k.want(t, c.gone...)
			check(t, keeper.Close())
			if c.wanted == nil {
				k.want(t)
			} else {
				k.want(t, "- route blackhole 10.3.0.0/16")
			}
		})
	}
}

// TestWanted names what virtual routers have, Active or not, each once.
func TestWanted(t *testing.T) {
	keeper := New(newTable(), nil)
	if got := keeper.Wanted(); got == nil || len(got) > 0 {
		t.Errorf("%q", got)
	}
	check(t, keeper.Set("A", blackholes("10.2.0.0/16", "10.1.0.0/16"), nil))
	check(t, keeper.Set("B", blackholes("10.1.0.0/16"), nil))
	if got := keeper.Wanted(); !slices.Equal(got, []string{"route blackhole 10.1.0.0/16", "route blackhole 10.2.0.0/16"}) {
		t.Errorf("%q", got)
	}
}

// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// planOf reads a file.
func planOf(t *testing.T, text string) *Plan {
	t.Helper()
	cfg, err := keepalived.Read(keepalived.Source{File: "keepalived.conf", FS: fstest.MapFS{"keepalived.conf": {Data: []byte(text)}}})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// one is the file of one instance, on a link.
func one(name string, link, vrid, priority int, more string) string {
	return fmt.Sprintf("vrrp_instance %s {\n interface eth%d\n version 3\n virtual_router_id %d\n priority %d\n garp_master_delay 0\n"+
		" garp_master_repeat 1\n virtual_ipaddress {\n 10.%d.%d.1\n %s\n }\n}\n", name, link, vrid, priority, link, vrid, more)
}

// bed is a host of a LAN in memory with a roster on it, and what it sends and touches.
type bed struct {
	t      *testing.T
	roster *roster
	addrs  map[string]*viptest.Memory // by instance
	stop   func()

	mu   sync.Mutex
	sent map[sender]int
}

// sender is a virtual router as others see it.
type sender struct {
	src  netip.Addr
	vrid uint8
}

// took returns how often each has advertised since the last call.
func (b *bed) took() map[sender]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := b.sent
	b.sent = map[sender]int{}
	return sent
}

// newBed makes one that runs, in a bubble.
func newBed(t *testing.T, links int) *bed {
	b := newHaltedBed(t, links)
	b.run()
	return b
}

// newHaltedBed makes one that doesn't run yet.
func newHaltedBed(t *testing.T, links int) *bed {
	lan := netiftest.New(netiftest.Config{})
	b := &bed{t: t, addrs: map[string]*viptest.Memory{}, sent: map[sender]int{}}
	lan.Tap(func(p netiftest.Packet) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sent[sender{p.Src, p.Payload[1]}]++
	})
	var all []netiftest.Link
	for i := range links {
		all = append(all, netiftest.Link{Name: fmt.Sprintf("eth%d", i), Switch: fmt.Sprint(i), Addresses: []netip.Prefix{
			netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), 24)}})
	}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: lan.Host("host", all...).Network(), Now: lan.Now})
	if err != nil {
		t.Fatal(err)
	}
	b.roster = newRoster(router, newNotifier(nil), func(in Instance) (vrrp.Backend, error) {
		if b.addrs[in.Config.Name] == nil {
			b.addrs[in.Config.Name] = &viptest.Memory{}
		}
		return b.addrs[in.Config.Name], nil
	})
	b.roster.permanent = true // nothing is renewed
	return b
}

// run has it run until stop is called.
func (b *bed) run() {
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan error)
	go func() { done <- b.roster.router.Run(ctx) }()
	b.stop = func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	}
}

func (b *bed) apply(text string) {
	b.t.Helper()
	if err := b.roster.apply(b.t.Context(), planOf(b.t, text)); err != nil {
		b.t.Fatal(err)
	}
}

// calls returns how often the addresses of each instance were touched.
func (b *bed) calls() map[string]int {
	n := map[string]int{}
	for name, m := range b.addrs {
		n[name] = len(m.Calls())
	}
	return n
}

// states returns the state of each virtual router, and the reason of its last transition.
func (b *bed) states() map[string]string {
	s := map[string]string{}
	for _, v := range b.roster.router.VirtualRouters() {
		status := v.Status()
		s[status.Name] = fmt.Sprint(status.State, " ", status.Last.Reason)
	}
	return s
}

// TestReloadTouchesOnlyTheDifference reloads a thousand virtual routers of which one has another address.
func TestReloadTouchesOnlyTheDifference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const links, each = 4, 250
		file := func(changed string) string {
			var text strings.Builder
			for i := range links * each {
				more := ""
				if i == 777 {
					more = changed
				}
				text.WriteString(one(fmt.Sprintf("V%d", i), i/each, i%each+1, 100, more))
			}
			return text.String()
		}
		b := newBed(t, links)
		b.apply(file(""))
		time.Sleep(10*time.Second + 5*time.Millisecond)
		before, states := b.calls(), b.states()
		b.took()

		b.apply(file("10.9.9.9"))
		synctest.Wait()
		if sent := b.took(); len(sent) > 0 {
			t.Errorf("the reload sent %v", sent)
		}
		time.Sleep(10 * time.Second)
		after := b.calls()
		for name, n := range before {
			if touched := after[name] != n; touched != (name == "V777") {
				t.Errorf("%s: %d calls before, %d after", name, n, after[name])
			}
		}
		if diff := cmp.Diff(states, b.states()); diff != "" {
			t.Errorf("states -before +after:\n%s", diff)
		}
		sent := b.took()
		for from, n := range sent {
			if n != 10 {
				t.Errorf("%v: %d advertisements in ten seconds", from, n)
			}
		}
		if len(sent) != links*each {
			t.Errorf("%d virtual routers advertised", len(sent))
		}
		if !slices.Contains(b.addrs["V777"].Held(), netip.MustParsePrefix("10.9.9.9/32")) {
			t.Error("the new address is not there")
		}
		b.stop()
	})
}

// TestReloadKinds changes what a virtual router can and can't change while it takes part.
func TestReloadKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, 2)
		b.apply(one("A", 0, 1, 100, "") + one("B", 0, 2, 100, "") + one("C", 0, 3, 100, "") +
			"vrrp_sync_group G {\n group {\n A\n B\n }\n}\n")
		time.Sleep(10 * time.Second)
		a, c := b.roster.members.Get("A").router, b.roster.members.Get("C").router
		touched := len(b.addrs["A"].Calls())
		b.apply(one("A", 0, 1, 150, "") + one("C", 1, 3, 100, "") + one("D", 0, 2, 100, "") +
			"vrrp_sync_group G {\n group {\n A\n D\n }\n}\n")
		time.Sleep(10 * time.Second)
		want := map[string]string{"A": "Active no advertisement heard", "C": "Active no advertisement heard", "D": "Active no advertisement heard"}
		if diff := cmp.Diff(want, b.states()); diff != "" {
			t.Errorf("states -want +got:\n%s", diff)
		}
		if b.roster.members.Get("A").router != a || len(b.addrs["A"].Calls()) != touched || a.Status().Priority != 150 {
			t.Error("A is not the same one with another priority")
		}
		if b.roster.members.Get("C").router == c {
			t.Error("C is on another link, and the same virtual router")
		}
		if len(b.addrs["B"].Held()) > 0 {
			t.Errorf("B left %v", b.addrs["B"].Held())
		}
		var names []string
		for _, m := range b.roster.groups["G"].Status().Members {
			names = append(names, m.Name)
		}
		if !slices.Equal(names, []string{"A", "D"}) {
			t.Errorf("members of G: %v", names)
		}
		b.apply(one("A", 0, 1, 150, ""))
		if len(b.roster.groups) != 0 || len(b.roster.router.VirtualRouters()) != 1 {
			t.Errorf("%d groups, %v", len(b.roster.groups), b.states())
		}
		b.stop()
	})
}

// TestReloadSwaps has two virtual routers change places: their VRIDs, then an address.
func TestReloadSwaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, 1)
		b.apply(one("A", 0, 1, 100, "10.7.7.7") + one("B", 0, 2, 100, "10.8.8.8"))
		time.Sleep(10 * time.Second)
		b.apply(one("B", 0, 1, 100, "10.7.7.7") + one("A", 0, 2, 100, "10.8.8.8"))
		time.Sleep(10 * time.Second)
		b.apply(one("B", 0, 1, 100, "10.8.8.8") + one("A", 0, 2, 100, "10.7.7.7"))
		time.Sleep(10 * time.Second)
		want := map[string]string{"A": "Active no advertisement heard", "B": "Active no advertisement heard"}
		if diff := cmp.Diff(want, b.states()); diff != "" {
			t.Errorf("states -want +got:\n%s", diff)
		}
		if !b.addrs["A"].Holds(netip.MustParsePrefix("10.7.7.7/32")) || !b.addrs["B"].Holds(netip.MustParsePrefix("10.8.8.8/32")) {
			t.Errorf("A has %v, B has %v", b.addrs["A"].Held(), b.addrs["B"].Held())
		}
		b.stop()
	})
}

// TestReloadKeepsTrackers goes on with the conditions that are defined as before.
func TestReloadKeepsTrackers(t *testing.T) {
	script := func(interval string) string {
		return "vrrp_script s {\n script /bin/true\n interval " + interval + "\n}\n"
	}
	tracking := strings.Replace(one("A", 0, 1, 100, ""), "priority", "track_script {\n s weight 5\n }\n priority", 1)
	first, same, other := planOf(t, script("1")+tracking), planOf(t, script("1")+tracking), planOf(t, script("2")+tracking)
	c := conditions{map[keepalived.Track]*condition{}}
	tracker := func(p *Plan) *track.Tracker {
		list, err := c.tracks(p, p.Instances[0])
		if err != nil || len(list) != 1 || list[0].Action != (track.Action{Weight: 5}) {
			t.Fatal(list, err)
		}
		return list[0].Tracker
	}
	was := tracker(first)
	if tracker(same) != was {
		t.Error("another tracker for the same script")
	}
	if tracker(other) == was {
		t.Error("the same tracker for a changed script")
	}
}

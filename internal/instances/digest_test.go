// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestDigestStandsForInstance has digests be the same if, and only if, the instances are.
func TestDigestStandsForInstance(t *testing.T) {
	text := one("A", 0, 1, 100, "")
	plain := func() Instance { return planOf(t, text).Instances[0] }
	other := netip.MustParsePrefix("10.9.9.9/24")
	for name, change := range map[string]func(in *Instance){
		"nothing":         func(*Instance) {},
		"priority":        func(in *Instance) { in.Config.Priority++ },
		"interval":        func(in *Instance) { in.Config.Interval += time.Second },
		"flag":            func(in *Instance) { in.Config.NoPreempt = true },
		"name":            func(in *Instance) { in.Config.Name += "x" },
		"source":          func(in *Instance) { in.Config.Source = netip.MustParseAddr("192.0.2.9") },
		"source of IPv6":  func(in *Instance) { in.Config.Source = netip.MustParseAddr("fe80::1%eth0") },
		"same source":     func(in *Instance) { in.Config.Source = netip.Addr{} },
		"address":         func(in *Instance) { in.Config.Addresses[0] = other },
		"further address": func(in *Instance) { in.Config.Addresses = append(in.Config.Addresses, other) },
		"as excluded":     func(in *Instance) { in.Config.Excluded = append(in.Config.Excluded, other) },
		"peer":            func(in *Instance) { in.Config.Peers = []vrrp.Peer{{Addr: other.Addr()}} },
		"device":          func(in *Instance) { in.Addresses[0].Device = "dummy0" },
		"label":           func(in *Instance) { in.Addresses[0].Label = "dummy0" },
		"virtual MAC":     func(in *Instance) { in.VMAC = &keepalived.VMAC{} },
		"its name":        func(in *Instance) { in.VMAC = &keepalived.VMAC{Name: "x"} },
		"notify":          func(in *Instance) { in.Notify.Master.Argv = []string{"a", "b"} },
		"its argument":    func(in *Instance) { in.Notify.Master.Argv = []string{"ab"} },
		"track":           func(in *Instance) { in.Tracks = []keepalived.Track{{Name: "s"}} },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := plain(), plain()
			change(&b)
			if equal := digestOf(a).equals(digestOf(b)); equal != reflect.DeepEqual(a, b) {
				t.Errorf("digests are equal: %v", equal)
			}
		})
	}
}

// TestDigestOfParts tells data apart that has the same octets.
func TestDigestOfParts(t *testing.T) {
	one, two := map[string]string{"a": "b", "c": "d"}, map[string]string{"c": "d", "a": "b"}
	if !digestOf(one).equals(digestOf(two)) {
		t.Error("a map has two digests")
	}
	seen := map[digest]any{}
	for _, d := range []any{one, map[string]string{"ab": "", "c": "d"}, []string{"a", "bcd"}, []string{"ab", "cd"}, []any{"a", 1},
		[]any{"a", keepalived.Weight{Value: 1}}, nil, "", false, new(int), (*int)(nil)} {
		sum := digestOf([]any{d})
		if before, ok := seen[sum]; ok {
			t.Errorf("%#v has the digest of %#v", d, before)
		}
		seen[sum] = d
	}
}

// TestDigestOfSecret is never equal: that it is the same can't be seen.
func TestDigestOfSecret(t *testing.T) {
	f := func() {}
	if d := digestOf(struct{ f func() }{f}); d.equals(d) {
		t.Error("functions are equal")
	}
	if d := digestOf(struct{ f func() }{}); !d.equals(d) {
		t.Error("two that are nil are not")
	}
}

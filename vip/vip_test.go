// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

var comparePrefixes = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

// prefixes returns addresses by their text.
func prefixes(text ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(text))
	for i, s := range text {
		list[i] = netip.MustParsePrefix(s)
	}
	return list
}

func TestValidate(t *testing.T) {
	good := prefixes("192.0.2.1/32", "192.0.2.1/24", "192.0.2.255/24", "127.0.0.2/8", "0.0.0.1/0", "2001:db8::1/128", "fe80::1/64")
	for _, p := range good {
		if err := vip.Validate(p); err != nil {
			t.Errorf("Validate(%v): %v", p, err)
		}
	}
	bad := prefixes("0.0.0.0/32", "0.0.0.0/0", "::/128", "224.0.0.18/32", "ff02::12/128", "255.255.255.255/32", "::ffff:192.0.2.1/128")
	bad = append(bad, netip.Prefix{}, netip.PrefixFrom(netip.MustParseAddr("192.0.2.1"), 33))
	for _, p := range bad {
		err := vip.Validate(p)
		if !errors.Is(err, vip.ErrAddress) {
			t.Errorf("Validate(%v): %v", p, err)
		}
	}
}

func TestScopeText(t *testing.T) {
	for text, want := range map[string]vip.Scope{
		"global": vip.ScopeGlobal, "site": vip.ScopeSite, "link": vip.ScopeLink, "host": vip.ScopeHost,
		"0": vip.ScopeGlobal, "253": vip.ScopeLink, "0xfe": vip.ScopeHost, "17": 17,
	} {
		got, err := vip.ParseScope(text)
		if err != nil || got != want {
			t.Errorf("ParseScope(%q): %v, %v", text, got, err)
		}
		if back, err := vip.ParseScope(got.String()); err != nil || back != got {
			t.Errorf("ParseScope(%q): %v, %v", got.String(), back, err)
		}
	}
	for _, text := range []string{"", "universe", "255", "256", "-1", "nowhere", "Global"} {
		if got, err := vip.ParseScope(text); err == nil {
			t.Errorf("ParseScope(%q): %v, no error", text, got)
		}
	}
}

func TestAddrError(t *testing.T) {
	p := netip.MustParsePrefix("192.0.2.1/32")
	e := &vip.AddrError{Op: vip.OpAdd, Device: "eth0", Prefix: p, Err: fs.ErrPermission}
	if want := "vip: add 192.0.2.1/32 on eth0: permission denied"; e.Error() != want {
		t.Errorf("Error() = %q, want %q", e, want)
	}
	e.Device = ""
	if want := "vip: add 192.0.2.1/32: permission denied"; e.Error() != want {
		t.Errorf("Error() = %q, want %q", e, want)
	}
	if !errors.Is(e, os.ErrPermission) {
		t.Error("the cause is not found")
	}
}

func TestEachTriesAllAndNamesEachFailure(t *testing.T) {
	all := prefixes("192.0.2.1/32", "224.0.0.18/32", "192.0.2.2/32", "192.0.2.3/32")
	reason := errors.New("reason")
	var tried []netip.Prefix
	err := vip.Each(t.Context(), vip.OpRemove, "eth0", all, func(p netip.Prefix) error {
		tried = append(tried, p)
		if p == all[2] {
			return reason
		}
		return nil
	})
	if diff := cmp.Diff([]netip.Prefix{all[0], all[2], all[3]}, tried, comparePrefixes); diff != "" {
		t.Errorf("tried (-want +got):\n%s", diff)
	}
	if !errors.Is(err, reason) || !errors.Is(err, vip.ErrAddress) {
		t.Errorf("error: %v", err)
	}
	for _, want := range []string{"vip: remove 224.0.0.18/32 on eth0: multicast", "vip: remove 192.0.2.2/32 on eth0: reason"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not contain %q", err, want)
		}
	}
}

func TestEachStopsWhenItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	all := prefixes("192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32")
	var tried int
	err := vip.Each(ctx, vip.OpAdd, "", all, func(netip.Prefix) error { tried++; cancel(); return nil })
	if first, ok := errors.AsType[*vip.AddrError](err); tried != 1 || !ok || first.Prefix != all[1] || !errors.Is(err, context.Canceled) {
		t.Errorf("tried %d, error: %v", tried, err)
	}
}

// plain is a backend that can't be compared.
type plain struct {
	*viptest.Memory
	_ []int
}

func TestByPrefix(t *testing.T) {
	all := prefixes("192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32", "192.0.2.4/32", "192.0.2.5/32")
	var eth0, dummy0, third viptest.Memory
	b := &vip.ByPrefix{Default: &eth0, Other: map[netip.Prefix]vip.Backend{all[1]: &dummy0, all[3]: &dummy0, all[4]: plain{Memory: &third}}}
	if err := b.Add(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	want := map[*viptest.Memory][]netip.Prefix{&eth0: {all[0], all[2]}, &dummy0: {all[1], all[3]}, &third: {all[4]}}
	for m, held := range want {
		calls := []viptest.Call{{Op: vip.OpAdd, Addrs: held}}
		if diff := cmp.Diff(calls, m.Calls(), comparePrefixes); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	}
	if err := b.Remove(t.Context(), all[:2]); err != nil {
		t.Fatal(err)
	}
	if eth0.Holds(all[0]) || dummy0.Holds(all[1]) || !eth0.Holds(all[2]) || !dummy0.Holds(all[3]) {
		t.Errorf("held are %v and %v", eth0.Held(), dummy0.Held())
	}
}

func TestByPrefixJoinsErrors(t *testing.T) {
	all := prefixes("192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32")
	reason := errors.New("reason")
	var eth0, dummy0 viptest.Memory
	eth0.Fail(reason, all[0])
	b := &vip.ByPrefix{Default: &eth0, Other: map[netip.Prefix]vip.Backend{all[1]: &dummy0, all[2]: nil}}
	err := b.Add(t.Context(), all)
	if !errors.Is(err, reason) || !errors.Is(err, vip.ErrNoBackend) {
		t.Errorf("error: %v", err)
	}
	if !dummy0.Holds(all[1]) {
		t.Error("one backend was not tried after another had failed")
	}
	if err := new(vip.ByPrefix).Remove(t.Context(), all[:1]); !errors.Is(err, vip.ErrNoBackend) {
		t.Errorf("without a backend: %v", err)
	}
}

// leaseless is a Leaser that turns out to have no leases.
type leaseless struct{ *viptest.Memory }

func (leaseless) Lease(context.Context, []netip.Prefix, time.Duration) error {
	return errors.ErrUnsupported
}

// TestByPrefixLease: a backend without leases holds its addresses without.
func TestByPrefixLease(t *testing.T) {
	all := prefixes("192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32")
	var leases, never, not viptest.Memory
	b := &vip.ByPrefix{Default: &leases, Other: map[netip.Prefix]vip.Backend{
		all[1]: viptest.Permanent{Backend: &never}, all[2]: leaseless{&not},
	}}
	if err := b.Lease(t.Context(), all, time.Hour); err != nil {
		t.Fatal(err)
	}
	for i, m := range []*viptest.Memory{&leases, &never, &not} {
		want := []viptest.Call{{Op: vip.OpAdd, Addrs: all[i : i+1]}}
		if i == 0 {
			want = []viptest.Call{{Op: vip.OpLease, Addrs: all[:1], Lifetime: time.Hour}}
		}
		if diff := cmp.Diff(want, m.Calls(), comparePrefixes); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	}
	if err := b.Lease(t.Context(), all[:1], time.Millisecond); !errors.Is(err, vip.ErrLifetime) {
		t.Errorf("Lease: %v", err)
	}
}

func TestByPrefixContract(t *testing.T) {
	t.Parallel()
	viptest.TestBackend(t, func(*testing.T) (vip.Backend, func() []netip.Prefix) {
		var a, b viptest.Memory
		other := map[netip.Prefix]vip.Backend{netip.MustParsePrefix("192.0.2.1/24"): &b, netip.MustParsePrefix("2001:db8::1/128"): &b}
		return &vip.ByPrefix{Default: &a, Other: other}, func() []netip.Prefix { return slices.Concat(a.Held(), b.Held()) }
	})
}

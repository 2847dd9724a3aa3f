// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// neighborhood notes what it is asked for among what happens to a backend.
type neighborhood struct {
	*hoist
	refuse error
}

func (n *neighborhood) Answer(addr netip.Addr, mac [6]byte) error {
	n.note("answer %v at %d", addr, mac[5])
	return n.refuse
}

func (n *neighborhood) Ignore(addr netip.Addr) { n.note("ignore %v", addr) }

func TestAnswererIsABackend(t *testing.T) {
	viptest.TestBackend(t, func(t *testing.T) (vip.Backend, func() []netip.Prefix) {
		h := new(hoist)
		return vip.NewAnswerer(h, &neighborhood{hoist: h}, [6]byte{}), func() []netip.Prefix {
			held, err := h.List(t.Context())
			if err != nil {
				t.Error(err)
			}
			return held
		}
	})
}

// TestAnswererOrder wants addresses answered for while they are there, and those of IPv6 only.
func TestAnswererOrder(t *testing.T) {
	h := new(hoist)
	a := vip.NewAnswerer(h, &neighborhood{hoist: h}, [6]byte{5: 9})
	ipv4, ipv6 := netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("fd00::1/128")
	both := []netip.Prefix{ipv4, ipv6}
	if err := errors.Join(a.Add(t.Context(), both), a.Lease(t.Context(), both, time.Second), a.Remove(t.Context(), both)); err != nil {
		t.Error(err)
	}
	h.want(t, fmt.Sprintf("add %v", both), "answer fd00::1 at 9", fmt.Sprintf("lease %v for 1s", both), "answer fd00::1 at 9",
		"ignore fd00::1", fmt.Sprintf("remove %v", both))
}

// addsNone is a backend that can add nothing, and may have reasons for each address.
type addsNone struct {
	hoist
	err error
}

func (a *addsNone) Add(context.Context, []netip.Prefix) error { return a.err }

// TestAnswererFails wants nothing answered for that is not there, and told what can't be answered for.
func TestAnswererFails(t *testing.T) {
	ipv6 := netip.MustParsePrefix("fd00::1/128")
	for _, err := range []error{errors.New("no device"), &vip.AddrError{Op: vip.OpAdd, Prefix: ipv6, Err: errors.New("full")}} {
		b := &addsNone{err: err}
		if got := vip.NewAnswerer(b, &neighborhood{hoist: &b.hoist}, [6]byte{}).Add(t.Context(), []netip.Prefix{ipv6}); !errors.Is(got, err) {
			t.Errorf("%v, want %v", got, err)
		}
		b.want(t)
	}
	h, refuse := new(hoist), errors.New("no link")
	err := vip.NewAnswerer(h, &neighborhood{hoist: h, refuse: refuse}, [6]byte{}).Add(t.Context(), []netip.Prefix{ipv6})
	if about, ok := errors.AsType[*vip.AddrError](err); !ok || about.Prefix != ipv6 || !errors.Is(err, refuse) {
		t.Errorf("%v", err)
	}
}

// TestAnswererUnsupported wants no lease on a backend without leases, and nothing done for it.
func TestAnswererUnsupported(t *testing.T) {
	h := new(hoist)
	a := vip.NewAnswerer(struct{ vip.Backend }{h}, &neighborhood{hoist: h}, [6]byte{})
	if err := a.Lease(t.Context(), []netip.Prefix{netip.MustParsePrefix("fd00::1/128")}, time.Second); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	h.want(t)
}

// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// TestIPv6AddressIsLocalWhenItWasAdded wants the kernel to take packets to an IPv6 address as soon as Lease has returned:
// the announcement comes next, and the first packet of a client after that.
func TestIPv6AddressIsLocalWhenItWasAdded(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1")
	var late []string
	const times = 300
	b.within("n1", func() error {
		routes, err := netlink.NewHandle(unix.NETLINK_ROUTE)
		if err != nil {
			return err
		}
		defer routes.Close()
		device, keeper, err := keep("eth0")
		if err != nil {
			return err
		}
		defer device.Close()
		defer keeper.Close()
		for i := range times {
			p := prefixes(fmt.Sprintf("fd00::1:%x/128", i+1))
			if err := keeper.Lease(t.Context(), p, time.Minute); err != nil {
				return err
			}
			if !isLocal(routes, p[0].Addr()) {
				late = append(late, p[0].Addr().String())
			}
		}
		return nil
	})
	if len(late) > 0 {
		t.Errorf("%d of %d were not local yet, %s the first", len(late), times, late[0])
	}
}

// isLocal reports whether the kernel takes packets to an address as its own.
func isLocal(routes *netlink.Handle, addr netip.Addr) bool {
	list, err := routes.RouteGet(addr.AsSlice())
	return err == nil && len(list) > 0 && list[0].Type == unix.RTN_LOCAL
}

// keep returns a device of this thread's network namespace and its keeper.
func keep(name string) (*vip.Device, *vip.Keeper, error) {
	device, err := vip.Open(name, nil)
	if err != nil {
		return nil, nil, err
	}
	keeper, err := vip.Keep(device, nil)
	return device, keeper, err
}

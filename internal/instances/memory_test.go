// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/heaptest"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// noBackend has no memory of its own.
type noBackend struct{}

func (noBackend) Add(context.Context, []netip.Prefix) error    { return nil }
func (noBackend) Remove(context.Context, []netip.Prefix) error { return nil }

// TestMemoryOfInstances holds what a virtual router of a file takes, of which there may be thousands: what it is made of, without
// its addresses in the backend and in the kernel's tables.
func TestMemoryOfInstances(t *testing.T) {
	const links, each, most = 4, 250, 1650
	var all []netiftest.Link
	var file strings.Builder
	for link := range links {
		all = append(all, netiftest.Link{Name: fmt.Sprintf("eth%d", link), Switch: fmt.Sprint(link)})
		for id := range each {
			file.WriteString(one(fmt.Sprintf("I%d_%d", link, id+1), link, id+1, 100, ""))
		}
	}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: netiftest.New(netiftest.Config{}).Host("host", all...).Network()})
	if err != nil {
		t.Fatal(err)
	}
	r := newRoster(router, newNotifier(nil), func(Instance) (vrrp.Backend, error) { return noBackend{}, nil })
	plan := planOf(t, file.String())
	heaptest.Hold(t, "a virtual router", links*each, most, func() {
		if err := r.apply(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
	})
	runtime.KeepAlive(plan)
	runtime.KeepAlive(r)
}

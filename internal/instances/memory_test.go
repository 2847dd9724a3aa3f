// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// noBackend has no memory of its own.
type noBackend struct{}

func (noBackend) Add(context.Context, []netip.Prefix) error    { return nil }
func (noBackend) Remove(context.Context, []netip.Prefix) error { return nil }

// live returns how much of the heap is in use.
func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryOfInstances holds what a virtual router of a file takes, of which there may be thousands: what it is made of, without
// its addresses in the backend and in the kernel's tables.
func TestMemoryOfInstances(t *testing.T) {
	const links, each, most = 4, 250, 1900
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
	before := live()
	if err := r.apply(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	if of := (live() - before) / (links * each); of > most {
		t.Errorf("a virtual router takes %d octets of the heap, more than %d", of, most)
	} else {
		t.Logf("a virtual router takes %d octets of the heap", of)
	}
	runtime.KeepAlive(plan)
	runtime.KeepAlive(r)
}

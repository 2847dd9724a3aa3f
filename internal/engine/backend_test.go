// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// backend writes down what is asked of it.
type backend struct {
	bench *bench
	name  string
	fails map[string]error // by "add", "remove", "lease"
}

func (d *backend) do(what string, addrs []netip.Prefix, about string) error {
	d.bench.note("%s%s %v%s", d.name, what, addrs, about)
	return d.fails[what]
}

func (d *backend) Add(_ context.Context, addrs []netip.Prefix) error { return d.do("add", addrs, "") }
func (d *backend) Remove(_ context.Context, addrs []netip.Prefix) error {
	return d.do("remove", addrs, "")
}

// leasing is a backend that leases.
type leasing struct{ *backend }

func (d leasing) Lease(_ context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	return d.do("lease", addrs, fmt.Sprint(" for ", lifetime))
}

// incomparable is one that isn't the same as itself.
type incomparable struct {
	leasing
	_ []int
}

// notary is a guard that writes down the wills.
type notary struct {
	bench *bench
	beats int
	tells bool // of beats
}

func (n *notary) Set(id int, link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration) {
	var where []string
	for _, p := range slices.SortedFunc(maps.Keys(addrs), netip.Prefix.Compare) {
		where = append(where, p.String()+" on "+addrs[p])
	}
	n.bench.note("will %d: %q from %v to %v on %s within %v, remove %v", id, goodbye, src, dst, link, validity, where)
}

func (n *notary) Clear(id int) { n.bench.note("will %d: none", id) }

func (n *notary) Beat() {
	if n.beats++; n.tells {
		n.bench.note("beat")
	}
}

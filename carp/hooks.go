// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"cmp"
	"context"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// Hooks are functions around the coming and going of the service addresses of a virtual host,
// each of which may be nil. They are called off the path of the advertisements, one at
// a time and in order for each virtual host, once for each address and way. ctx ends after
// Timeout: a hook that has not returned then is reported and no longer waited for, and
// none is called until it has returned. What goes wrong is an [EventFailure].
type Hooks struct {
	// BeforeAdd is called before addresses are added. If it returns an error in time
	// they are not added, and the role is given up, as if the Backend had failed.
	BeforeAdd func(ctx context.Context, addrs []netip.Prefix) error
	// AfterAdd is called when they are there.
	AfterAdd func(ctx context.Context, addrs []netip.Prefix) error
	// BeforeRemove is called before addresses are removed, which it delays but can't
	// prevent: another host may have them already.
	BeforeRemove func(ctx context.Context, addrs []netip.Prefix) error
	// AfterRemove is called when they are gone.
	AfterRemove func(ctx context.Context, addrs []netip.Prefix) error

	Timeout time.Duration // of each call, default 1s
}

// holder returns the hooks as the engine takes them, nil for none.
func (h Hooks) holder() *holder.Hooks {
	h.Timeout = cmp.Or(h.Timeout, time.Second)
	if all := holder.Hooks(h); all.Any() {
		return &all
	}
	return nil
}

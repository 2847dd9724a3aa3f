// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
)

// serve makes the host ready, and puts back what it found when ctx ends, unless it
// is to keep it. What was begun is finished before that, for only then is it known what to put back.
func serve(ctx context.Context, o options, stdout io.Writer) error {
	h := &host{options: o}
	whole := context.WithoutCancel(ctx)
	err := h.prepare(whole)
	if err == nil {
		err = h.verify(whole)
	}
	if err == nil {
		_, err = fmt.Fprintf(stdout, "ready: %v on %s, not shown on %s\n", &o.addresses, o.dummy, o.link)
	}
	if err == nil && o.keep {
		return h.close()
	}
	if err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, h.restore())
}

// host is what was changed, and is to be put back.
type host struct {
	options
	sysctls  netif.Sysctls
	settings func() error // puts them back; nil if they were not set
	dummy    *netif.Dummy
	device   *vip.Device
	added    []netip.Prefix
}

// prepare sets everything up: the addresses last, so that they never show.
func (h *host) prepare(ctx context.Context) (err error) {
	if h.settings, err = h.sysctls.Apply(netif.SilentAddresses(h.link)...); err != nil {
		return err
	}
	if h.dummy, err = netif.AddDummy(h.options.dummy); err != nil {
		return err
	}
	if h.device, err = vip.Open(h.options.dummy, nil); err != nil {
		return err
	}
	present, err := h.device.List(ctx)
	if err != nil {
		return err
	}
	for _, p := range h.addresses {
		// Those on an interface of this program's were left by an earlier run.
		if h.dummy.Made() || !slices.Contains(present, p) {
			h.added = append(h.added, p)
		}
	}
	return h.device.Add(ctx, h.addresses)
}

// verify returns what is not as it should be in spite of all.
func (h *host) verify(ctx context.Context) error {
	missing, err := inspect(ctx, h.options)
	errs := []error{err}
	for _, f := range missing {
		errs = append(errs, errors.New(f.what))
	}
	return errors.Join(errs...)
}

// restore puts back what was found.
func (h *host) restore() error {
	var errs []error
	if h.device != nil && len(h.added) > 0 {
		errs = append(errs, h.device.Remove(context.Background(), h.added))
	}
	if h.dummy != nil {
		if err := h.dummy.Remove(); !errors.Is(err, netif.ErrLinkInUse) {
			errs = append(errs, err) // the addresses of others keep it
		}
	}
	if h.settings != nil {
		errs = append(errs, h.settings())
	}
	return errors.Join(append(errs, h.close())...)
}

// close lets go of the system.
func (h *host) close() error {
	if h.device == nil {
		return nil
	}
	return h.device.Close()
}

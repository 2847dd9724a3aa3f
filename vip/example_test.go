// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

func ExampleOpen() {
	address := netip.MustParsePrefix("192.0.2.1/32")
	d, err := vip.Open("eth0", &vip.Config{
		Attributes: map[netip.Prefix]vip.Attributes{address: {Label: "eth0:vip"}},
	})
	if errors.Is(err, errors.ErrUnsupported) {
		return // not Linux
	} else if err != nil {
		fmt.Println(err)
		return
	}
	defer d.Close()
	switch err := d.Add(context.Background(), []netip.Prefix{address}); {
	case errors.Is(err, vip.ErrNoDevice):
		fmt.Println("the device is not there yet")
	case errors.Is(err, os.ErrPermission):
		fmt.Println("this needs CAP_NET_ADMIN")
	case err != nil:
		fmt.Println(err)
	}
}

func ExampleByPrefix() {
	service, extra := netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("198.51.100.1/32")
	var eth0, dummy0 viptest.Memory // devices, in a program
	backend := &vip.ByPrefix{Default: &eth0, Other: map[netip.Prefix]vip.Backend{extra: &dummy0}}
	if err := backend.Add(context.Background(), []netip.Prefix{service, extra}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(eth0.Held(), dummy0.Held())
	// Output: [192.0.2.1/24] [198.51.100.1/32]
}

// cloud is a backend that asks a provider to send the traffic for an address here.
type cloud struct{ attach, detach func(netip.Addr) error }

func (c *cloud) Add(ctx context.Context, addrs []netip.Prefix) error {
	return vip.Each(ctx, vip.OpAdd, "", addrs, func(p netip.Prefix) error { return c.attach(p.Addr()) })
}

func (c *cloud) Remove(ctx context.Context, addrs []netip.Prefix) error {
	return vip.Each(ctx, vip.OpRemove, "", addrs, func(p netip.Prefix) error { return c.detach(p.Addr()) })
}

func ExampleEach() {
	var backend vip.Backend = &cloud{
		attach: func(a netip.Addr) error {
			if a.Is6() {
				return errors.New("out of quota")
			}
			fmt.Println("attached", a)
			return nil
		},
	}
	err := backend.Add(context.Background(), []netip.Prefix{
		netip.MustParsePrefix("2001:db8::1/128"),
		netip.MustParsePrefix("192.0.2.1/32"),
	})
	fmt.Println(err)
	// Output:
	// attached 192.0.2.1
	// vip: add 2001:db8::1/128: out of quota
}

func ExampleKeep() {
	device, err := vip.Open("eth0", nil)
	if errors.Is(err, errors.ErrUnsupported) {
		return
	} else if err != nil {
		fmt.Println(err)
		return
	}
	defer device.Close()
	keeper, err := vip.Keep(device, &vip.KeeperConfig{
		Logger: slog.Default(),
		Event: func(e vip.KeeperEvent) {
			if e.Kind == vip.EventLost {
				fmt.Println("without", e.Addrs, "for", e.After)
			}
		},
	})
	if err != nil { // matches errors.ErrUnsupported where this is not Linux
		fmt.Println(err)
		return
	}
	defer keeper.Close()
	// As long as this program lives it renews the lease, and at most three seconds longer the address is there.
	address := []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
	for range 3 {
		if err := keeper.Lease(context.Background(), address, 3*time.Second); err != nil {
			fmt.Println(err)
		}
		time.Sleep(1500 * time.Millisecond)
	}
}

// SPDX-License-Identifier: Apache-2.0

// Command embed is an HTTP service that fails over with its address: the pattern
// for a program that embeds the library. It keeps values by name, answers reads on
// every node, and takes writes only on the node that the service address is on.
//
//	embed -link eth0 -address 192.0.2.100/32 -priority 200   # on one node
//	embed -link eth0 -address 192.0.2.100/32 -priority 100   # on the other
//	curl -X PUT -d hello http://192.0.2.100:8080/values/greeting
//
// The values are in memory, and each node has its own: what a real service does to
// have the same ones on all nodes is its own affair. What the library does for it is
// in service.go: [vrrp.Trace] and [vrrp.Hooks] open it for writes when the address has
// come, and close it before the address goes, when the writes under way are done.
//
// It needs CAP_NET_RAW and CAP_NET_ADMIN:
//
//	setcap cap_net_raw,cap_net_admin+ep embed
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/netif/guard"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

func main() {
	will := guard.Main() // the first statement: the guard is this program once more
	link := flag.String("link", "eth0", "network interface")
	listen := flag.String("listen", ":8080", "address and port of the HTTP service")
	var cfg vrrp.Config
	flag.Func("address", "service `address` with its prefix length; may be given several times", func(text string) error {
		p, err := netip.ParsePrefix(text)
		cfg.Addresses = append(cfg.Addresses, p)
		return err
	})
	vrid := flag.Uint("vrid", 51, "virtual router identifier, 1 to 255, the same on all nodes")
	priority := flag.Uint("priority", 100, "1 to 254: the highest has the address")
	flag.DurationVar(&cfg.Interval, "interval", time.Second, "of advertisements, the same on all nodes")
	flag.Parse()
	cfg.VRID, cfg.Priority = uint8(min(*vrid, 255)), uint8(min(*priority, 255))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, will, *link, *listen, cfg); err != nil {
		fmt.Fprintln(os.Stderr, "embed:", explain(err))
		os.Exit(1)
	}
}

// explain adds what to do about an error, where that is known.
func explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w\n  embed needs two capabilities: run it as root, or once: setcap cap_net_raw,cap_net_admin+ep embed", err)
	}
	return err
}

// run serves until ctx ends. The service goes on until the address is gone.
func run(ctx context.Context, will *guard.Guard, link, listen string, cfg vrrp.Config) (err error) {
	log := slog.Default()
	network, err := netif.Open(&netif.Config{Logger: log})
	if err != nil {
		return err
	}
	defer network.Close()
	device, err := vip.Open(link, nil)
	if err != nil {
		return err
	}
	defer device.Close()
	keeper, err := vip.Keep(device, nil)
	if err != nil {
		return err
	}
	defer keeper.Close()
	if err := will.Start(ctx, &guard.Config{Logger: log, Output: os.Stderr}); err != nil {
		return err
	}
	defer will.Close()

	service := newService()
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Guard: will, Logger: log, Trace: service.trace()})
	if err != nil {
		return err
	}
	if _, err := router.Add(vrrp.VirtualRouterConfig{Config: cfg, Link: link, Backend: keeper, Hooks: service.hooks()}); err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: service.handler(), ReadHeaderTimeout: 5 * time.Second}
	serving, failed := context.WithCancelCause(ctx)
	go func() { failed(server.ListenAndServe()) }() // without the service the address is of no use here
	err = router.Run(serving)
	if ctx.Err() == nil {
		err = errors.Join(err, context.Cause(serving))
	}
	return errors.Join(err, server.Close())
}

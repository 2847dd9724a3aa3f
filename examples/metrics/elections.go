// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// elections are the virtual routers and the virtual host that the program takes part in.
type elections struct {
	daemon  *instances.Daemon // nil without virtual routers
	host    *carp.Host        // nil without a virtual host
	closers []func() error    // of what host uses, to be called in reverse
}

// openElections opens what the options ask for.
func openElections(o options, log *slog.Logger) (*elections, error) {
	e := &elections{}
	var err error
	if o.file != "" {
		err = e.openRouters(o.file, log)
	}
	if err == nil && o.vhid > 0 {
		err = e.openHost(o, log)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// openRouters opens the virtual routers of a keepalived.conf.
func (e *elections) openRouters(file string, log *slog.Logger) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	cfg, err := keepalived.Read(keepalived.Source{FS: os.DirFS("/"), File: filepath.ToSlash(path), Env: os.Getenv})
	if err != nil {
		return err
	}
	plan, err := instances.NewPlan(cfg)
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings {
		log.Warn(w.String())
	}
	for _, w := range plan.Warnings {
		log.Warn(w)
	}
	e.daemon, err = instances.Open(plan, instances.Options{Logger: log})
	return err
}

// openHost opens the virtual host.
func (e *elections) openHost(o options, log *slog.Logger) error {
	passphrase, err := os.ReadFile(o.passfile)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(passphrase), "\n")
	key, err := carp.NewKey(strings.TrimSuffix(first, "\r"))
	if err != nil {
		return err
	}
	network, err := netif.Open(&netif.Config{Logger: log})
	if err != nil {
		return err
	}
	e.closers = append(e.closers, network.Close)
	device, err := vip.Open(o.link, nil)
	if err != nil {
		return err
	}
	e.closers = append(e.closers, device.Close)
	keeper, err := vip.Keep(device, &vip.KeeperConfig{Logger: log})
	if err != nil {
		return err
	}
	e.closers = append(e.closers, keeper.Close)
	if e.host, err = carp.NewHost(carp.HostConfig{Network: network, Logger: log}); err != nil {
		return err
	}
	_, err = e.host.Add(carp.VirtualHostConfig{Link: o.link, Backend: keeper, Key: key,
		Config: carp.Config{VHID: uint8(o.vhid), AdvSkew: uint8(o.advskew), Addresses: o.addresses}})
	return err
}

// router returns the router of the virtual routers, nil without them.
func (e *elections) router() *vrrp.Router {
	if e.daemon == nil {
		return nil
	}
	return e.daemon.Router()
}

// run takes part until ctx ends, hands over, and closes everything. If one of the two ends by itself, both do.
func (e *elections) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var both sync.WaitGroup
	var routers, host error
	start := func(run func(context.Context) error, err *error) {
		both.Go(func() {
			defer stop()
			*err = run(ctx)
		})
	}
	if e.daemon != nil {
		start(e.daemon.Run, &routers)
	}
	if e.host != nil {
		start(e.host.Run, &host)
	}
	both.Wait()
	e.daemon = nil // it has closed itself
	return errors.Join(routers, host, e.close())
}

// close lets go of the system.
func (e *elections) close() error {
	var errs []error
	if e.daemon != nil {
		errs = append(errs, e.daemon.Close())
	}
	for _, f := range slices.Backward(e.closers) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

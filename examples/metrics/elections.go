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
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/netif/guard"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// elections are the virtual routers and the virtual host that the program takes part in.
type elections struct {
	options options
	log     *slog.Logger
	daemon  *instances.Daemon // nil without virtual routers
	host    *carp.Host        // nil without a virtual host
	virtual *carp.VirtualHost // its only one
	config  carp.VirtualHostConfig
	begun   []<-chan struct{} // are closed when the loops run
	closers []func() error    // of what host uses, to be called in reverse
}

// openElections opens what the options ask for, with a guard each.
func openElections(ctx context.Context, o options, wills wills, log *slog.Logger) (*elections, error) {
	e := &elections{options: o, log: log}
	var err error
	if o.file != "" {
		err = e.openRouters(ctx, wills.routers)
	}
	if err == nil && o.vhid > 0 {
		err = e.openHost(ctx, wills.host)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// guard starts a guard, if one is asked for; it is nil otherwise.
func (e *elections) guard(ctx context.Context, will *guard.Guard) (*guard.Guard, error) {
	if !e.options.guard {
		return nil, nil
	}
	return will, will.Start(ctx, &guard.Config{Logger: e.log, Output: os.Stderr})
}

// readPlan reads the virtual routers of the keepalived.conf.
func (e *elections) readPlan() (*instances.Plan, error) {
	path, err := filepath.Abs(e.options.file)
	if err != nil {
		return nil, err
	}
	cfg, err := keepalived.Read(keepalived.Source{FS: os.DirFS("/"), File: filepath.ToSlash(path), Env: os.Getenv})
	if err != nil {
		return nil, err
	}
	plan, err := instances.NewPlan(cfg)
	if err != nil {
		return nil, err
	}
	for _, w := range cfg.Warnings {
		e.log.Warn(w.String())
	}
	for _, w := range plan.Warnings {
		e.log.Warn(w)
	}
	return plan, nil
}

// openRouters opens the virtual routers.
func (e *elections) openRouters(ctx context.Context, will *guard.Guard) error {
	plan, err := e.readPlan()
	if err != nil {
		return err
	}
	will, err = e.guard(ctx, will)
	if err != nil {
		return err
	}
	e.daemon, err = instances.Open(plan, instances.Options{Guard: will, Logger: e.log})
	if err != nil {
		return err
	}
	e.begun = append(e.begun, e.daemon.Begun())
	return nil
}

// readKey reads the passphrase of the virtual host.
func (e *elections) readKey() (carp.Key, error) {
	passphrase, err := os.ReadFile(e.options.passfile)
	if err != nil {
		return carp.Key{}, err
	}
	first, _, _ := strings.Cut(string(passphrase), "\n")
	return carp.NewKey(strings.TrimSuffix(first, "\r"))
}

// openHost opens the virtual host.
func (e *elections) openHost(ctx context.Context, will *guard.Guard) error {
	key, err := e.readKey()
	if err != nil {
		return err
	}
	hc := carp.HostConfig{Logger: e.log}
	if will, err = e.guard(ctx, will); err != nil {
		return err
	}
	if will != nil {
		hc.Guard = will
		e.closers = append(e.closers, will.Close)
	}
	network, err := netif.Open(&netif.Config{Logger: e.log})
	if err != nil {
		return err
	}
	e.closers = append(e.closers, network.Close)
	device, err := vip.Open(e.options.link, nil)
	if err != nil {
		return err
	}
	e.closers = append(e.closers, device.Close)
	keeper, err := vip.Keep(device, &vip.KeeperConfig{Logger: e.log})
	if err != nil {
		return err
	}
	e.closers = append(e.closers, keeper.Close)
	beginning := systemd.NewBeginning(network)
	hc.Network, e.begun = beginning, append(e.begun, beginning.Begun())
	if e.host, err = carp.NewHost(hc); err != nil {
		return err
	}
	o := &e.options
	e.config = carp.VirtualHostConfig{Link: o.link, Backend: keeper, Key: key,
		Config: carp.Config{VHID: uint8(o.vhid), AdvSkew: uint8(o.advskew), Addresses: o.addresses}}
	e.virtual, err = e.host.Add(e.config)
	return err
}

// router returns the router of the virtual routers, nil without them.
func (e *elections) router() *vrrp.Router {
	if e.daemon == nil {
		return nil
	}
	return e.daemon.Router()
}

// run takes part until ctx ends, hands over, and closes everything. If one of the two ends by itself, both do. told is the service
// manager, or nil.
func (e *elections) run(ctx context.Context, told *systemd.Notifier, hangup <-chan os.Signal) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer e.follow(ctx, told)()
	var both, obeying sync.WaitGroup
	obeying.Go(func() { e.reloads(ctx, told, hangup) })
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
	obeying.Wait()
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

// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/netif/guard"
)

// workers is how many goroutines do address work. The loop must not wait for one of the Go runtime's processors until the
// kernel has given them a turn: with --realtime there is one for each.
const workers = 8

// daemon is the host of a plan, on the links and devices of the system.
type daemon struct {
	plan     *plan
	log      *logger
	network  *netif.Network
	devices  *devices
	host     *carp.Host
	reporter *reporter
	will     *guard.Guard // nil without one
	process  *process
	begun    <-chan struct{}   // is closed when the loop runs
	unPID    func() error      // removes the file with the number of this process; nil if there is none of it
	told     *systemd.Notifier // nil for nobody
	watches  watches
}

// newDaemon opens what the plan needs. will is the guard that was started, or nil.
func newDaemon(p *plan, process *process, will *guard.Guard, log *logger) (*daemon, error) {
	nc := netif.Config{Logger: log.slog()}
	if p.realTime {
		nc.RealTime = netif.RealTime{Priority: 1, LockMemory: true}
		runtime.GOMAXPROCS(runtime.NumCPU() + workers)
	}
	network, err := netif.Open(&nc)
	if err != nil {
		return nil, err
	}
	beginning := systemd.NewBeginning(network)
	d := &daemon{plan: p, log: log, network: network, devices: newDevices(p, log.slog()), will: will, process: process, begun: beginning.Begun(),
		watches: watches{}}
	d.reporter = newReporter(log, p)
	cfg := carp.HostConfig{Network: beginning, Logger: log.slog(), Trace: d.reporter.trace(), Timeout: p.timeout(), Workers: workers,
		Select: true}
	if will != nil {
		cfg.Guard = will
	}
	if process.before != nil {
		d.devices.heir, cfg.Inherit = true, d.inherit
	}
	d.host, err = carp.NewHost(cfg)
	d.reporter.host = d.host
	for _, v := range p.instances {
		if err == nil {
			err = d.add(v)
		}
	}
	if err == nil {
		err = d.gather()
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// timeout bounds what one change of the state has to do with addresses: all its
// scripts, or 10 s.
func (p *plan) timeout() time.Duration {
	most := 10 * time.Second
	for _, v := range p.instances {
		if v.scripted() {
			most = max(most, time.Duration(len(v.addrs))*p.scriptTimeout+time.Second)
		}
	}
	return most
}

// add takes part in a virtual host.
func (d *daemon) add(v *instance) error {
	cfg := v.config()
	if v.ignoreState {
		d.log.write(slog.LevelWarn, "--ignoreifstate has no effect: "+v.link+" takes no part while it has no carrier")
	}
	if v.scripted() {
		cfg.Backend = &scripts{instance: v, log: d.log, timeout: d.plan.scriptTimeout, output: d.process.output}
	} else {
		backend, device, err := d.devices.backend(v)
		if err != nil {
			return err
		}
		cfg.Backend, cfg.Devices = backend, map[netip.Prefix]string{}
		for _, a := range v.addrs {
			cfg.Devices[a] = device
		}
	}
	trackers, err := d.watches.of(v)
	if err != nil {
		return err
	}
	cfg.Trackers = trackers
	virtual, err := d.host.Add(cfg)
	if err == nil {
		d.reporter.hosts = append(d.reporter.hosts, reported{virtual, v})
	}
	return err
}

// run takes part until ctx ends, hands over and closes everything. told is the service manager, or nil.
func (d *daemon) run(ctx context.Context, signals <-chan os.Signal, told *systemd.Notifier) error {
	stop := d.reporter.start()
	defer stop()
	over := make(chan struct{})
	d.told = told
	var obeying sync.WaitGroup
	obeying.Go(func() { d.obey(ctx, signals, over) })
	if before := d.process.before; before != nil {
		defer context.AfterFunc(ctx, before.Interrupt)()
	}
	defer d.follow(ctx, told)()
	err := d.host.Run(ctx)
	close(over)
	obeying.Wait() // it may be handing over still
	return errors.Join(err, d.close())
}

// obey does what signals ask for: SIGUSR1 to tell the state, SIGUSR2 to give up the
// role, and upgradeSignals to have another process go on.
func (d *daemon) obey(ctx context.Context, signals <-chan os.Signal, over <-chan struct{}) {
	for {
		select {
		case <-over:
			return
		case s := <-signals:
			switch s {
			case syscall.SIGUSR1:
				d.reporter.tell()
			case syscall.SIGUSR2:
				d.resign()
			default:
				d.upgrade(ctx)
			}
		}
	}
}

// resign gives up the role of every virtual host that is Master.
func (d *daemon) resign() {
	for _, v := range d.host.VirtualHosts() {
		if v.Status().State != carp.Master {
			continue
		}
		if err := v.Resign(0); err != nil {
			d.log.write(slog.LevelError, fmt.Sprintf("give up the role: %v", err))
		}
	}
}

// close closes what newDaemon has opened.
func (d *daemon) close() error {
	errs := []error{d.devices.close(), d.network.Close()}
	if d.will != nil {
		errs = append(errs, d.will.Close())
	}
	if d.process.before != nil {
		errs = append(errs, d.process.before.Close())
	}
	return errors.Join(errs...)
}

// writePID writes the file with the number of this process.
func (d *daemon) writePID() (err error) {
	d.unPID, err = writePID(d.plan.pidfile)
	return err
}

// removePID removes it, if it was written.
func (d *daemon) removePID() error {
	if d.unPID == nil {
		return nil
	}
	return d.unPID()
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/vrrp"
)

// handOver is how long a reload waits for virtual routers that it removes.
const handOver = 30 * time.Second

// reloads reads the files again each time it is asked to, until ctx ends.
func (e *elections) reloads(ctx context.Context, told *systemd.Notifier, hangup <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		if err := told.Reload(func() error { return e.reload(ctx) }, e.summary); err != nil {
			e.log.Error("reload failed", "error", err)
			continue
		}
		e.log.Info("the files were read again")
	}
}

// reload does so once. What can't be had of one file doesn't keep the other from being used.
func (e *elections) reload(ctx context.Context) error {
	var errs []error
	if e.daemon != nil {
		plan, err := e.readPlan()
		if err == nil {
			limited, cancel := context.WithTimeout(ctx, handOver)
			err = e.daemon.Reload(limited, plan)
			cancel()
		}
		errs = append(errs, err)
	}
	if e.host != nil {
		key, err := e.readKey()
		if err == nil {
			e.config.Key = key
			err = e.virtual.Reconfigure(e.config)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// follow has the service manager told how the program is until end is called, which is after the loops have ended. Signs of life are
// given while both answer.
func (e *elections) follow(ctx context.Context, told *systemd.Notifier) (end func()) {
	if told == nil {
		return func() {}
	}
	changed, started, over := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	var ends []func()
	if e.daemon != nil {
		ends = append(ends, systemd.Changes(ctx, changed, e.router().Events, func(v vrrp.Event) bool { return v.Kind == vrrp.EventTransition }))
	}
	if e.host != nil {
		ends = append(ends, systemd.Changes(ctx, changed, e.host.Events, func(v carp.Event) bool { return v.Kind == carp.EventTransition }))
	}
	go start(e.begun, started, over)
	router, host := e.router(), e.host
	ends = append(ends, told.Follow(ctx, systemd.Service{Started: started, Changed: changed, Log: e.log, Summary: func() string { return summary(router, host) },
		Ask: func() { ask(router, host) }}))
	return func() {
		close(over)
		for _, f := range ends {
			f()
		}
	}
}

// start closes started when all loops run, unless over is closed before.
func start(begun []<-chan struct{}, started chan<- struct{}, over <-chan struct{}) {
	for _, c := range begun {
		select {
		case <-c:
		case <-over:
			return
		}
	}
	close(started)
}

// ask returns when the loops have answered.
func ask(router *vrrp.Router, host *carp.Host) {
	if router != nil {
		router.Stats()
	}
	if host != nil {
		host.Stats()
	}
}

// summary says in a line how many are in which state.
func (e *elections) summary() string { return summary(e.router(), e.host) }

func summary(router *vrrp.Router, host *carp.Host) string {
	var parts []string
	if router != nil {
		var n [vrrp.Active + 1]int
		all := router.States()
		for _, s := range all {
			n[s]++
		}
		parts = append(parts, fmt.Sprintf("%d virtual routers: %d Active, %d Backup, %d Initialize", len(all), n[vrrp.Active], n[vrrp.Backup], n[vrrp.Initialize]))
	}
	if host != nil {
		for _, s := range host.States() {
			parts = append(parts, "virtual host: "+s.String())
		}
	}
	return strings.Join(parts, "; ")
}

// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif"
)

// beginning is a network that tells when the loop begins to run on it.
type beginning struct {
	*netif.Network
	begun chan struct{} // is closed then
}

// Bind is called by the loop, once.
func (b *beginning) Bind() (unbind func(), err error) {
	unbind, err = b.Network.Bind()
	if err == nil {
		close(b.begun)
	}
	return unbind, err
}

// follow has the service manager told how the daemon is until end is called, which is after the host has ended. Signs of life are
// given while the loop of the election answers.
func (d *daemon) follow(ctx context.Context, n *systemd.Notifier) (end func()) {
	if n == nil {
		return func() {}
	}
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	changed := make(chan struct{}, 1)
	var reader sync.WaitGroup
	reader.Go(func() { readChanges(reading, d.host, changed) })
	following := n.Follow(ctx, systemd.Service{
		Started: d.begun, Changed: changed, Log: d.log.slog(), Ask: func() { d.host.Stats() }, Summary: d.summary,
	})
	return func() {
		stop()
		reader.Wait()
		following()
	}
}

// readChanges tells, until ctx has ended, each time that a virtual host may have changed.
func readChanges(ctx context.Context, host *carp.Host, changed chan<- struct{}) {
	for e := range host.Events(ctx) {
		if e.Kind == carp.EventTransition {
			select {
			case changed <- struct{}{}:
			default: // it is told of already
			}
		}
	}
}

// summary says in a line how many virtual hosts are in which state.
func (d *daemon) summary() string {
	var count [carp.Master + 1]int
	all := d.host.VirtualHosts()
	for _, v := range all {
		count[v.Status().State]++
	}
	return fmt.Sprintf("%d virtual hosts: %d MASTER, %d BACKUP, %d INIT", len(all), count[carp.Master], count[carp.Backup], count[carp.Init])
}

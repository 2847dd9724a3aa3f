// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"fmt"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/systemd"
)

// follow has the service manager told how the daemon is until end is called, which is after the host has ended. Signs of life are
// given while the loop of the election answers.
func (d *daemon) follow(ctx context.Context, n *systemd.Notifier) (end func()) {
	if n == nil {
		return func() {}
	}
	changed := make(chan struct{}, 1)
	unread := systemd.Changes(ctx, changed, d.host.Events, func(e carp.Event) bool { return e.Kind == carp.EventTransition })
	following := n.Follow(ctx, systemd.Service{
		Started: d.begun, Changed: changed, Log: d.log.slog(), Ask: func() { d.host.Stats() }, Summary: d.summary,
	})
	return func() {
		unread()
		following()
	}
}

// summary says in a line how many virtual hosts are in which state.
func (d *daemon) summary() string {
	var count [carp.Master + 1]int
	all := d.host.States()
	for _, s := range all {
		count[s]++
	}
	return fmt.Sprintf("%d virtual hosts: %d MASTER, %d BACKUP, %d INIT", len(all), count[carp.Master], count[carp.Backup], count[carp.Init])
}

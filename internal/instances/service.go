// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"fmt"

	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Follow has the service manager told how the daemon is, which may be nobody, until end is called: that must come after Run, whose ctx
// is to be the same. Signs of life are given while the loop of the election answers.
func (d *Daemon) Follow(ctx context.Context, n *systemd.Notifier) (end func()) {
	if n == nil {
		return func() {}
	}
	changed := make(chan struct{}, 1)
	unread := systemd.Changes(ctx, changed, d.router.Events, func(e vrrp.Event) bool { return e.Kind == vrrp.EventTransition })
	following := n.Follow(ctx, systemd.Service{
		Started: d.begun, Changed: changed, Log: d.options.Logger, Ask: func() { d.router.Stats() }, Summary: d.Summary,
	})
	return func() {
		unread()
		following()
	}
}

// Summary says in a line how many virtual routers are in which state.
func (d *Daemon) Summary() string { return summary(d.router) }

func summary(router *vrrp.Router) string {
	var count [vrrp.Active + 1]int
	all := router.States()
	for _, s := range all {
		count[s]++
	}
	return fmt.Sprintf("%d virtual routers: %d Active, %d Backup, %d Initialize", len(all), count[vrrp.Active], count[vrrp.Backup], count[vrrp.Initialize])
}

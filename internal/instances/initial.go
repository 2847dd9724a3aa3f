// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"time"

	"github.com/go-fhrp/fhrp/netif/track"
	"github.com/go-fhrp/fhrp/vrrp"
)

// tellInitial tells of the instances and groups that begin in FAULT, of which there is no event, until ctx ends. It looks again
// for as long as there are some of which nothing has been told, and after each reload.
func (d *Daemon) tellInitial(ctx context.Context) {
	for again, looks := time.After(linkInterval), 1; ; looks++ {
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-d.reloaded:
			looks = 0
		}
		again = nil
		d.mu.Lock()
		if d.roster.tellInitial(context.WithoutCancel(ctx), looks >= certain) {
			again = time.After(linkInterval)
		}
		d.mu.Unlock()
	}
}

// certain is how many looks it takes to take an instance for a faulty one for which no reason is known: its link may not have been
// told of yet.
const certain = 20

// tellInitial does so once, and returns whether there are some left. sure says that what has no reason to be in FAULT is, too.
func (r *roster) tellInitial(ctx context.Context, sure bool) (left bool) {
	pending := map[string]bool{} // groups of which not all is known
	faulty := map[string]vrrp.Status{}
	for _, m := range r.members {
		name := m.name
		if !r.notifier.untold(deskKey{"INSTANCE", name}) {
			continue
		}
		left = true
		switch s := m.router.Status(); {
		case s.State != vrrp.Initialize || !s.Last.At.IsZero(): // there is an event
		case unknown(s.Trackers) || !sure && s.LinkError == nil && s.Barred == vrrp.ReasonNone:
			pending[s.Group] = true
		default:
			faulty[name] = s
		}
	}
	for name, s := range faulty {
		if s.Group == "" || !pending[s.Group] {
			r.notifier.tell(ctx, deskKey{"INSTANCE", name}, saysFault, s.Priority)
		}
	}
	for name, g := range r.groups {
		if r.notifier.untold(deskKey{"GROUP", name}) {
			left = true
			if !pending[name] && allIn(faulty, g.Status().Members) {
				r.notifier.tell(ctx, deskKey{"GROUP", name}, saysFault, 0)
			}
		}
	}
	return left
}

// allIn reports whether all members of a group are among those that begin in FAULT.
func allIn(faulty map[string]vrrp.Status, members []vrrp.GroupMember) bool {
	for _, m := range members {
		if _, ok := faulty[m.Name]; !ok {
			return false
		}
	}
	return true
}

// unknown reports whether a condition has had no outcome.
func unknown(trackers []track.Status) bool {
	for i := range trackers {
		if trackers[i].Reading.State == track.Unknown {
			return true
		}
	}
	return false
}

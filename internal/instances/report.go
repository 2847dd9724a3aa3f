// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"os"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// Report is all there is to know of a daemon. In JSON it is an object: RFC 8347 calls an instance so, the groups are named
// as in a keepalived.conf.
type Report struct {
	Time       time.Time             `json:"time"`                      // when it was asked for
	PID        int                   `json:"pid"`                       // of this process
	Instances  []vrrp.Status         `json:"vrrp-instance"`             // in the order of the file
	Groups     []vrrp.GroupStatus    `json:"vrrp-sync-group,omitempty"` // in the order of the file
	Statistics vrrp.RouterStats      `json:"statistics"`                // of all instances together
	Rejected   []vrrp.RejectedPacket `json:"rejected"`                  // the last ones, in order
}

// Report returns what there is to know. Each instance is asked by itself. While another plan is gone over to it waits.
func (d *Daemon) Report() Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.roster.report()
}

// report does it for what the plan has, and could be had.
func (r *roster) report() Report {
	all := Report{Time: time.Now(), PID: os.Getpid(), Instances: []vrrp.Status{}, Statistics: r.router.Stats(), Rejected: r.router.Rejected()}
	for _, m := range r.order {
		all.Instances = append(all.Instances, m.router.Status())
	}
	for _, g := range r.gathered {
		if group := r.groups[g.Name]; group != nil {
			all.Groups = append(all.Groups, group.Status())
		}
	}
	return all
}

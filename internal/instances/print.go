// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Print writes what would run, one line a fact.
func (p *Plan) Print(w io.Writer) error {
	for _, in := range p.Instances {
		c := in.Config
		fmt.Fprintf(w, "%s: virtual router %d on %s, %v, priority %d, every %v\n", c.Name, c.VRID, c.Link, c.Version, c.Priority, c.Interval)
		in.print(w)
		for _, a := range in.Addresses {
			if _, err := fmt.Fprintf(w, "  %v on %s%s\n", a.Prefix, in.device(a), label(a)); err != nil {
				return err
			}
		}
		for _, t := range in.Routes {
			fmt.Fprintf(w, "  route %v\n", t)
		}
		for _, u := range in.Rules {
			fmt.Fprintf(w, "  rule %v\n", u)
		}
	}
	for _, g := range p.Groups {
		fmt.Fprintf(w, "%s: group of %s\n", g.Name, strings.Join(g.Members, ", "))
	}
	_, err := fmt.Fprintf(w, "%d virtual routers\n", len(p.Instances))
	return err
}

// label tells the label of an address, if it has one.
func label(a keepalived.Address) string {
	if a.Label == "" {
		return ""
	}
	return ", label " + a.Label
}

// print writes what an instance has beside its addresses.
func (in *Instance) print(w io.Writer) {
	c := &in.Config
	switch {
	case c.HMAC != nil:
		fmt.Fprintf(w, "  authentication by HMAC, %v\n", c.HMAC.Mode)
	case c.AuthType == vrrp.AuthPassword:
		fmt.Fprintln(w, "  authentication by password")
	case c.AuthType == vrrp.AuthAH:
		fmt.Fprintln(w, "  authentication by header")
	}
	if c.NoPreempt {
		fmt.Fprintln(w, "  does not preempt")
	}
	if c.IgnoreLinkDown {
		fmt.Fprintln(w, "  takes part although its interface is down")
	}
	for _, peer := range c.Peers {
		fmt.Fprintf(w, "  peer %v\n", peer.Addr)
	}
	for _, t := range in.Tracks {
		fmt.Fprintf(w, "  %v %s%s\n", t.Kind, t.Name, weight(t.Weight))
	}
}

// weight tells what a condition does to the priority.
func weight(w keepalived.Weight) string {
	switch {
	case w.Value != 0 && w.Reverse:
		return fmt.Sprintf(", weight %d reverse", w.Value)
	case w.Value != 0:
		return fmt.Sprintf(", weight %d", w.Value)
	case w.Reverse:
		return ", reverse"
	}
	return ""
}

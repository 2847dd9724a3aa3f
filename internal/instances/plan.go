// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Plan is what a configuration file asks for.
type Plan struct {
	Instances []Instance
}

// Instance is one vrrp_instance.
type Instance struct {
	Config    vrrp.VirtualRouterConfig // without its Backend
	Addresses []keepalived.Address     // all that it holds
}

// NewPlan translates the words of keepalived into those of RFC 9568. The error joins one for each instance that can't be,
// with the place where it is configured.
func NewPlan(cfg *keepalived.Config) (*Plan, error) {
	p := &Plan{}
	var errs []error
	for _, in := range cfg.Instances {
		vr, err := translate(in, cfg.Global)
		if err == nil {
			err = vr.Validate()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: vrrp_instance %s: %w", in.File, in.Line, in.Name, err))
			continue
		}
		p.Instances = append(p.Instances, Instance{vr, append(in.Addresses[:len(in.Addresses):len(in.Addresses)], in.Excluded...)})
	}
	return p, errors.Join(errs...)
}

// translate makes the configuration of one virtual router. keepalived does not
// ask for a link-local address in IPv6, adds addresses at priority 255 too, and
// its checksums cover a pseudo-header unless told otherwise.
func translate(in keepalived.Instance, global keepalived.Global) (vrrp.VirtualRouterConfig, error) {
	c := vrrp.VirtualRouterConfig{
		Config: vrrp.Config{
			Version: vrrp.Version(in.Version), VRID: in.VRID, Priority: in.Priority, Interval: in.Interval,
			Addresses: prefixes(in.Addresses), Excluded: prefixes(in.Excluded), GlobalFirst: true, OwnerAdds: true,
			NoPreempt: in.NoPreempt, PreemptDelay: in.PreemptDelay, StartupHold: global.StartupDelay,
			EagerStart: in.State == keepalived.Master, DownIntervals: in.DownTimerAdverts,
			Announcements: vrrp.Announcements{Burst: in.GARP.Repeat, Delay: orNone(in.GARP.Delay), Refresh: in.GARP.Refresh},
		},
		Name: strings.Clone(in.Name), Link: strings.Clone(in.Interface), // copies: else the text of the file stays in memory
		Source: in.Source, Group: in.Group, Checksum: vrrp.ChecksumPseudoHeader,
	}
	if in.V3ChecksumAsV2 {
		c.Checksum = vrrp.ChecksumMessage
	}
	if in.Auth.Type == keepalived.AuthNone {
		return c, nil
	}
	data, err := vrrp.Password(in.Auth.Pass.Reveal())
	c.AuthType, c.AuthData = vrrp.AuthType(in.Auth.Type), data
	return c, err
}

// orNone turns keepalived's 0 for no delay into the library's.
func orNone(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// prefixes returns the bare addresses with their prefix lengths.
func prefixes(addrs []keepalived.Address) []netip.Prefix {
	var out []netip.Prefix
	for _, a := range addrs {
		out = append(out, a.Prefix)
	}
	return out
}

// Print writes what would run, one line a fact.
func (p *Plan) Print(w io.Writer) error {
	for _, in := range p.Instances {
		c := in.Config
		fmt.Fprintf(w, "%s: virtual router %d on %s, %v, priority %d, every %v\n", c.Name, c.VRID, c.Link, c.Version, c.Priority, c.Interval)
		if c.AuthType == vrrp.AuthPassword {
			fmt.Fprintln(w, "  authentication by password")
		}
		if c.NoPreempt {
			fmt.Fprintln(w, "  does not preempt")
		}
		for _, a := range in.Addresses {
			if _, err := fmt.Fprintf(w, "  %v on %s%s\n", a.Prefix, Device(c, a), label(a)); err != nil {
				return err
			}
		}
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

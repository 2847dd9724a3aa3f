// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// plan is what a configuration file asks for.
type plan struct {
	instances []instance
}

// instance is one vrrp_instance.
type instance struct {
	config    vrrp.VirtualRouterConfig // without its Backend
	addresses []keepalived.Address     // all that it holds
}

// readPlan reads a keepalived.conf. Warnings go to stderr.
func readPlan(file, id string, stderr io.Writer) (*plan, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	cfg, err := keepalived.Read(keepalived.Source{FS: os.DirFS("/"), File: filepath.ToSlash(path), ID: id})
	if cfg != nil {
		for _, w := range cfg.Warnings {
			fmt.Fprintln(stderr, "vrrpd: warning:", w)
		}
	}
	if err != nil {
		return nil, err
	}
	return newPlan(cfg)
}

// newPlan translates the words of keepalived into those of RFC 9568.
func newPlan(cfg *keepalived.Config) (*plan, error) {
	p := &plan{}
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
		p.instances = append(p.instances, instance{vr, append(in.Addresses[:len(in.Addresses):len(in.Addresses)], in.Excluded...)})
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

// print writes what would run, one line a fact.
func (p *plan) print(w io.Writer) error {
	for _, in := range p.instances {
		c := in.config
		fmt.Fprintf(w, "%s: virtual router %d on %s, %v, priority %d, every %v\n", c.Name, c.VRID, c.Link, c.Version, c.Priority, c.Interval)
		if c.AuthType == vrrp.AuthPassword {
			fmt.Fprintln(w, "  authentication by password")
		}
		if c.NoPreempt {
			fmt.Fprintln(w, "  does not preempt")
		}
		for _, a := range in.addresses {
			if _, err := fmt.Fprintf(w, "  %v on %s%s\n", a.Prefix, device(c, a), label(a)); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, "%d virtual routers\n", len(p.instances))
	return err
}

// label tells the label of an address, if it has one.
func label(a keepalived.Address) string {
	if a.Label == "" {
		return ""
	}
	return ", label " + a.Label
}

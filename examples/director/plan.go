// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// plan is what a configuration file asks for.
type plan struct {
	routers   *instances.Plan
	balancing *keepalived.Balancing
}

// readPlan reads a keepalived.conf. Warnings go to stderr.
func readPlan(file, id string, stderr io.Writer) (*plan, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	tree, err := keepalived.Parse(keepalived.Source{FS: os.DirFS("/"), File: filepath.ToSlash(path), ID: id})
	if err != nil {
		return nil, err
	}
	balancing, balancingErr := keepalived.DecodeBalancing(tree)
	tree.Directives = slices.DeleteFunc(tree.Directives, func(d keepalived.Directive) bool {
		return slices.Contains(keepalived.BalancingNames(), d.Name)
	})
	config, err := keepalived.Decode(tree)
	warnings := slices.DeleteFunc(config.Warnings, func(w keepalived.Warning) bool {
		return slices.Contains(keepalived.BalancingNames(), w.Directive)
	})
	for _, w := range append(warnings, balancing.Warnings...) {
		fmt.Fprintln(stderr, "director: warning:", w)
	}
	if err := errors.Join(err, balancingErr); err != nil {
		return nil, err
	}
	routers, err := instances.NewPlan(config)
	for _, w := range routers.Warnings {
		fmt.Fprintln(stderr, "director: warning:", w)
	}
	if err != nil {
		return nil, err
	}
	p := &plan{routers, balancing}
	return p, p.complete(config)
}

// complete looks up the virtual router that the sync daemon follows.
func (p *plan) complete(config *keepalived.Config) error {
	s := p.balancing.Sync
	if s == nil || s.Instance == "" {
		return nil
	}
	for _, in := range config.Instances {
		if in.Name == s.Instance {
			if s.ID < 0 {
				s.ID = int(in.VRID)
			}
			return nil
		}
	}
	return fmt.Errorf("lvs_sync_daemon: there is no vrrp_instance %s", s.Instance)
}

// print writes what would run.
func (p *plan) print(w io.Writer) error {
	if err := p.routers.Print(w); err != nil {
		return err
	}
	for _, v := range p.balancing.Servers {
		fmt.Fprintf(w, "%s: %v, scheduler %s, by %v", v.Name, v.Protocol, v.Scheduler, v.Method)
		if v.Persistence > 0 {
			fmt.Fprintf(w, ", persistent for %v", v.Persistence)
		}
		fmt.Fprintln(w)
		for _, s := range v.Servers {
			fmt.Fprintf(w, "  %v, weight %d\n", s.Addr, s.Weight)
			for _, c := range s.Checks {
				fmt.Fprintf(w, "    %s every %v, within %v\n", c.Kind, c.Interval, c.Timeout)
			}
		}
		if v.Sorry != nil {
			fmt.Fprintf(w, "  %v, if the weight of those that are up is below %d\n", v.Sorry.Addr, v.Quorum)
		}
	}
	if s := p.balancing.Sync; s != nil {
		fmt.Fprintf(w, "connections are synchronized on %s, as %s says\n", s.Interface, s.Instance)
	}
	if m := p.balancing.Mail; m != nil {
		fmt.Fprintf(w, "alerts go to %s by %s\n", strings.Join(m.To, ", "), net.JoinHostPort(m.Server, strconv.Itoa(int(m.Port))))
	}
	_, err := fmt.Fprintf(w, "%d virtual servers\n", len(p.balancing.Servers))
	return err
}

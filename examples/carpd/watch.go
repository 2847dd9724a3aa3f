// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/check"
	"github.com/go-fhrp/fhrp/netif/track"
)

// watch is a condition that virtual hosts depend on: an interface that has its carrier, a program that ends with status 0, or a
// file that isn't there.
type watch struct {
	kind     string // interface, command or file
	name     string // of it; a program with its arguments
	interval time.Duration
}

// addWatch takes a condition of an option.
func (v *instance) addWatch(kind string) func(string) error {
	return func(value string) error {
		words := strings.Fields(value)
		switch {
		case len(words) == 0:
			return errors.New("\"\" is not allowed, only what is not empty")
		case kind == "command":
			info, err := os.Stat(words[0])
			if err != nil {
				return err
			}
			if !filepath.IsAbs(words[0]) || info.IsDir() || info.Mode()&0o111 == 0 {
				return fmt.Errorf("%q is not allowed, only a program that can be executed, by its whole path, and its arguments", words[0])
			}
		case kind == "file":
			path, err := filepath.Abs(value)
			if err != nil {
				return err
			}
			value = path
		}
		v.watches = append(v.watches, watch{kind: kind, name: value})
		return nil
	}
}

// check returns the check of a condition.
func (w watch) check() func(context.Context) error {
	switch w.kind {
	case "interface":
		return check.Link(w.name)
	case "command":
		return check.Command(check.CommandConfig{Argv: strings.Fields(w.name)})
	}
	exists := check.Exists(w.name)
	return func(ctx context.Context) error {
		switch err := exists(ctx); {
		case err == nil:
			return errors.New("the file is there")
		case errors.Is(err, os.ErrNotExist):
			return nil
		default:
			return err
		}
	}
}

// watches are the conditions of all virtual hosts: one that several have is looked at once for all.
type watches map[watch]*track.Tracker

// of returns the conditions of a virtual host, and what each does.
func (all watches) of(v *instance) ([]track.Track, error) {
	var list []track.Track
	for _, w := range v.watches {
		w.interval = v.watchInterval
		if all[w] == nil {
			tracker, err := track.New(track.Config{Name: w.kind + " " + w.name, Check: w.check(), Interval: w.interval})
			if err != nil {
				return nil, v.wrong(err)
			}
			all[w] = tracker
		}
		list = append(list, track.Track{Tracker: all[w], Action: track.Action{Weight: -v.demotion, Fault: v.demotion == 0}})
	}
	return list, nil
}

// gather has the virtual hosts of each group move as one.
func (d *daemon) gather() error {
	members, preempt := map[string][]*carp.VirtualHost{}, map[string]bool{}
	var names []string
	for _, h := range d.reporter.hosts {
		name := h.instance.group
		if name == "" {
			continue
		}
		if members[name] == nil {
			names, preempt[name] = append(names, name), true
		}
		members[name] = append(members[name], h.VirtualHost)
		preempt[name] = preempt[name] && h.instance.preempt
	}
	for _, name := range names {
		// Where hosts don't preempt, a demotion moves nothing.
		if _, err := d.host.NewGroup(carp.GroupConfig{Name: name, Leave: !preempt[name]}, members[name]...); err != nil {
			return err
		}
	}
	return nil
}

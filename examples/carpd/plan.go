// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/go-fhrp/fhrp/carp"
)

// plan is what is to run.
type plan struct {
	*settings
	instances []*instance
}

// readPlan makes a plan of a command line. It is the help only if that is asked for.
func readPlan(s *settings, args []string) (*plan, error) {
	v := newInstance()
	table := options(s, v)
	given, err := parseArgs(args, table)
	if err != nil || s.help || len(args) == 0 {
		return &plan{settings: s}, err
	}
	p := &plan{settings: s, instances: []*instance{v}}
	if s.config != "" {
		for _, o := range table {
			if o.place == anywhere && slices.Contains(given, o.long) {
				return nil, fmt.Errorf("--%s is about a virtual host, and has its place in %s", o.long, s.config)
			}
		}
		s.inFile = true
		if p.instances, err = readConfig(s.config, s); err != nil {
			return nil, err
		}
	}
	for _, v := range p.instances {
		if err := v.complete(); err != nil {
			return nil, err
		}
	}
	return p, p.check()
}

// complete looks for what is missing.
func (v *instance) complete() error {
	what := ""
	switch {
	case v.vhid == 0:
		what = "a virtual host id (--vhid)"
	case v.passphrase == "":
		what = "a passphrase (--passfile)"
	case len(v.addrs) == 0:
		what = "a service address (--addr)"
	}
	if what != "" {
		return v.wrong(errors.New("there must be " + what))
	}
	if v.link == "" {
		var err error
		if v.link, err = firstInterface(); err != nil {
			return v.wrong(err)
		}
	}
	return v.check()
}

// check checks what belongs together.
func (v *instance) check() error {
	ipv6 := slices.ContainsFunc(v.addrs, func(p netip.Prefix) bool { return p.Addr().Is6() })
	for _, script := range []string{v.upscript, v.downscript} {
		if info, err := os.Stat(script); script != "" && err != nil {
			return v.wrong(err)
		} else if script != "" && (info.IsDir() || info.Mode()&0o111 == 0) {
			return v.wrong(fmt.Errorf("%s: not a program that can be executed", script))
		}
	}
	switch {
	case v.scripted() && v.device != "":
		return v.wrong(errors.New("--device: where there are scripts they configure the addresses"))
	case v.virtualMAC && (v.scripted() || v.device != ""):
		return v.wrong(errors.New("--virtual-mac: only without scripts and --device"))
	case v.virtualMAC && ipv6:
		return v.wrong(errors.New("--virtual-mac: only with IPv4 addresses"))
	}
	if err := v.config().Validate(); err != nil {
		return v.wrong(err)
	}
	return nil
}

// wrong says which virtual host an error is about.
func (v *instance) wrong(err error) error {
	if v.name == "" {
		return err
	}
	return fmt.Errorf("[%s]: %w", v.name, err)
}

// check checks what virtual hosts have in common.
func (p *plan) check() error {
	type key struct {
		link string
		vhid int
	}
	seen := map[key]bool{}
	for _, v := range p.instances {
		k := key{v.link, v.vhid}
		if seen[k] {
			return v.wrong(fmt.Errorf("vhid %d: each once on an interface, %s", v.vhid, v.link))
		}
		seen[k] = true
	}
	if p.json && !p.doctor {
		return errors.New("--json: only with --doctor")
	}
	return nil
}

// firstInterface is ucarp's default (pcap_lookupdev): the first interface that is
// up, but for loopback.
func firstInterface() (string, error) {
	all, err := net.Interfaces()
	if err != nil {
		return "", err
	}
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagLoopback == 0 {
			return i.Name, nil
		}
	}
	return "", errors.New("there must be an interface (--interface): none is up")
}

// scripted reports whether scripts configure the addresses.
func (v *instance) scripted() bool { return v.upscript != "" || v.downscript != "" }

// title is what the virtual host is called.
func (v *instance) title() string { return cmp.Or(v.name, fmt.Sprintf("%s id %d", v.link, v.vhid)) }

// config returns the configuration of the virtual host, but for its backend.
func (v *instance) config() carp.VirtualHostConfig {
	c := carp.VirtualHostConfig{
		Name: v.title(), Link: v.link, Key: carp.IfconfigKey(v.passphrase),
		Peers: v.peers, Broadcast: v.nomcast, VirtualMAC: v.virtualMAC, NoLease: v.permanent,
		Config: carp.Config{VHID: uint8(v.vhid), AdvBase: uint8(v.advbase), AdvSkew: uint8(v.advskew), SubSecond: v.advbase == 0,
			Addresses: v.addrs, Preempt: v.preempt, DeadRatio: v.deadratio},
	}
	for _, source := range v.sources {
		if source.Is4() {
			c.SourceIPv4 = source
		} else {
			c.SourceIPv6 = source
		}
	}
	if v.mcast.Is4() {
		c.GroupIPv4 = v.mcast
	} else if v.mcast.IsValid() {
		c.GroupIPv6 = v.mcast
	}
	return c
}

// print writes what would run.
func (p *plan) print(w io.Writer) error {
	var b strings.Builder
	for _, v := range p.instances {
		fmt.Fprintf(&b, "%s: virtual host %d on %s, advbase %d advskew %d, dead ratio %d", v.title(), v.vhid, v.link, v.advbase, v.advskew, v.deadratio)
		if v.preempt {
			b.WriteString(", preempts")
		}
		b.WriteString("\n")
		for _, peer := range v.peers {
			fmt.Fprintf(&b, "  peer %v\n", peer)
		}
		for _, a := range v.addrs {
			if v.scripted() {
				fmt.Fprintf(&b, "  %v by scripts\n", a)
			} else {
				fmt.Fprintf(&b, "  %v on %s\n", a, v.place())
			}
		}
		v.printMore(&b)
		for _, script := range []string{v.upscript, v.downscript} {
			if script != "" {
				fmt.Fprintf(&b, "  %s\n", strings.Join(v.command(script, v.addrs[0].Addr()), " "))
			}
		}
	}
	fmt.Fprintf(&b, "%d virtual hosts\n", len(p.instances))
	_, err := io.WriteString(w, b.String())
	return err
}

// printMore writes what else the virtual host depends on.
func (v *instance) printMore(b *strings.Builder) {
	if v.group != "" {
		fmt.Fprintf(b, "  group %s\n", v.group)
	}
	for _, w := range v.watches {
		effect := "takes no part"
		if v.demotion > 0 {
			effect = fmt.Sprintf("advskew %d more", v.demotion)
		}
		fmt.Fprintf(b, "  watches %s %s every %v: %s\n", w.kind, w.name, v.watchInterval, effect)
	}
}

// place returns where the addresses are held, in words.
func (v *instance) place() string {
	if v.virtualMAC {
		return fmt.Sprintf("an interface of %s with the virtual MAC address", v.link)
	}
	return cmp.Or(v.device, v.link)
}

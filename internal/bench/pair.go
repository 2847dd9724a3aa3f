// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// scene is what a pair of routers is to do.
type scene struct {
	links, routers int // routers on each link
	addresses      int // of each router; 0: one. Ten are advertised at most.
	interval       time.Duration
	client         bool // a third host
}

func (s scene) total() int { return s.links * s.routers }

// pair is a master and a backup in the middle of their work.
type pair struct {
	scene
	lab            *netlab.Lab
	master, backup *daemon
	dir            string
	begun          time.Time
}

// Times of getting ready.
const (
	readyWait = 2 * time.Minute  // at most, for the last address
	calm      = 5 * time.Second  // after it, and after the start of the backup
	settled   = 20 * time.Second // from the start to when cost and memory are looked at
)

// start makes the hosts, starts a program on both, and waits until the first one has all addresses.
func start(p program, s scene) (*pair, error) {
	hosts := []string{"master", "backup"}
	if s.client {
		hosts = append(hosts, "client")
	}
	lab, err := netlab.New(netlab.Config{Hosts: hosts, Links: s.links})
	if err != nil {
		return nil, err
	}
	made := &pair{scene: s, lab: lab}
	if err := made.begin(p); err != nil {
		made.close()
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return made, nil
}

// begin starts the program.
func (p *pair) begin(of program) (err error) {
	if p.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	p.begun = time.Now()
	if p.master, err = of.start(p.lab.Host("master"), p.dir, p.config(200)); err != nil {
		return err
	}
	if err := p.await(); err != nil {
		return err
	}
	if p.backup, err = of.start(p.lab.Host("backup"), p.dir, p.config(100)); err != nil {
		return err
	}
	time.Sleep(calm)
	return nil
}

// await waits until the master has all addresses.
func (p *pair) await() error {
	want := p.total() * max(p.addresses, 1)
	for end := time.Now().Add(readyWait); ; time.Sleep(100 * time.Millisecond) {
		held, err := p.held("master")
		switch {
		case err != nil || held >= want:
			return err
		case time.Now().After(end):
			return fmt.Errorf("%d of %d addresses after %v", held, want, readyWait)
		}
	}
}

// held counts the service addresses on a host.
func (p *pair) held(host string) (count int, err error) {
	for link := range p.links {
		addrs, err := p.lab.Host(host).Addresses(link)
		if err != nil {
			return 0, err
		}
		for _, a := range addrs {
			if a.Bits() == 32 {
				count++
			}
		}
	}
	return count, nil
}

// close ends both and takes the hosts apart.
func (p *pair) close() {
	for _, d := range []*daemon{p.master, p.backup} {
		if d != nil {
			d.kill()
		}
	}
	_ = os.RemoveAll(p.dir)
	_ = p.lab.Close()
}

// sent counts the packets that have left the master: advertisements, while nothing changes.
func (p *pair) sent() (sum uint64, err error) {
	err = p.lab.Host("master").Do(func() error {
		for link := range p.links {
			l, err := netlink.LinkByName(fmt.Sprintf("eth%d", link))
			if err != nil {
				return err
			}
			sum += l.Attrs().Statistics.TxPackets
		}
		return nil
	})
	return sum, err
}

// config returns a keepalived.conf.
func (p *pair) config(priority int) string {
	var b strings.Builder
	b.WriteString("global_defs {\n vrrp_version 3\n vrrp_garp_master_refresh 0\n}\n")
	for link := range p.links {
		for id := 1; id <= p.routers; id++ {
			fmt.Fprintf(&b, "vrrp_instance I%d_%d {\n state BACKUP\n interface eth%d\n virtual_router_id %d\n priority %d\n advert_int %g\n",
				link, id, link, id, priority, p.interval.Seconds())
			addrs := p.service(link, id)
			advertised := addrs[:min(len(addrs), 10)]
			fmt.Fprintf(&b, " virtual_ipaddress {\n%s }\n", lines(advertised))
			if rest := addrs[len(advertised):]; len(rest) > 0 {
				fmt.Fprintf(&b, " virtual_ipaddress_excluded {\n%s }\n", lines(rest))
			}
			b.WriteString("}\n")
		}
	}
	return b.String()
}

// service returns the addresses of a virtual router.
func (p *pair) service(link, id int) (addrs []netip.Prefix) {
	for i := range max(p.addresses, 1) {
		addrs = append(addrs, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(100 + link), byte(id + i/250), byte(1 + i%250)}), 32))
	}
	return slices.Clip(addrs)
}

// lines writes one a line.
func lines(addrs []netip.Prefix) string {
	var b strings.Builder
	for _, a := range addrs {
		fmt.Fprintln(&b, " ", a)
	}
	return b.String()
}

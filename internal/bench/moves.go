// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// Of moves of the role.
const (
	rounds       = 3 // of which the median is told
	pingInterval = 2 * time.Millisecond
)

// detection prints when the backup claims the role of a master that was killed, over the time that the protocol has for that.
func (s settings) detection() error {
	header("program", "interval", "Active Down Interval, ms", "claimed after, ms", "ratio")
	for _, interval := range []time.Duration{time.Second, time.Second / 10, time.Second / 100} {
		down := 3*interval + 156*interval/256 // of a backup of priority 100
		err := s.moves(scene{links: 1, routers: 1, interval: interval}, (*pair).missed,
			func(name string, median time.Duration) {
				fmt.Printf("| %s | %v | %s | %s | %.4f |\n", name, interval, ms(down), ms(median), float64(median)/float64(down))
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// planned prints what a client loses while the master is stopped as its service manager would.
func (s settings) planned() error {
	header("program", "interval", "pings lost", "no answer for, ms")
	for _, interval := range []time.Duration{time.Second, time.Second / 10} {
		err := s.moves(scene{links: 1, routers: 1, interval: interval, client: true}, (*pair).lost, func(name string, median time.Duration) {
			fmt.Printf("| %s | %v | %d | %s |\n", name, interval, median/pingInterval, ms(median))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// moves measures some moves of each program, and has the median printed.
func (s settings) moves(sc scene, measure func(*pair) (time.Duration, error), show func(name string, median time.Duration)) error {
	for _, of := range s.programs() {
		var all []time.Duration
		for range rounds {
			p, err := start(of, sc)
			if err != nil {
				return err
			}
			d, err := measure(p)
			p.close()
			if err != nil {
				return fmt.Errorf("%s: %w", of.name, err)
			}
			all = append(all, d)
		}
		slices.Sort(all)
		show(of.name, quantile(all, .5))
	}
	return nil
}

// missed kills the master, and returns the time from its last advertisement to the first one of the backup, as the backup's kernel
// stamps them.
func (p *pair) missed() (time.Duration, error) {
	l, err := listen(p.lab.Host("backup"))
	if err != nil {
		return 0, err
	}
	time.Sleep(3 * p.interval)
	p.master.kill()
	time.Sleep(6*p.interval + time.Second)
	var last time.Time
	for _, e := range l.stop() {
		switch {
		case e.announce.IsValid():
		case !e.outgoing:
			last = e.at
		case !last.IsZero():
			return e.at.Sub(last), nil
		}
	}
	return 0, fmt.Errorf("the backup has not claimed the role")
}

// lost stops the master under a client that pings the service address, and returns for how long that got no answer.
func (p *pair) lost() (time.Duration, error) {
	client, service := p.lab.Host("client"), p.service(0, 1)[0]
	if err := client.Do(func() error { return onLink(service) }); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 8*p.interval+2*time.Second)
	defer cancel()
	var summary netlab.PingSummary
	ended := make(chan error, 1)
	go func() {
		var err error
		summary, err = netlab.Ping(ctx, client, service.Addr(), pingInterval, nil)
		ended <- err
	}()
	time.Sleep(time.Second + p.interval/2)
	if err := syscall.Kill(p.master.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		return 0, err
	}
	err := <-ended
	_ = p.master.cmd.Wait()
	return time.Duration(summary.Lost) * pingInterval, err
}

// onLink has a host look for an address on its first link.
func onLink(addr netip.Prefix) error {
	l, err := netlink.LinkByName("eth0")
	if err != nil {
		return err
	}
	dst, err := netlink.ParseIPNet(addr.String())
	if err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{LinkIndex: l.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: dst})
}

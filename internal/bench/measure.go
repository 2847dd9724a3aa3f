// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/vrrp"
)

// measurement is one table.
type measurement struct {
	name, what string
	run        func(settings) error
}

func measurements() []measurement {
	return []measurement{
		{"4000", "4,000 virtual routers on 16 links, 1 s", func(s settings) error { return s.steady(scene{links: 16, routers: 250, interval: time.Second}) }},
		{"1000", "1,000 virtual routers on 4 links, 100 ms", func(s settings) error { return s.steady(scene{links: 4, routers: 250, interval: time.Second / 10}) }},
		{"failover", "1,000 virtual routers on 4 links, 100 ms, of which the master dies", func(s settings) error {
			return s.takeOver(scene{links: 4, routers: 250, interval: time.Second / 10})
		}},
		{"addresses", "1 virtual router with 1,000 addresses, of which the master dies", func(s settings) error {
			return s.takeOver(scene{links: 1, routers: 1, addresses: 1000, interval: time.Second / 10})
		}},
		{"detection", "1 virtual router, of which the master is killed", settings.detection},
		{"planned", "1 virtual router, of which the master is stopped, and a client that pings every 2 ms", settings.planned},
		{"gaps", "1 virtual router, 10 ms", func(s settings) error { return s.gaps(0) }},
		{"starved", "the same beside 16 busy processes", func(s settings) error { return s.gaps(16) }},
		{"codec", "advertisements of version 3 over IPv4 with one address", settings.codec},
		{"growth", "virtual routers against cost, 1 s", settings.growth},
	}
}

// names returns what -only chooses from.
func names() string {
	var all []string
	for _, m := range measurements() {
		all = append(all, m.name)
	}
	return strings.Join(all, ", ")
}

// header prints the first lines of a table.
func header(columns ...string) {
	fmt.Printf("| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
}

// ms writes a duration in milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)) }

// cost is what advertisements took.
type cost struct {
	sent           float64 // of those due
	master, backup time.Duration
	mib            [2]float64
}

// cost measures for a while.
func (p *pair) cost(d time.Duration) (c cost, err error) {
	time.Sleep(settled - time.Since(p.begun))
	begin, cpu := time.Now(), [2]time.Duration{p.master.cpu(), p.backup.cpu()}
	first, err := p.sent()
	if err != nil {
		return c, err
	}
	time.Sleep(d)
	last, err := p.sent()
	if err != nil || last == first {
		return c, err
	}
	count := time.Duration(last - first)
	c.master, c.backup = (p.master.cpu()-cpu[0])/count, (p.backup.cpu()-cpu[1])/count
	c.sent = float64(count) / (float64(p.total()) * float64(time.Since(begin)) / float64(p.interval))
	c.mib = [2]float64{p.master.memory(), p.backup.memory()}
	return c, nil
}

// steady prints what advertisements cost while nothing changes.
func (s settings) steady(sc scene) error {
	header("program", "sent", "CPU for one sent, us", "for one received, us", "memory of the master, MiB", "of the backup, MiB")
	return s.each(sc, nil, func(name string, p *pair) error {
		c, err := p.cost(s.duration)
		fmt.Printf("| %s | %.1f %% | %.2f | %.2f | %.1f | %.1f |\n", name, 100*c.sent, us(c.master), us(c.backup), c.mib[0], c.mib[1])
		return err
	})
}

func us(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// each starts a pair of each program, but for those that are left out, and measures it.
func (s settings) each(sc scene, without func(program) bool, f func(name string, p *pair) error) error {
	for _, of := range s.programs() {
		if without != nil && without(of) {
			continue
		}
		p, err := start(of, sc)
		if err != nil {
			return err
		}
		err = f(of.name, p)
		p.close()
		if err != nil {
			return fmt.Errorf("%s: %w", of.name, err)
		}
	}
	return nil
}

// takeOver prints how long the fail-over of everything takes.
func (s settings) takeOver(sc scene) error {
	header("program", "taken over", "last advertised, ms", "announced", "last announced, ms")
	return s.each(sc, nil, func(name string, p *pair) error {
		l, err := listen(p.lab.Host("backup"))
		if err != nil {
			return err
		}
		p.master.kill()
		time.Sleep(5*sc.interval + 3*time.Second)
		var first, advertised, announced time.Time
		routers, addrs := map[string]bool{}, map[netip.Addr]bool{}
		for _, e := range l.stop() {
			key := fmt.Sprint(e.link, " ", e.id)
			switch {
			case !e.outgoing:
			case e.announce.IsValid() && !addrs[e.announce]:
				addrs[e.announce], announced = true, e.at
			case !e.announce.IsValid() && !routers[key]:
				routers[key], advertised = true, e.at
				if first.IsZero() {
					first = e.at
				}
			}
		}
		fmt.Printf("| %s | %d | %s | %d | %s |\n", name, len(routers), ms(advertised.Sub(first)), len(addrs), ms(announced.Sub(first)))
		return nil
	})
}

// gaps prints how even advertisements are, beside some processes that never sleep.
func (s settings) gaps(hogs int) error {
	const interval = 10 * time.Millisecond
	header("program", "gaps", "expected", "p50, ms", "p99, ms", "p99.9, ms", "max, ms", "false")
	return s.each(scene{links: 1, routers: 1, interval: interval}, nil, func(name string, p *pair) error {
		for range hogs {
			hog := exec.Command("sh", "-c", "while :; do :; done")
			if err := p.lab.Host("master").Start(hog); err != nil {
				return err
			}
			defer hog.Wait()
			defer hog.Process.Kill()
		}
		l, err := listen(p.lab.Host("backup"))
		if err != nil {
			return err
		}
		time.Sleep(s.duration)
		between, sent := gaps(l.stop())
		fmt.Printf("| %s | %d | %d | %s | %s | %s | %s | %d |\n", name, len(between), s.duration/interval,
			ms(quantile(between, .5)), ms(quantile(between, .99)), ms(quantile(between, .999)), ms(quantile(between, 1)), sent)
		return nil
	})
}

// growth prints what more virtual routers cost.
func (s settings) growth() error {
	header("program", "virtual routers", "sent", "CPU for one sent, us", "for one received, us", "memory of the master, MiB", "of the backup, MiB", "worst lateness, ms")
	for _, sc := range []scene{{links: 1, routers: 1}, {links: 1, routers: 10}, {links: 1, routers: 100}, {links: 4, routers: 250}, {links: 16, routers: 250}} {
		sc.interval = time.Second
		err := s.each(sc, func(p program) bool { return strings.Contains(p.name, "realtime") }, func(name string, p *pair) error {
			c, err := p.cost(s.duration)
			if err != nil {
				return err
			}
			l, err := listen(p.lab.Host("backup"))
			if err != nil {
				return err
			}
			time.Sleep(s.duration)
			between, _ := gaps(l.stop())
			fmt.Printf("| %s | %d | %.1f %% | %.2f | %.2f | %.1f | %.1f | %s |\n", name, sc.total(), 100*c.sent, us(c.master), us(c.backup), c.mib[0], c.mib[1],
				ms(quantile(between, 1)-sc.interval))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// codec prints what reading and writing an advertisement takes.
func (s settings) codec() error {
	src := netip.AddrFrom4([4]byte{192, 0, 2, 1})
	adv := vrrp.Advertisement{Version: vrrp.V3, VRID: 1, Priority: 100, Interval: time.Second, Addresses: []netip.Addr{src.Next()}}
	header("", "ns", "allocations")
	for _, form := range []vrrp.ChecksumForm{vrrp.ChecksumMessage, vrrp.ChecksumPseudoHeader} {
		message, err := adv.Append(nil, src, vrrp.GroupIPv4(), form)
		if err != nil {
			return err
		}
		h := vrrp.IPHeader{Src: src, Dst: vrrp.GroupIPv4(), HopLimit: vrrp.HopLimit}
		row(fmt.Sprint("parse, checksum of the form ", form), func() { _, err = adv.Parse(message, h) })
		row(fmt.Sprint("append, checksum of the form ", form), func() { message, err = adv.Append(message[:0], src, vrrp.GroupIPv4(), form) })
		if err != nil {
			return err
		}
	}
	return nil
}

// busy returns for how long this process has had a processor.
func busy() time.Duration {
	var use unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &use)
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// row prints what a function takes.
func row(name string, f func()) {
	const count = 2_000_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := busy()
	for range count {
		f()
	}
	d := busy() - begin
	runtime.ReadMemStats(&after)
	fmt.Printf("| %s | %.1f | %d |\n", name, float64(d)/count, (after.Mallocs-before.Mallocs)/count)
}

// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// settings are what concerns the program.
type settings struct {
	facility      string
	daemonize     bool
	debug         bool
	help          bool
	test          bool
	doctor        bool
	json          bool
	guard         bool
	realTime      bool
	config        string
	pidfile       string
	status        string
	scriptTimeout time.Duration
	passphrases   []string // as they stand in the arguments
	inherited     string   // the passphrase, in a process whose arguments don't have it
	inFile        bool     // options are those of a file now
}

// instance is what one virtual host is asked to be.
type instance struct {
	name        string // of its section; empty on the command line
	link        string
	sources     []netip.Addr
	mcast       netip.Addr
	vhid        int
	passphrase  string
	preempt     bool
	neutral     bool
	addrs       []netip.Prefix
	advbase     int
	advskew     int
	upscript    string
	downscript  string
	deadratio   int
	ignoreState bool
	nomcast     bool
	xparam      string
	device      string
	peers       []netip.Addr
	permanent   bool
	virtualMAC  bool

	group         string
	watches       []watch
	watchInterval time.Duration
	demotion      int
}

// newSettings and newInstance return the defaults, which are ucarp's.
func newSettings() *settings {
	return &settings{facility: "daemon", scriptTimeout: 30 * time.Second}
}

func newInstance() *instance {
	return &instance{advbase: 1, deadratio: 3, watchInterval: time.Second}
}

// options returns all options, which set s and v.
func options(s *settings, v *instance) []option {
	return append(ucarpOptions(s, v), moreOptions(s, v)...)
}

// ucarpOptions are those of ucarp(8), in the order of its help.
func ucarpOptions(s *settings, v *instance) []option {
	list := []option{
		{"interface", 'i', "IF", "interface (default: the first that is up, but for loopback)", anywhere, true, text(&v.link)},
		{"srcip", 's', "IP", "address of this host that it advertises from, one of each family (default: the primary one)", anywhere, true, address(&v.sources)},
		{"mcastip", 'm', "IP", "multicast group (default: 224.0.0.18 and ff02::12)", anywhere, true, v.setGroup},
		{"vhid", 'v', "ID", "number of the virtual host, 1 to 255", anywhere, true, number(&v.vhid, 1, 255)},
		{"pass", 'p', "PASS", "passphrase; --passfile keeps it from other users", anywhere, true, s.setPassphrase(v)},
		{"passfile", 'o', "FILE", "file whose first line is the passphrase", anywhere, true, v.readPassphrase},
		{"preempt", 'P', "", "take over from a master that advertises less often", anywhere, true, flag(&v.preempt)},
		{"neutral", 'n', "", "don't run the downscript at the start", anywhere, true, flag(&v.neutral)},
		{"addr", 'a', "IP[/LEN]", "service address, IPv4 or IPv6; may be repeated", anywhere, true, v.addAddress},
		{"help", 'h', "", "print this", commandLine, true, flag(&s.help)},
		{"advbase", 'b', "SECONDS", "time between advertisements, 0 to 255 (default 1)", anywhere, true, number(&v.advbase, 0, 255)},
		{"advskew", 'k', "SKEW", "added to that, in 1/256 s, 0 to 254: the lowest is master", anywhere, true, number(&v.advskew, 0, 254)},
		{"upscript", 'u', "FILE", "program that configures an address: FILE IF IP [XPARAM]", anywhere, true, path(&v.upscript)},
		{"downscript", 'd', "FILE", "program that removes it", anywhere, true, path(&v.downscript)},
		{"deadratio", 'r', "RATIO", "times advbase that the master may be silent, 1 to 255 (default 3)", anywhere, true, number(&v.deadratio, 1, 255)},
		{"debug", 'D', "", "log more", program, true, flag(&s.debug)},
		{"shutdown", 'z', "", "run the downscript at the end, which is always done", anywhere, true, flag(new(bool))},
		{"daemonize", 'B', "", "go to the background when started", program, true, flag(&s.daemonize)},
		{"ignoreifstate", 'S', "", "taken, without effect: a link without carrier takes no part", anywhere, true, flag(&v.ignoreState)},
		{"nomcast", 'M', "", "advertise to 255.255.255.255", anywhere, true, flag(&v.nomcast)},
		{"facility", 'f', "NAME", "facility of syslog, or none (default: daemon)", program, true, s.setFacility},
		{"xparam", 'x', "VALUE", "last argument of the scripts", anywhere, true, text(&v.xparam)},
	}
	return list
}

// moreOptions are those that ucarp doesn't have.
func moreOptions(s *settings, v *instance) []option {
	return []option{
		{"peer", 0, "IP", "advertise to this address and not to the group; may be repeated", anywhere, false, address(&v.peers)},
		{"device", 0, "IF", "interface for the service addresses (default: that of the advertisements)", anywhere, false, text(&v.device)},
		{"permanent", 0, "", "hold addresses without a lease: they stay where carpd is killed", anywhere, false, flag(&v.permanent)},
		{"virtual-mac", 0, "", "have the addresses at 00:00:5e:00:01:VHID, as BSDs do (IPv4)", anywhere, false, flag(&v.virtualMAC)},
		{"group", 0, "NAME", "move as one with the other virtual hosts of the group", anywhere, false, text(&v.group)},
		{"watch-interface", 0, "IF", "take no part while the interface has no carrier; may be repeated", anywhere, false, v.addWatch("interface")},
		{"watch-command", 0, "PROGRAM", "take no part while it fails, with the arguments behind it; may be repeated", anywhere, false, v.addWatch("command")},
		{"watch-file", 0, "FILE", "take no part while it exists; may be repeated", anywhere, false, v.addWatch("file")},
		{"watch-interval", 0, "SECONDS", "between two looks at these, 1 to 3600 (default 1)", anywhere, false, seconds(&v.watchInterval, 1, 3600)},
		{"demotion", 0, "SKEW", "take part all the same while these fail, with so much added to advskew, 1 to 240", anywhere, false, number(&v.demotion, 1, 240)},
		{"guard", 0, "", "start a process that says goodbye if this one dies", program, false, flag(&s.guard)},
		{"realtime", 0, "", "run with a real-time priority and locked memory", program, false, flag(&s.realTime)},
		{"script-timeout", 0, "SECONDS", "after which a script is killed, 1 to 3600 (default 30)", program, false, seconds(&s.scriptTimeout, 1, 3600)},
		{"pidfile", 0, "FILE", "write the number of the process there", program, false, path(&s.pidfile)},
		{"status", 0, "FILE", "write the state there, as JSON", program, false, path(&s.status)},
		{"config", 0, "FILE", "read virtual hosts from a file", commandLine, false, path(&s.config)},
		{"test", 't', "", "print what would run, and end", commandLine, false, flag(&s.test)},
		{"doctor", 0, "", "print what on this host would keep it from working, and end", commandLine, false, flag(&s.doctor)},
		{"json", 0, "", "with --doctor: print it as JSON", commandLine, false, flag(&s.json)},
	}
}

// The functions below return what sets an option. The error has the value and what
// is allowed.

func flag(dst *bool) func(string) error {
	return func(string) error { *dst = true; return nil }
}

func text(dst *string) func(string) error {
	return func(value string) error {
		if value == "" {
			return errors.New("\"\" is not allowed, only what is not empty")
		}
		*dst = value
		return nil
	}
}

// path makes the name of a file absolute: in the background, the working directory
// is another.
func path(dst *string) func(string) error {
	return func(value string) (err error) {
		if value == "" {
			return errors.New("\"\" is not allowed, only the name of a file")
		}
		*dst, err = filepath.Abs(value)
		return err
	}
}

func number(dst *int, least, most int) func(string) error {
	return func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%q is not allowed, only %d to %d", value, least, most)
		}
		*dst = n
		return nil
	}
}

func seconds(dst *time.Duration, least, most int) func(string) error {
	return func(value string) error {
		var n int
		err := number(&n, least, most)(value)
		if err == nil {
			*dst = time.Duration(n) * time.Second
		}
		return err
	}
}

// address appends an address of a host.
func address(dst *[]netip.Addr) func(string) error {
	return func(value string) error {
		a, err := netip.ParseAddr(value)
		if err != nil || a.Zone() != "" {
			return fmt.Errorf("%q is not allowed, only an IPv4 or IPv6 address", value)
		}
		*dst = append(*dst, a.Unmap())
		return nil
	}
}

func (v *instance) setGroup(value string) error {
	a, err := netip.ParseAddr(value)
	if err != nil || !a.IsMulticast() || a.Zone() != "" {
		return fmt.Errorf("%q is not allowed, only a multicast address", value)
	}
	v.mcast = a
	return nil
}

// addAddress takes a service address. Without a prefix length it is on its own.
func (v *instance) addAddress(value string) error {
	p, err := netip.ParsePrefix(value)
	if !strings.Contains(value, "/") {
		var a netip.Addr
		a, err = netip.ParseAddr(value)
		p = netip.PrefixFrom(a.WithZone(""), a.BitLen())
		if a.Zone() != "" {
			err = errors.New("zone")
		}
	}
	if err != nil {
		return fmt.Errorf("%q is not allowed, only an IPv4 or IPv6 address with or without prefix length", value)
	}
	v.addrs = append(v.addrs, p)
	return nil
}

// setPassphrase takes the passphrase of a command line, where others see it.
func (s *settings) setPassphrase(v *instance) func(string) error {
	return func(value string) error {
		if s.inFile {
			return v.takePassphrase(value)
		}
		s.passphrases = append(s.passphrases, value)
		return v.takePassphrase(cmp.Or(s.inherited, value))
	}
}

// readPassphrase takes the first line of a file.
func (v *instance) readPassphrase(value string) error {
	f, err := os.Open(value)
	if err != nil {
		return err
	}
	defer f.Close() // nothing was written
	line, err := bufio.NewReader(io.LimitReader(f, 512)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := v.takePassphrase(strings.TrimRight(line, "\r\n")); err != nil {
		return fmt.Errorf("%s: %w", value, err)
	}
	return nil
}

// takePassphrase checks a passphrase: it has to be one that peers can have as well,
// and ifconfig and ucarp take 19 octets. The copy stays when the command line is
// made unreadable.
func (v *instance) takePassphrase(value string) error {
	if len(value) < 1 || len(value) > 19 {
		return fmt.Errorf("a passphrase of %d octets is not allowed, only 1 to 19", len(value))
	}
	v.passphrase = strings.Clone(value)
	return nil
}

func (s *settings) setFacility(value string) error {
	if _, ok := facilityOf(value); !ok && !strings.EqualFold(value, "none") {
		return fmt.Errorf("%q is not allowed, only none, %s", value, facilityNames())
	}
	s.facility = strings.ToLower(value)
	return nil
}

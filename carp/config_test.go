// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

func TestConfigDefaults(t *testing.T) {
	m, err := carp.NewMachine(carp.Config{VHID: 1, Addresses: prefixes("192.0.2.100/24")})
	if err != nil {
		t.Fatal(err)
	}
	if want := (carp.Rank{AdvBase: 1}); m.Rank() != want || m.Interval() != time.Second || m.DownInterval() != 3*time.Second {
		t.Errorf("%v, interval %v, master-down time %v", m.Rank(), m.Interval(), m.DownInterval())
	}
}

func TestConfigValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*carp.Config)
		want   string // part of the error; none: valid
	}{
		{"defaults", func(*carp.Config) {}, ""},
		{"vhid 0", func(c *carp.Config) { c.VHID = 0 }, "virtual host identifier 0: allowed: 1 to 255"},
		{"vhid 255", func(c *carp.Config) { c.VHID = 255 }, ""},
		{"advbase 255, advskew 254", timing(255, 254), ""},
		{"advskew 255", timing(1, 255), "advskew 255: allowed: 0 to 254"},
		{"0/n", timing(0, 1), ""},
		{"0/0", timing(0, 0), "advskew 0: allowed: 1 to 254"},
		{"sub-second with an advbase", func(c *carp.Config) { c.AdvBase, c.SubSecond = 1, true }, "advbase 1: allowed: 0"},
		{"dead ratio", func(c *carp.Config) { c.DeadRatio = -1 }, "dead ratio -1: allowed: 1 and more"},
		{"preempt delay", func(c *carp.Config) { c.PreemptDelay = -1 }, "preempt delay -1ns"},
		{"startup hold", func(c *carp.Config) { c.StartupHold = -1 }, "startup hold -1ns"},
		{"burst", func(c *carp.Config) { c.Announcements.Burst = -1 }, "announcements in a burst -1"},
		{"refresh", func(c *carp.Config) { c.Announcements.Refresh = -1 }, "refresh of announcements -1ns"},
		{"no address", func(c *carp.Config) { c.Addresses = nil }, "number of addresses 0"},
		{"both families", three, ""},
		{"an address twice", func(c *carp.Config) { c.Addresses = prefixes("192.0.2.1/24", "192.0.2.1/32") }, "address 192.0.2.1/32: allowed: each once"},
		{"no address at all", func(c *carp.Config) { c.Addresses = prefixes("0.0.0.0/0") }, "address 0.0.0.0/0: allowed: unicast"},
		{"multicast", func(c *carp.Config) { c.Addresses = prefixes("224.0.0.18/32") }, "address 224.0.0.18/32: allowed: unicast"},
		{"broadcast", func(c *carp.Config) { c.Addresses = prefixes("255.255.255.255/32") }, "address 255.255.255.255/32: allowed: unicast"},
		{"loopback", func(c *carp.Config) { c.Addresses = prefixes("127.0.0.1/8") }, "address 127.0.0.1/8: allowed: unicast"},
		{"IPv4 in IPv6", func(c *carp.Config) { c.Addresses = prefixes("::ffff:192.0.2.1/128") }, "allowed: unicast"},
	} {
		err := config(c.change).Validate()
		var value *carp.ValueError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &value) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		if _, made := carp.NewMachine(config(c.change)); (made == nil) != (err == nil) {
			t.Errorf("%s: NewMachine: %v", c.name, made)
		}
	}
}

// Everything that is wrong is reported together.
func TestConfigValidateJoins(t *testing.T) {
	err := carp.Config{AdvSkew: 255}.Validate()
	for _, want := range []string{"identifier", "advskew", "number of addresses"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// The machine keeps no slice of the caller's.
func TestMachineCopiesItsConfig(t *testing.T) {
	c := config()
	h := newHarness(t, c)
	h.do(h.m.Startup(h.now, local))
	c.Addresses[0] = prefixes("192.0.2.66/24")[0]
	h.got = nil
	h.next()
	h.want(taken("1/100", "Backup -> Master: master timed out")...)
}

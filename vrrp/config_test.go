// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// many returns so many addresses, of which the first is link-local if they are of IPv6.
func many(first string, n int) []netip.Prefix {
	addr := netip.MustParseAddr(first)
	list := []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}
	for len(list) < n {
		addr = addr.Next()
		list = append(list, netip.PrefixFrom(addr, addr.BitLen()))
	}
	return list
}

func TestConfigValidate(t *testing.T) {
	for name, c := range map[string]struct {
		config vrrp.Config
		wrong  []string // the names in the errors
	}{
		"defaults":               {v3(), nil},
		"nothing":                {vrrp.Config{}, []string{"virtual router identifier", "number of addresses"}},
		"version":                {v3(func(c *vrrp.Config) { c.Version = 4 }), []string{"protocol version"}},
		"delays":                 {v3(func(c *vrrp.Config) { c.PreemptDelay, c.StartupHold = -1, -1 }), []string{"preempt delay", "startup hold"}},
		"down intervals":         {v3(func(c *vrrp.Config) { c.DownIntervals = -1 }), []string{"down intervals"}},
		"burst":                  {v3(func(c *vrrp.Config) { c.Announcements.Burst = -1 }), []string{"announcements in a burst"}},
		"refresh":                {v3(func(c *vrrp.Config) { c.Announcements.Refresh = -1 }), []string{"refresh of announcements"}},
		"255 addresses":          {v3(func(c *vrrp.Config) { c.Addresses = many("192.0.2.1", 255) }), nil},
		"256 addresses":          {v3(func(c *vrrp.Config) { c.Addresses = many("192.0.2.1", 256) }), []string{"number of addresses"}},
		"90 of IPv6":             {v3(func(c *vrrp.Config) { c.Addresses = many("fe80::1", 90) }), nil},
		"91 of IPv6":             {v3(func(c *vrrp.Config) { c.Addresses = many("fe80::1", 91) }), []string{"number of addresses"}},
		"IPv6 in version 2":      {v2(func(c *vrrp.Config) { c.Addresses = prefixes("fe80::1/64") }), []string{"address"}},
		"no prefix":              {v3(func(c *vrrp.Config) { c.Addresses = []netip.Prefix{{}} }), []string{"address"}},
		"IPv4 in IPv6":           {v3(func(c *vrrp.Config) { c.Addresses = prefixes("::ffff:192.0.2.1/128") }), []string{"first address"}},
		"unspecified":            {v3(func(c *vrrp.Config) { c.Addresses = prefixes("0.0.0.0/0") }), []string{"address"}},
		"multicast":              {v3(func(c *vrrp.Config) { c.Addresses = prefixes("224.0.0.18/32") }), []string{"address"}},
		"loopback":               {v3(func(c *vrrp.Config) { c.Addresses = prefixes("127.0.0.1/8") }), []string{"address"}},
		"both families":          {v3(func(c *vrrp.Config) { c.Addresses = prefixes("192.0.2.1/24", "fe80::1/64") }), []string{"address"}},
		"another excluded":       {v3(func(c *vrrp.Config) { c.Excluded = prefixes("fe80::1/64") }), nil},
		"twice":                  {v3(func(c *vrrp.Config) { c.Excluded = c.Addresses }), []string{"address"}},
		"version 3, 40.95 s":     {v3(func(c *vrrp.Config) { c.Interval = 40950 * time.Millisecond }), nil},
		"version 3, 40.96 s":     {v3(func(c *vrrp.Config) { c.Interval = 40960 * time.Millisecond }), []string{"advertisement interval"}},
		"version 2, half of one": {v2(func(c *vrrp.Config) { c.Interval = 1500 * time.Millisecond }), []string{"advertisement interval"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wrongValues(c.config.Validate()); !slices.Equal(got, c.wrong) {
				t.Errorf("%q, want %q", got, c.wrong)
			}
			if _, err := vrrp.NewMachine(c.config); (err == nil) != (c.wrong == nil) {
				t.Errorf("NewMachine: %v", err)
			}
		})
	}
}

// wrongValues returns the names of the values in joined errors.
func wrongValues(err error) (names []string) {
	if err == nil {
		return nil
	}
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for _, err := range list {
		var value *vrrp.ValueError
		if !errors.As(err, &value) {
			return append(names, err.Error())
		}
		names = append(names, value.Name)
	}
	return names
}

// Erratum 8300: the first IPv6 address is link-local, but for those who say that they have none.
func TestErratum8300_LinkLocalFirst(t *testing.T) {
	c := vrrp.Config{VRID: 51, Addresses: prefixes("2001:db8::1/64", "fe80::1/64")}
	if got := wrongValues(c.Validate()); !slices.Equal(got, []string{"first address"}) {
		t.Errorf("%q", got)
	}
	c.GlobalFirst = true
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	c.GlobalFirst = false
	slices.Reverse(c.Addresses)
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

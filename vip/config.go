// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// Config says what the addresses of a [Device] are like. The zero value is for use: global scope, no label, no route.
type Config struct {
	// Default applies to all addresses that are not in Attributes.
	Default Attributes

	// Attributes of single addresses. The key is the address with its prefix length, as it is given to Add.
	Attributes map[netip.Prefix]Attributes
}

// Attributes are properties of an address beside its prefix. They apply when it is added; one that is there is left as
// it is.
type Attributes struct {
	// Label names an IPv4 address as an alias interface, for programs such as ifconfig: the name of the device, and as
	// a rule a colon and more; 15 octets at most. IPv6 has no labels: as a default it applies to IPv4 addresses.
	Label string

	// Scope is how far an IPv4 address is valid. The kernel takes that of an IPv6 address from the address itself.
	Scope Scope

	// PrefixRoute has the kernel make a route to the network of the prefix, as it does for an address of the host's
	// own. Unless there is none yet, that disturbs the routes to this network each time the address comes and goes.
	PrefixRoute bool
}

// clone returns a copy that no caller can change; a nil Config is the zero one.
func (c *Config) clone() Config {
	if c == nil {
		return Config{}
	}
	return Config{Default: c.Default, Attributes: maps.Clone(c.Attributes)}
}

// attributes returns what applies to an address.
func (c *Config) attributes(p netip.Prefix) Attributes {
	if a, ok := c.Attributes[p]; ok {
		return a
	}
	return c.Default
}

// validate returns why the configuration can't be that of a device, all reasons joined.
func (c *Config) validate(device string) error {
	errs := []error{c.Default.validate(device)}
	for _, p := range slices.SortedFunc(maps.Keys(c.Attributes), netip.Prefix.Compare) {
		a := c.Attributes[p]
		err := errors.Join(check(p), a.validate(device))
		if a.Label != "" && p.Addr().Is6() {
			err = errors.Join(err, fmt.Errorf("label %q on an IPv6 address", a.Label))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%v: %w", p, err))
		}
	}
	return errors.Join(errs...)
}

func (a *Attributes) validate(device string) error {
	var errs []error
	if a.Label != "" {
		errs = append(errs, validName(a.Label))
		if !strings.HasPrefix(a.Label, device) {
			errs = append(errs, fmt.Errorf("label %q does not begin with the name of the device, %s", a.Label, device))
		}
	}
	if a.Scope == scopeNowhere {
		errs = append(errs, fmt.Errorf("scope %v", a.Scope))
	}
	return errors.Join(errs...)
}

// maxName is the longest name of a device and the longest label: IFNAMSIZ less the terminating zero.
const maxName = 15

// validName returns why a string is neither the name of a device nor a label.
func validName(s string) error {
	if s == "" || len(s) > maxName || s == "." || s == ".." || strings.ContainsAny(s, "/ \t\n\v\f\r\x00") {
		return fmt.Errorf("name %q: not one to %d octets without blanks and slashes", s, maxName)
	}
	return nil
}

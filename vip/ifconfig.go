// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Errors of a [Device] of FreeBSD, to be tested for with [errors.Is].
var (
	// ErrDown says that nothing is added to the interface because it is down, or IPv6 is disabled on it (ifdisabled,
	// see ifconfig(8)). FreeBSD would bring it up for an IPv4 address, which is for its administrator to do. An
	// address that is there already counts as there. It is the errno ENETDOWN.
	ErrDown error = syscall.ENETDOWN

	// ErrPrefixLength says that the interface has the address with another prefix length. FreeBSD has room for one, and
	// would change it, with the routes that depend on it.
	ErrPrefixLength = errors.New("the address is there with another prefix length")

	// ErrDuplicate says that the interface has the address but does not use it: duplicate address detection found
	// that another host has it. Adding it again would hide that. After Remove, Add makes it usable.
	ErrDuplicate = errors.New("the address is there but not used, another host has it")

	// ErrCARP says that the address belongs to a vhid of the kernel's carp(4). Adding it would take it away from
	// there, and removing it would make all addresses of the vhid unreachable for a while.
	ErrCARP = errors.New("the address belongs to a vhid of carp(4)")
)

// An ifconfig holds the addresses of an interface of FreeBSD by ifconfig(8): it is what a [Device] is there. It compiles
// everywhere, and was run against a model of FreeBSD 13's ifconfig that is made from recordings
// (testdata/freebsd-13/README.md), never on a booted FreeBSD.
//
// What the interface has is always looked up first, because FreeBSD does not say so: an address that is added again is
// deleted and added, which can take the default route along, and one that is deleted need not have the prefix length
// that was given. Afterwards it is looked up again: success is what the kernel has, and not what an exit status may
// mean in another release. So a call runs ifconfig once for each address that changes and twice besides, and once for
// the option no_dad. Another program that changes the same address between the look and the command is not noticed.
//
// An IPv6 address is usable at once, without duplicate address detection: the option no_dad of the interface is set for
// as long as a call lasts. A process that is killed meanwhile leaves it set. Before FreeBSD had that option, or where
// somebody else added the address, it is there while it is tentative, and usable a second or two later.
//
// A static route to the network of an address, or to the address itself, gives way to that of the address when it is
// added. FreeBSD does not say so, and it is not put back.
type ifconfig struct {
	device string
	run    runner
}

// restoreTimeout bounds the command that must run even though the context has ended.
const restoreTimeout = 5 * time.Second

// status asks what the interface has.
func (i *ifconfig) status(ctx context.Context) (*ifStatus, error) {
	stdout, err := i.command(ctx)
	if err != nil {
		return nil, err
	}
	s, err := parseStatus(i.device, stdout)
	if err != nil {
		return nil, i.commandError([]string{i.device}, "", err)
	}
	return s, nil
}

// list returns what is there.
func (i *ifconfig) list(ctx context.Context) ([]netip.Prefix, error) {
	s, err := i.status(ctx)
	if err != nil {
		return nil, err
	}
	return s.prefixes(), nil
}

// add adds the addresses that are not there; an error is that of all.
func (i *ifconfig) add(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	s, err := i.status(ctx)
	if err != nil {
		return err
	}
	a := addition{ifconfig: i, status: s}
	var added []*job
	for _, j := range jobs {
		if held, ok := s.find(j.prefix.Addr()); ok {
			j.err = held.serves(j.prefix)
		} else if j.err = a.add(ctx, j.prefix); j.err == nil {
			added = append(added, j)
		}
	}
	err = a.restoreDAD(ctx)
	i.confirm(ctx, added, true)
	for _, j := range added {
		if j.err == nil && j.prefix.Addr().Is6() && err != nil {
			j.err = fmt.Errorf("option %s: %w", wordNoDAD, err)
		}
	}
	return nil
}

// serves returns why an address that is there is not what was asked for.
func (a ifAddr) serves(p netip.Prefix) error {
	switch {
	case a.vhid != 0:
		return fmt.Errorf("vhid %d: %w", a.vhid, ErrCARP)
	case a.length == withHoles:
		return fmt.Errorf("netmask with holes: %w", ErrPrefixLength)
	case a.length != p.Bits():
		return fmt.Errorf("/%d: %w", a.length, ErrPrefixLength)
	case a.duplicated:
		return ErrDuplicate
	}
	return nil
}

// fits returns why an address that is not there can't be added.
func (s *ifStatus) fits(p netip.Prefix) error {
	if p.Bits() == 0 {
		return fmt.Errorf("prefix length 0: %w", ErrAddress)
	}
	for _, a := range s.addrs {
		if a.broadcast == p.Addr() {
			return fmt.Errorf("broadcast address of %v: %w", netip.PrefixFrom(a.addr, a.length), ErrAddress)
		}
	}
	if !s.up {
		return ErrDown
	}
	if s.ipv6Disabled && p.Addr().Is6() {
		return fmt.Errorf("IPv6 is disabled: %w", ErrDown)
	}
	return nil
}

// An addition is one call of add.
type addition struct {
	*ifconfig
	status  *ifStatus // what is there, with what was added
	without bool      // ifconfig does not know no_dad
	quiet   bool      // no_dad was set
}

// add adds an address that is not there.
func (a *addition) add(ctx context.Context, p netip.Prefix) error {
	if err := a.status.fits(p); err != nil {
		return err
	}
	words := aliasWords(p)
	if p.Addr().Is6() && !a.without {
		words = aliasNoDADWords(p)
	}
	_, err := a.command(ctx, words...)
	failed, ran := errors.AsType[*CommandError](err)
	switch {
	case len(words) == 3:
	case ran && strings.Contains(failed.Output, wordNoDAD+": bad value"):
		a.without = true // it took the word for an address, and did nothing
		return a.add(ctx, p)
	case ran || err == nil:
		a.quiet = true
	}
	if err == nil {
		a.status.addrs = append(a.status.addrs, ifAddr{addr: p.Addr(), length: p.Bits()})
	}
	return err
}

// restoreDAD takes no_dad back, which stays set for the interface and not for the address alone: addresses that others
// add are none of our business. It is done even though the context has ended.
func (a *addition) restoreDAD(ctx context.Context) error {
	if !a.quiet || a.status.noDAD {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTimeout)
	defer cancel()
	_, err := a.command(ctx, restoreDADWords()...)
	return err
}

// remove removes the addresses that are there; an error is that of all.
func (i *ifconfig) remove(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	s, err := i.status(ctx)
	if errors.Is(err, ErrNoDevice) {
		return nil
	}
	if err != nil {
		return err
	}
	var removed []*job
	for _, j := range jobs {
		held, ok := s.find(j.prefix.Addr())
		switch {
		case !ok || held.length != j.prefix.Bits():
		case held.vhid != 0:
			j.err = held.serves(j.prefix)
		default:
			if j.err = i.unalias(ctx, j.prefix); j.err == nil {
				removed = append(removed, j)
			}
		}
	}
	i.confirm(ctx, removed, false)
	return nil
}

// unalias removes an address. One that isn't there any more is no error.
func (i *ifconfig) unalias(ctx context.Context, p netip.Prefix) error {
	_, err := i.command(ctx, unaliasWords(p)...)
	if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, ErrNoDevice) {
		return nil
	}
	return err
}

// confirm looks up whether addresses are there, or not there, for which ifconfig succeeded.
func (i *ifconfig) confirm(ctx context.Context, jobs []*job, want bool) {
	if len(jobs) == 0 {
		return
	}
	s, err := i.status(ctx)
	switch {
	case ctx.Err() != nil: // what was done is done
	case errors.Is(err, ErrNoDevice) && !want:
	case err != nil:
		fail(jobs, err)
	default:
		for _, j := range jobs {
			j.err = s.confirm(j.prefix, want)
		}
	}
}

// confirm returns why an address is not as ifconfig was to make it.
func (s *ifStatus) confirm(p netip.Prefix, want bool) error {
	held, ok := s.find(p.Addr())
	switch {
	case want && !ok:
		return errors.New("ifconfig succeeded, but the address is not there")
	case want:
		return held.serves(p)
	case ok && held.length == p.Bits():
		return errors.New("ifconfig succeeded, but the address is still there")
	}
	return nil
}

// checkIfconfig returns what of a configuration an interface of FreeBSD can't do. There is always a route to the network
// of a prefix.
func (c *Config) checkIfconfig() error {
	errs := []error{c.Default.checkIfconfig()}
	for _, p := range slices.SortedFunc(maps.Keys(c.Attributes), netip.Prefix.Compare) {
		a := c.Attributes[p]
		if err := a.checkIfconfig(); err != nil {
			errs = append(errs, fmt.Errorf("%v: %w", p, err))
		}
	}
	return errors.Join(errs...)
}

func (a *Attributes) checkIfconfig() error {
	if a.Label != "" {
		return fmt.Errorf("label %q: %w", a.Label, errors.ErrUnsupported)
	}
	if a.Scope != ScopeGlobal {
		return fmt.Errorf("scope %v: %w", a.Scope, errors.ErrUnsupported)
	}
	return nil
}

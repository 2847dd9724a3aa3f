// SPDX-License-Identifier: Apache-2.0

// Command realserver makes a host ready to be a real server behind a load
// balancer that leaves the destination of packets as it is: a director of IPVS in
// direct routing.
//
//	realserver -vip ADDRESS [-vip ADDRESS...] [-dummy NAME] [-link NAME] [-keep]
//	realserver -vip ADDRESS [-vip ADDRESS...] [-dummy NAME] [-link NAME] -check
//
// Such a host has the service addresses itself, on a dummy interface, and must not
// show them: it neither answers ARP requests for them nor puts them into its own
// (the kernel settings arp_ignore and arp_announce). IPv6 needs no settings.
//
// The program sets this up, looks whether it is so, and waits for SIGTERM or
// SIGINT, when it puts back what it found: its addresses go, the dummy interface if
// it made it, and the settings get their former values. With -keep it ends at once
// and leaves the host ready, until the next boot. With -check it changes nothing
// and prints what is missing; the exit status is 1 if something is.
//
// It needs the capability CAP_NET_ADMIN, with -check none.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-fhrp/fhrp/netif"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the command line.
type options struct {
	addresses addresses
	dummy     string
	link      string
	keep      bool
	check     bool
}

// command is the program: its exit status is 0, 1 for a failure and 2 for a wrong
// command line.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("realserver", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(&o.addresses, "vip", "service `address`; may be repeated")
	flags.StringVar(&o.dummy, "dummy", netif.DummyName, "`name` of the interface for the addresses, which is made if there is none")
	flags.StringVar(&o.link, "link", "all", "`name` of the one interface that is not to show them")
	flags.BoolVar(&o.keep, "keep", false, "end at once, and leave the host ready")
	flags.BoolVar(&o.check, "check", false, "print what is missing, and end")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if err := o.validate(flags.Args()); err != nil {
		fmt.Fprintln(stderr, "realserver:", err)
		return 2
	}
	act := serve
	if o.check {
		act = examine
	}
	if err := act(ctx, o, stdout); err != nil {
		fmt.Fprintln(stderr, "realserver:", explain(err))
		return 1
	}
	return 0
}

// validate returns what is wrong with a command line beside its single flags.
func (o *options) validate(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q: no arguments are allowed beside the flags", rest[0])
	case len(o.addresses) == 0:
		return errors.New("-vip is missing: the service address")
	case o.keep && o.check:
		return errors.New("-keep and -check: only one of them")
	case o.dummy == o.link:
		return fmt.Errorf("-dummy and -link are both %s: the addresses must be on another interface than the one that doesn't show them", o.dummy)
	}
	return nil
}

// explain adds what to do about an error, where that is known.
func explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w\n  realserver needs a capability: run it as root, or once: setcap cap_net_admin+ep realserver", err)
	}
	return err
}

// addresses is a list of addresses that grows with each flag.
type addresses []netip.Prefix

// String returns the addresses as the flags have them.
func (a *addresses) String() string {
	var words []string
	for _, p := range *a {
		words = append(words, p.Addr().String())
	}
	return strings.Join(words, " ")
}

// Set adds an address. It is held with the longest prefix length: a shorter one
// would make the network of the service one of this host.
func (a *addresses) Set(word string) error {
	addr, err := netip.ParseAddr(word)
	if err != nil || addr.Zone() != "" || addr.Is4In6() || addr.IsMulticast() || addr.IsUnspecified() || addr.IsLoopback() || addr.IsLinkLocalUnicast() {
		return errors.New("want an IPv4 or IPv6 address that clients reach, without prefix length")
	}
	*a = append(*a, netip.PrefixFrom(addr, addr.BitLen()))
	return nil
}

// SPDX-License-Identifier: Apache-2.0

// Command metrics runs the virtual routers of a keepalived.conf, or a virtual host of CARP, or both, and shows by HTTP how they are:
// /metrics for Prometheus, /live and /ready for supervisors and load balancers.
//
//	metrics -f keepalived.conf [-listen 127.0.0.1:9650]
//	metrics -vhid 1 -link eth0 -address 192.0.2.100/32 -passfile FILE [-advskew 100]
//
// It is the pattern for a program that embeds the library and wants to be seen. What there is to copy or import is in packages
// fhrpmetrics and fhrphealth; server.go has the limits that keep clients who hang, or never read, from collecting.
//
// It needs the capabilities CAP_NET_RAW and CAP_NET_ADMIN.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(command(os.Args[1:], os.Stderr))
}

// options are the command line.
type options struct {
	listen string
	file   string // keepalived.conf; empty: no virtual routers

	vhid      uint // 0: no virtual host
	link      string
	addresses []netip.Prefix
	passfile  string
	advskew   uint
}

// command is the program: its exit status is 0, 1 for a failure and 2 for a wrong command line.
func command(args []string, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("metrics", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:9650", "address and port of the HTTP server")
	flags.StringVar(&o.file, "f", "", "run the virtual routers of this `file`, as keepalived has it")
	flags.UintVar(&o.vhid, "vhid", 0, "run a virtual host of CARP, 1 to 255")
	flags.StringVar(&o.link, "link", "eth0", "network interface of the virtual host")
	flags.Func("address", "service `address` of the virtual host with its prefix length; may be given several times", func(text string) error {
		p, err := netip.ParsePrefix(text)
		o.addresses = append(o.addresses, p)
		return err
	})
	flags.StringVar(&o.passfile, "passfile", "", "`file` with the passphrase of the virtual host in its first line")
	flags.UintVar(&o.advskew, "advskew", 0, "of the virtual host, 0 to 254: the lowest is the best")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if err := o.check(flags.Args()); err != nil {
		fmt.Fprintln(stderr, "metrics:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	if err := run(ctx, o, stderr); err != nil {
		fmt.Fprintln(stderr, "metrics:", explain(err))
		return 1
	}
	return 0
}

// explain adds what to do about an error, where that is known.
func explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w\n  metrics needs two capabilities: run it as root, or once: setcap cap_net_raw,cap_net_admin+ep metrics", err)
	}
	return err
}

// check returns what is wrong with a command line.
func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q: no arguments are allowed beside the flags", rest[0])
	case o.file == "" && o.vhid == 0:
		return errors.New("there is nothing to run: give -f, -vhid or both")
	case o.vhid > 255 || o.advskew > 254:
		return fmt.Errorf("-vhid %d -advskew %d: 1 to 255 and 0 to 254 are allowed", o.vhid, o.advskew)
	case o.vhid > 0 && (len(o.addresses) == 0 || o.passfile == ""):
		return errors.New("-vhid needs -address and -passfile")
	}
	return nil
}

// run takes part until ctx ends, and serves until the hand-over is done. That it can't be seen is no reason for a program not to take
// part: a server that fails later is only logged.
func run(ctx context.Context, o options, stderr io.Writer) error {
	log := slog.New(slog.NewTextHandler(stderr, nil))
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	e, err := openElections(o, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	endServer := serve(listener, newHandler(e.router(), e.host), log)
	err = e.run(ctx)
	return errors.Join(err, endServer())
}

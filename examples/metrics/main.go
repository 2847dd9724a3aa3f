// SPDX-License-Identifier: Apache-2.0

// Command metrics takes part in elections and shows by HTTP how they are: the virtual routers of a keepalived.conf, or a virtual
// host of CARP, or both. The page /metrics is for Prometheus, /live and /ready are for supervisors and load balancers.
//
//	metrics -f keepalived.conf [-guard] [-listen 127.0.0.1:9650]
//	metrics -vhid 1 -link eth0 -address 192.0.2.100/32 -passfile FILE [-advskew 100]
//
// It is the pattern for a program that embeds the library and wants to be seen. What there is to copy or import is in packages
// fhrpmetrics and fhrphealth; server.go has the limits that keep clients who hang, or never read, from collecting.
//
// On SIGTERM or SIGINT it hands over, and ends then; a second signal ends it at once.
//
// On SIGHUP it reads its files again, and changes what differs: the virtual routers as vrrpd does, and the passphrase of the
// virtual host. A file with errors is refused, and what it is about goes on as before. What the command line says stays.
//
// The addresses are held on leases: if the program is killed or stands still, the kernel takes them away. With -guard a
// second process, one each for the virtual routers and for the virtual host, says goodbye and removes them in the moment the
// first one dies.
//
// Under systemd it tells by sd_notify(3) that it is set up, that it reads its files again, how many are in which state, and that it
// is stopping; and it gives the signs of life that WatchdogSec asks for while the loops of the elections answer. The HTTP server
// has no part in that: a program that can't be seen takes part all the same.
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
	"time"

	"github.com/go-fhrp/fhrp/internal/quietlog"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif/guard"
)

func main() {
	wills := wills{guard.Main(), guard.Main()} // the guard processes go no further
	os.Exit(command(os.Args[1:], os.Stderr, wills))
}

// wills are the guards of the two loops.
type wills struct{ routers, host *guard.Guard }

// options are the command line.
type options struct {
	listen string
	file   string // keepalived.conf; empty: no virtual routers
	guard  bool

	vhid      uint // 0: no virtual host
	link      string
	addresses []netip.Prefix
	passfile  string
	advskew   uint
}

// command is the program: its exit status is 0, 1 for a failure and 2 for a wrong command line.
func command(args []string, stderr io.Writer, wills wills) int {
	var o options
	flags := flag.NewFlagSet("metrics", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:9650", "address and port of the HTTP server")
	flags.StringVar(&o.file, "f", "", "run the virtual routers of this `file`, as keepalived has it")
	flags.BoolVar(&o.guard, "guard", false, "start processes that say goodbye and remove the addresses if this one dies")
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
	quiet := quietlog.NewWriter(stderr) // nothing waits for who reads it
	defer quiet.Flush(time.Second)
	stderr = quiet
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	if err := run(ctx, o, wills, slog.New(slog.NewTextHandler(stderr, nil))); err != nil {
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
func run(ctx context.Context, o options, wills wills, log *slog.Logger) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	e, err := openElections(ctx, o, wills, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	told, err := systemd.Open(os.Getenv, os.Getpid())
	if err != nil {
		log.Warn("the service manager is not told", "error", err)
	}
	endServer := serve(listener, newHandler(e.router(), e.host), log)
	err = e.run(ctx, told, hangup)
	return errors.Join(err, endServer())
}

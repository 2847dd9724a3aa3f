// SPDX-License-Identifier: Apache-2.0

//go:build linux

// Command director balances connections over real servers by IPVS, the load
// balancer of Linux, and shares the service address with another director by VRRP:
// what a keepalived.conf says.
//
//	director [-f FILE] [-guard] [-permanent] [-v]
//	director [-f FILE] -t
//
// The services of the file's virtual servers are in the kernel's table from the
// start to the end of the program, on all directors, with the real servers whose
// checks succeed. Services that are not in the file are left alone.
//
// On SIGHUP it reads the file again, and changes what differs: connections of what
// stays go on. If the file has errors it goes on as before. On SIGTERM or SIGINT it
// hands over the addresses, and removes its services and the sync daemons.
//
// It needs the capabilities CAP_NET_RAW and CAP_NET_ADMIN, with -t none, and the
// kernel the module ip_vs and those of the schedulers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-fhrp/fhrp/internal/quietlog"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif/guard"
)

func main() {
	will := guard.Main() // the guard process goes no further
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr, will))
}

// options are what a keepalived.conf doesn't say.
type options struct {
	file, id         string
	test             bool
	guard, permanent bool
	verbose          bool
}

// command is the program: its exit status is 0, 1 for a failure and 2 for a wrong
// command line.
func command(args []string, stdout, stderr io.Writer, will *guard.Guard) int {
	var o options
	flags := flag.NewFlagSet("director", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.file, "f", "/etc/keepalived/keepalived.conf", "configuration `file`, as keepalived has it")
	flags.StringVar(&o.id, "i", "", "configuration `id`, for lines that begin with @id")
	flags.BoolVar(&o.test, "t", false, "check the file, print what would run, and end")
	flags.BoolVar(&o.guard, "guard", false, "start a process that says goodbye and removes the addresses if this one dies")
	flags.BoolVar(&o.permanent, "permanent", false, "hold addresses without a lease: they stay where the program is killed")
	flags.BoolVar(&o.verbose, "v", false, "log every advertisement that is odd or rejected in detail")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "director: %q: no arguments are allowed beside the flags\n", flags.Arg(0))
		return 2
	}
	p, err := readPlan(o.file, o.id, stderr)
	switch {
	case err != nil:
	case o.test:
		err = p.print(stdout)
	default:
		quiet := quietlog.NewWriter(stderr) // nothing waits for who reads it
		defer quiet.Flush(time.Second)
		stderr = quiet
		err = explain(run(p, o, will, stderr))
	}
	if err != nil {
		fmt.Fprintln(stderr, "director:", err)
		return 1
	}
	return 0
}

// run directs until a signal comes.
func run(p *plan, o options, will *guard.Guard, stderr io.Writer) error {
	level := slog.LevelInfo
	if o.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	if !o.guard {
		will = nil
	} else if err := will.Start(ctx, &guard.Config{Logger: log, Output: os.Stderr}); err != nil {
		return err
	}
	d, err := newDirector(p, o, will, log)
	if err != nil {
		return err
	}
	d.reread = func() (*plan, error) { return readPlan(o.file, o.id, stderr) }
	if d.told, err = systemd.Open(os.Getenv, os.Getpid()); err != nil {
		log.Warn("the service manager is not told", "error", err)
	}
	return d.run(ctx, hangup)
}

// explain adds what to do about an error, where that is known.
func explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w\n  director needs two capabilities: run it as root, or once: setcap cap_net_raw,cap_net_admin+ep director", err)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("%w\n  the kernel has no IPVS: modprobe -a ip_vs, and the modules of the schedulers, as ip_vs_wlc", err)
	}
	return err
}

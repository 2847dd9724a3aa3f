// SPDX-License-Identifier: Apache-2.0

// Command vrrpd runs the virtual routers of a keepalived.conf.
//
//	vrrpd [-f FILE] [-guard] [-permanent] [-realtime] [-status FILE] [-v]
//	vrrpd [-f FILE] -t
//	vrrpd [-f FILE] -doctor [-json]
//
// On SIGTERM or SIGINT it hands over: each virtual router that is Active says
// goodbye and keeps its addresses until the successor has them. It ends then,
// with nothing left behind; a second signal ends it at once.
//
// On SIGHUP it reads the file again and applies the difference: virtual routers that are
// configured as before go on without a packet or an address being touched. A file with
// errors is refused, by file and line in the log, and all goes on as before.
//
// On SIGUSR1 it writes the state and the counters of all virtual routers, by the names of
// RFC 8347, and the packets that were rejected last, as JSON: to the file that -status
// names, which is replaced, or as a line to the standard output.
//
// On SIGUSR2 it starts its program anew, as it is on the disk by then, with the same
// arguments, and has the new process go on in its place: the virtual routers stay in their
// states, with no advertisement missed and no address touched. If the new process fails, by
// what the file says now or in another way, the old one goes on as if nothing had happened,
// and the log says why. Otherwise it ends, when it has handed over the virtual routers that
// the file doesn't have any more.
//
// The addresses are held on leases: if the program is killed or stands still, the
// kernel takes them away after three intervals, or two seconds. With -guard a
// second process says goodbye and removes them in the moment the first one dies.
//
// The virtual_routes and virtual_rules of a virtual router come when its addresses have come and go
// before they go, under a routing protocol of their own, 112. They are put back where somebody else removes
// them. There are no leases on routes: those that a killed program leaves behind are removed when the
// next one starts.
//
// With -realtime it runs before everything else on the host, with its memory locked,
// so that advertisements are on time where all processors are busy. It then needs the
// capabilities CAP_SYS_NICE and CAP_IPC_LOCK as well, or the limits in their place.
//
// With -doctor it looks for what on this host would keep the file's virtual
// routers from working, listens for other speakers for some seconds, and prints
// what it found with what to do about it; the exit status is 1 if something will
// not work.
//
// Under systemd it tells by sd_notify(3) that it is set up, that it reads the file again,
// how many virtual routers are in which state, and that it is stopping, for Type=notify and
// Type=notify-reload; and it gives the signs of life that WatchdogSec asks for while the
// loop of the election answers.
//
// It needs the capabilities CAP_NET_RAW and CAP_NET_ADMIN, with -t none.
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
	"sync"
	"syscall"
	"time"

	"github.com/go-fhrp/fhrp/internal/frugal"
	"github.com/go-fhrp/fhrp/internal/handover"
	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/quietlog"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif/guard"
)

func main() {
	will := guard.Main() // the guard process goes no further
	before, args, err := handover.Open(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "vrrpd:", err)
		os.Exit(1)
	}
	os.Exit(command(args, os.Stdout, os.Stderr, process{will, before}))
}

// process is what the program has of the system.
type process struct {
	will   *guard.Guard
	before *handover.Predecessor // that this process replaces; nil for none
}

// command is the program: its exit status is 0, 1 for a failure and 2 for a
// wrong command line.
func command(args []string, stdout, stderr io.Writer, p process) int {
	flags := flag.NewFlagSet("vrrpd", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("f", "/etc/keepalived/keepalived.conf", "configuration `file`, as keepalived has it")
	test := flags.Bool("t", false, "check the file, print what would run, and end")
	id := flags.String("i", "", "configuration `id`, for lines that begin with @id")
	var o options
	flags.BoolVar(&o.guard, "guard", false, "start a process that says goodbye and removes the addresses if this one dies")
	flags.BoolVar(&o.permanent, "permanent", false, "hold addresses without a lease: they stay where the program is killed")
	flags.BoolVar(&o.realTime, "realtime", false, "run with a real-time priority and locked memory")
	flags.StringVar(&o.status, "status", "", "`file` that SIGUSR1 has the state written to, as JSON (default: standard output)")
	examined := flags.Bool("doctor", false, "print what on this host would keep the file from working, and end")
	asJSON := flags.Bool("json", false, "with -doctor: print it as JSON")
	verbose := flags.Bool("v", false, "log every advertisement that is odd or rejected in detail")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "vrrpd: %q: no arguments are allowed beside the flags\n", flags.Arg(0))
		return 2
	}
	plan, err := readPlan(*file, *id, stderr)
	switch {
	case err != nil:
	case *test:
		err = plan.Print(stdout)
	case *examined:
		err = examine(plan, *asJSON, stdout)
	default:
		quiet := quietlog.NewWriter(stderr) // nothing waits for who reads it
		defer quiet.Flush(time.Second)
		stderr = quiet
		o.reread = func() (*instances.Plan, error) { return readPlan(*file, *id, stderr) }
		o.args = args
		err = run(plan, o, p, stdout, logger(stderr, *verbose))
	}
	if err != nil {
		fmt.Fprintln(stderr, "vrrpd:", err)
		return 1
	}
	return 0
}

// logger writes to stderr, where the service manager takes it from.
func logger(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// options are what a keepalived.conf doesn't say.
type options struct {
	guard     bool
	permanent bool
	realTime  bool
	status    string                          // file that the state is written to; empty: standard output
	reread    func() (*instances.Plan, error) // reads the file again
	args      []string                        // of the program
}

// run takes part in the virtual routers of the plan until a signal comes.
func run(plan *instances.Plan, o options, p process, stdout io.Writer, log *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	asked, upgraded := make(chan os.Signal, 1), make(chan os.Signal, 1)
	notifyStatus(asked)
	defer signal.Stop(asked)
	notifyUpgrade(upgraded)
	defer signal.Stop(upgraded)
	will := p.will
	if !o.guard {
		will = nil
	} else if err := will.Start(ctx, &guard.Config{Logger: log, Output: os.Stderr}); err != nil {
		return explain(err)
	}
	defer frugal.Start(os.Getenv("GOGC"))()
	d, err := instances.Open(plan, instances.Options{Permanent: o.permanent, RealTime: o.realTime, Guard: will, Predecessor: p.before, Logger: log})
	if err != nil {
		return explain(err)
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	go tells(ctx, d.Report, asked, o.status, stdout, log) // nobody may be there to read it: that isn't waited for
	var obeying sync.WaitGroup
	told, err := systemd.Open(os.Getenv, os.Getpid())
	if err != nil {
		log.Warn("the service manager is not told", "error", err)
	}
	endFollow := d.Follow(ctx, told)
	r := &reloader{daemon: d, reread: o.reread, told: told, log: log}
	obeying.Go(func() { r.run(ctx, hangup) })
	obeying.Go(func() { upgrades(ctx, d, told, o.args, upgraded, log) })
	err = d.Run(ctx)
	stop() // it may have ended by itself
	obeying.Wait()
	endFollow()
	return err
}

// explain adds what to do about an error, where that is known.
func explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w\n  vrrpd needs two capabilities: run it as root, or once: setcap cap_net_raw,cap_net_admin+ep vrrpd", err)
	}
	return err
}

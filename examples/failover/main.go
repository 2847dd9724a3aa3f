// SPDX-License-Identifier: Apache-2.0

// Command failover shows what a fail-over is, in a quarter of a minute and
// without anything to install or to configure:
//
//	go run ./examples/failover
//
// Two VRRP routers share a service address, and a client asks for it 500 times a
// second, while one router is stopped, loses power, loses its link, and comes back
// each time. All three are hosts in network namespaces of their own, which the
// program makes for itself, with or without being root; where there are none it
// is a virtual LAN in memory. The first line says which.
//
// The flag -svg writes the timeline as a picture, -memory takes the virtual LAN
// in any case, -v shows every change of a node with its reason. The status is 0 if
// everything came out as the protocol has it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

func main() {
	if number, ok := os.LookupEnv(nodeEnv); ok {
		exit(nodeMain(number))
	}
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2) // package flag has said why
	}
	if !o.memory && !netlab.Inside() {
		if o.reason = netlab.Usable(); o.reason == nil {
			exit(isolate(os.Args[1:]))
		}
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	exit(run(ctx, o, os.Stdout, isTerminal(os.Stdout)))
}

// exit ends the program.
func exit(err error) {
	if status := (*exitError)(nil); errors.As(err, &status) {
		os.Exit(status.code)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "failover:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// options are what the command line says.
type options struct {
	svg     string
	memory  bool
	verbose bool
	reason  error // why there are no namespaces
	unpaced bool  // don't let memory take the time
}

// parse reads the command line.
func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("failover", flag.ContinueOnError)
	f.StringVar(&o.svg, "svg", "", "write the timeline to this `file` as a picture")
	f.BoolVar(&o.memory, "memory", false, "on a virtual LAN in memory, not in network namespaces")
	f.BoolVar(&o.verbose, "v", false, "show every change of a node with its reason")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", f.Arg(0))
		fmt.Fprintln(f.Output(), "failover:", err)
	}
	return o, err
}

// run does what the command line says, and returns what went wrong.
func run(ctx context.Context, o options, out io.Writer, terminal bool) error {
	r := &record{}
	h, err := show(ctx, newWorld(r, o), r, &screen{w: out, live: terminal, verbose: o.verbose})
	if o.svg != "" {
		err = errors.Join(err, writeFile(o.svg, &h))
	}
	return err
}

// show tells the story in a world, which it closes at the end, and returns what
// happened and what went wrong.
func show(ctx context.Context, w world, r *record, screen *screen) (history, error) {
	r.Place = w.place()
	screen.introduction(r.Place)
	s := &story{world: w, record: r, screen: screen}
	err := s.tell(ctx)
	h := r.snapshot(w.now())
	err = errors.Join(err, w.close())
	screen.summary(h)
	for _, e := range s.excused {
		screen.line("\n" + e)
	}
	if ctx.Err() != nil {
		return h, errors.New("interrupted")
	}
	if err = errors.Join(append(s.wrong, err)...); err == nil && len(s.excused) == 0 {
		screen.line("\nEverything came out as the protocol has it. No router and no address is left.")
	}
	return h, err
}

// newWorld returns the world that can be had.
func newWorld(r *record, o options) world {
	switch {
	case o.memory:
		return newMemoryWorld(r, "-memory asks for it", !o.unpaced)
	case o.reason != nil:
		return newMemoryWorld(r, o.reason.Error(), !o.unpaced)
	}
	w, err := newKernelWorld(r, o.verbose)
	if err != nil {
		return newMemoryWorld(r, err.Error(), !o.unpaced)
	}
	return w
}

// writeFile writes the picture to a file.
func writeFile(path string, h *history) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(writePicture(f, h), f.Close())
}

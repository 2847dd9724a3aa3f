// SPDX-License-Identifier: Apache-2.0

// Command observe listens to links, or reads capture files, and tells which VRRP
// routers and CARP hosts there are: who is Active or Master, with which priority, how
// often it advertises and how near that is to a fail-over, by which checksum and
// authentication, which of them don't belong together, and which identifiers are free.
//
//	observe [-promiscuous] [-http ADDRESS] LINK...
//	observe -r FILE [-r FILE...]
//
// It never sends: no packet, no question, and no membership of a group, which others
// would see. On a terminal it shows a table, which is drawn anew, and else a line for
// each change. Of files it shows both at the end, by the times of the file; the exit
// status is 1 if one could not be read to its end.
//
// With -http a page shows the same live, with a timeline of who held the role, the
// margins and a log. An address without host, as :8080, is that of this host alone.
//
// It needs Linux and the capability CAP_NET_RAW to listen, and neither to read files.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr, isTerminal(os.Stdout)))
}

// options are the command line.
type options struct {
	links       []string
	files       files
	promiscuous bool
	http        string
}

// files is a flag that may be repeated.
type files []string

func (f *files) String() string     { return strings.Join(*f, " ") }
func (f *files) Set(s string) error { *f = append(*f, s); return nil }

// parse reads the command line, and has said what is wrong with it.
func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("observe", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Var(&o.files, "r", "read this capture `file` rather than links; may be repeated")
	f.BoolVar(&o.promiscuous, "promiscuous", false, "take frames to any address, not only to any group")
	f.StringVar(&o.http, "http", "", "serve a live page at this `address`, as :8080, which is on this host only")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.links = f.Args()
	switch {
	case len(o.links) == 0 && len(o.files) == 0:
		err = errors.New("name the links to listen to, or files with -r")
	case len(o.links) > 0 && len(o.files) > 0:
		err = errors.New("either links or files, not both")
	case len(o.files) > 0 && o.http != "":
		err = errors.New("the page is for links, not for files")
	}
	if err != nil {
		fmt.Fprintln(stderr, "observe:", err)
	}
	return o, err
}

// command is the program: its exit status is 0, 1 for a failure and 2 for a wrong
// command line.
func command(ctx context.Context, args []string, stdout, stderr io.Writer, terminal bool) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	run := live
	if len(o.files) > 0 {
		run = offline
	}
	if err := run(ctx, &o, &screen{w: stdout, terminal: terminal}); err != nil {
		fmt.Fprintln(stderr, "observe:", explain(err))
		return 1
	}
	return 0
}

// explain adds what to do about an error, where that is known.
func explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w\n  to listen, observe needs a capability: run it as root, or once: setcap cap_net_raw+ep observe", err)
	}
	return err
}

// offline shows what is in files, each for itself.
func offline(_ context.Context, o *options, s *screen) error {
	var all error
	for _, name := range o.files {
		x := newObserver()
		all = errors.Join(all, x.readFile(name))
		list, lost := x.events.after(0)
		if lost > 0 {
			fmt.Fprintf(s.w, "%d earlier events are not shown\n", lost)
		}
		for _, e := range list {
			fmt.Fprintln(s.w, e.line())
		}
		fmt.Fprintln(s.w)
		v := x.view(0)
		all = errors.Join(all, writeTable(s.w, &v))
	}
	return all
}

// live listens until ctx ends, or something fails for good.
func live(ctx context.Context, o *options, s *screen) error {
	w := newWatch(o.links...)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var g group
	err := g.listen(ctx, cancel, o, w)
	if err == nil && o.http != "" {
		err = g.serve(ctx, cancel, o.http, w, s)
	}
	if err == nil {
		g.run(cancel, func() error { w.tick(ctx); return nil })
		err = s.run(ctx, w)
	}
	cancel()
	return errors.Join(err, g.wait())
}

// A group is functions that run side by side.
type group struct {
	wg  sync.WaitGroup
	mu  sync.Mutex
	err error
}

// run starts f. When that returns, then is called.
func (g *group) run(then func(), f func() error) {
	g.wg.Go(func() {
		err := f()
		g.mu.Lock()
		g.err = errors.Join(g.err, err)
		g.mu.Unlock()
		then()
	})
}

// wait returns what the functions failed for.
func (g *group) wait() error {
	g.wg.Wait()
	return g.err
}

// listen listens to the links until ctx ends.
func (g *group) listen(ctx context.Context, cancel func(), o *options, w *watch) error {
	for _, name := range o.links {
		l, err := listen(name, o.promiscuous)
		if err != nil {
			return err
		}
		context.AfterFunc(ctx, func() { _ = l.close() })
		g.run(cancel, func() error { return l.run(w.frame) })
	}
	return nil
}

// serve serves the page until ctx ends, and tells where.
func (g *group) serve(ctx context.Context, cancel func(), addr string, w *watch, s *screen) error {
	ln, local, err := listenHTTP(addr)
	if err != nil {
		return err
	}
	s.page = "http://" + ln.Addr().String() + "/"
	g.run(cancel, func() error { return newPage(w, time.Now(), local).serve(ctx, ln) })
	return nil
}

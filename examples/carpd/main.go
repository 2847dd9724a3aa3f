// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-fhrp/fhrp/internal/frugal"
	"github.com/go-fhrp/fhrp/internal/handover"
	"github.com/go-fhrp/fhrp/internal/systemd"
	"github.com/go-fhrp/fhrp/netif/guard"
)

// What the program ends with, as ucarp.
const (
	exitOK     = 0
	exitConfig = 1
	exitFailed = 2
)

func main() {
	will := guard.Main() // the guard process goes no further
	p := &process{stdout: os.Stdout, stderr: os.Stderr, output: os.Stderr, will: will, conceal: conceal}
	var err error
	if p.before, p.args, err = handover.Open(os.Args[1:]); err == nil {
		p.detached, p.passphrase, err = newDetached()
	}
	if p.detached != nil {
		p.stderr, p.output = p.detached, nil
	}
	if err == nil {
		p.dir, err = os.Getwd()
	}
	if err != nil {
		fmt.Fprintln(p.stderr, "carpd:", err)
		os.Exit(exitFailed)
	}
	os.Exit(p.command(p.args))
}

// process is what the program has of the system.
type process struct {
	stdout, stderr io.Writer
	output         *os.File // of scripts and of the guard; nil for none
	will           *guard.Guard
	conceal        func(arg string)
	detached       *detached             // nil for a process that is not in the background
	passphrase     string                // of a detached one, or of one that takes over
	args           []string              // for another process to be started with
	dir            string                // in which they are meant
	secret         string                // the passphrase, where an argument had it
	before         *handover.Predecessor // nil for none
}

// command is the program, and returns its exit status.
func (p *process) command(args []string) int {
	s := newSettings()
	s.inherited = p.passphrase
	plan, err := readPlan(s, args)
	for _, arg := range s.passphrases {
		p.conceal(arg)
	}
	status := exitConfig
	switch {
	case err != nil:
	case s.help || len(args) == 0:
		err = printHelp(p.stdout)
	case s.test:
		err = plan.print(p.stdout)
	case s.doctor:
		err = examine(plan, p.stdout)
	case s.daemonize && p.detached == nil:
		status = exitFailed
		var theirs int
		if theirs, err = detach(args, plan, p.stderr); err == nil {
			return theirs
		}
	default:
		status, err = exitFailed, p.run(plan)
	}
	if err != nil {
		fmt.Fprintln(p.stderr, "carpd:", err)
		return status
	}
	return exitOK
}

// run takes part in the virtual hosts of the plan until a signal comes.
func (p *process) run(plan *plan) (err error) {
	log := newLogger(p.stderr, plan.settings)
	log.detach()
	defer func() { err = errors.Join(err, log.close()) }()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, append(upgradeSignals(), syscall.SIGUSR1, syscall.SIGUSR2)...)
	defer signal.Stop(signals)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt, syscall.SIGQUIT, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	defer frugal.Start(os.Getenv("GOGC"))()
	will, err := p.startGuard(ctx, plan, log)
	if err != nil {
		return explain(err)
	}
	if len(plan.passphrases) > 0 {
		p.secret = plan.instances[0].passphrase
	}
	d, err := newDaemon(plan, p, will, log)
	if err != nil {
		return explain(err)
	}
	if p.before == nil {
		err = d.writePID()
	}
	if err != nil {
		return errors.Join(err, d.close())
	}
	if p.detached != nil {
		log.flush() // what the starter is to be told
		err = p.detached.ready()
	}
	told, untold := systemd.Open(os.Getenv, os.Getpid())
	if untold != nil {
		log.write(slog.LevelWarn, "the service manager is not told: "+untold.Error())
	}
	err = errors.Join(err, d.run(ctx, signals, told), d.removePID())
	if p.detached != nil && err != nil { // nobody else is there to be told
		log.write(slog.LevelError, err.Error())
	}
	return err
}

// startGuard starts the process that outlives this one, if it is asked for.
func (p *process) startGuard(ctx context.Context, plan *plan, log *logger) (*guard.Guard, error) {
	if !plan.guard {
		return nil, nil
	}
	return p.will, p.will.Start(ctx, &guard.Config{Logger: log.slog(), Output: p.output})
}

// explain adds what to do about an error, where that is known.
func explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w\n  carpd needs two capabilities: run it as root, or once: setcap cap_net_raw,cap_net_admin+ep carpd", err)
	}
	return err
}

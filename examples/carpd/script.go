// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// scripts configure the addresses of a virtual host by ucarp's scripts, one call
// for each address. It is a carp.Backend: a slow script delays no advertisement, and
// what is called follows the state in order.
type scripts struct {
	instance *instance
	log      *logger
	timeout  time.Duration // of one call
	output   *os.File      // of the scripts; nil for none

	mu      sync.Mutex // one call at a time
	started bool       // the first call has been
}

// command returns the command line of a script (ucarp(8)).
func (v *instance) command(script string, a netip.Addr) []string {
	argv := []string{script, v.link, a.String()}
	if v.xparam != "" {
		argv = append(argv, v.xparam)
	}
	return argv
}

// Add runs the upscript. If that fails the role is given up, but if the address is
// there nevertheless: a script that ends with a status by chance has done its work.
func (s *scripts) Add(ctx context.Context, addrs []netip.Prefix) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started = true
	var errs []error
	for _, p := range addrs {
		err := s.run(ctx, s.instance.upscript, p.Addr())
		if err != nil && present(p.Addr()) {
			s.log.write(slog.LevelWarn, fmt.Sprintf("%v, but %v is there", err, p.Addr()))
			err = nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Inherited tells that another process has run the upscript for addresses.
func (s *scripts) Inherited([]netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started = true
}

// Remove runs the downscript: for every end of the role, and when a virtual host
// starts, unless it is neutral. Scripts that remove what is not there often fail;
// that is logged only.
func (s *scripts) Remove(ctx context.Context, addrs []netip.Prefix) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := !s.started; first && s.instance.neutral {
		s.started = true
		return nil
	}
	s.started = true
	for _, p := range addrs {
		if err := s.run(ctx, s.instance.downscript, p.Addr()); err != nil {
			s.log.write(slog.LevelWarn, err.Error())
		}
	}
	return ctx.Err()
}

// run calls a script, if there is one. At its deadline it is killed with all that
// it has started.
func (s *scripts) run(ctx context.Context, script string, a netip.Addr) error {
	if script == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	argv := s.instance.command(script, a)
	line := strings.Join(argv, " ")
	s.log.write(slog.LevelWarn, fmt.Sprintf("Spawning [%s]", line))
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if s.output != nil {
		cmd.Stdout, cmd.Stderr = s.output, s.output
	}
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("[%s] was killed after %v: %w", line, s.timeout, ctx.Err())
	case err != nil:
		return fmt.Errorf("[%s]: %w", line, err)
	}
	return nil
}

// present reports whether the host has an address.
func present(a netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, has := range all {
		if p, err := netip.ParsePrefix(has.String()); err == nil && p.Addr() == a {
			return true
		}
	}
	return false
}

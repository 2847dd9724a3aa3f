// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// settings are what the command line says.
type settings struct {
	only     *regexp.Regexp
	duration time.Duration
	vrrpd    string // the program; empty: it is built
}

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command is the program.
func command(args []string) error {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	only := flags.String("only", "", "measure what matches the `expression` only: "+names())
	secs := flags.Int("secs", 15, "`seconds` that a measurement takes, without getting ready")
	vrrpd := flags.String("vrrpd", "", "`program` in the place of examples/vrrpd")
	_ = flags.Parse(args) // ends the program
	expression, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	s := settings{only: expression, duration: time.Duration(*secs) * time.Second, vrrpd: *vrrpd}
	if !netlab.Inside() {
		return isolate(s, args)
	}
	return s.run()
}

// isolate builds vrrpd and runs this program once more in namespaces of its own.
func isolate(s settings, args []string) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("other hosts' processes are measured: %w: run it as root", os.ErrPermission)
	}
	if s.vrrpd == "" {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		s.vrrpd = filepath.Join(dir, "vrrpd")
		build := exec.Command("go", "build", "-o", s.vrrpd, "github.com/go-fhrp/fhrp/examples/vrrpd")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, out)
		}
		args = append([]string{"-vrrpd", s.vrrpd}, args...)
	}
	runtime.LockOSThread() // the process dies with the thread that started it
	cmd := netlab.Command(args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// programs returns the daemons to compare, ours first.
func (s settings) programs() []program {
	all := []program{
		{name: "vrrpd -permanent", path: s.vrrpd, args: []string{"-permanent"}},
		{name: "vrrpd (leases)", path: s.vrrpd},
		{name: "vrrpd -realtime", path: s.vrrpd, args: []string{"-realtime"}},
	}
	if path, err := exec.LookPath("keepalived"); err == nil {
		all = append(all, program{name: "keepalived", path: path, keepalived: true})
	}
	return all
}

// run makes the measurements and prints their tables.
func (s settings) run() error {
	var errs []error
	for _, m := range measurements() {
		if !s.only.MatchString(m.name) {
			continue
		}
		fmt.Printf("\n### %s: %s\n\n", m.name, m.what)
		errs = append(errs, m.run(s))
	}
	return errors.Join(errs...)
}

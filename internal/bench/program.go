// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// program is a daemon that reads a keepalived.conf.
type program struct {
	name       string
	path       string
	args       []string
	keepalived bool
}

// daemon is a program that runs on a host.
type daemon struct {
	host *netlab.Host
	cmd  *exec.Cmd
}

// start runs the program with a configuration, in a session of its own.
func (p program) start(h *netlab.Host, dir, conf string) (*daemon, error) {
	file := filepath.Join(dir, h.Name()+".conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		return nil, err
	}
	args := append([]string{"-f", file}, p.args...)
	if p.keepalived {
		pid := filepath.Join(dir, h.Name())
		args = []string{"-n", "-l", "-P", "-f", file, "-p", pid + ".pid", "-r", pid + ".vrrp.pid"}
	}
	cmd := exec.Command(p.path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return &daemon{h, cmd}, h.Start(cmd)
}

// kill ends all processes of the daemon without a word. A second call does nothing.
func (d *daemon) kill() {
	for _, pid := range d.pids() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = d.cmd.Wait()
}

// pids returns the processes of the daemon's session.
func (d *daemon) pids() []int {
	var pids []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		fields := strings.Fields(rest) // state, parent, group, session
		if len(fields) > 3 && fields[3] == strconv.Itoa(d.cmd.Process.Pid) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// cpu returns for how long the threads of the daemon have run.
func (d *daemon) cpu() (sum time.Duration) {
	for _, pid := range d.pids() {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, name := range tasks {
			b, _ := os.ReadFile(name)
			if fields := strings.Fields(string(b)); len(fields) > 0 {
				ns, _ := strconv.ParseInt(fields[0], 10, 64)
				sum += time.Duration(ns)
			}
		}
	}
	return sum
}

// memory returns the proportional set size in MiB.
func (d *daemon) memory() (mib float64) {
	for _, pid := range d.pids() {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		for line := range strings.Lines(string(b)) {
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
				mib += kib / 1024
			}
		}
	}
	return mib
}

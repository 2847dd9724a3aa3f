// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// member is a process of a program on a host, one of a cluster.
type member struct {
	*bench
	program *program
	host    *netlab.Host
	id      int // of the virtual router or virtual host
	rank    int // 0: is to be Active
	guard   bool
	addrs   []netip.Prefix
	dir     string // with its files

	cmd  *exec.Cmd
	in   io.WriteCloser
	done chan struct{} // closed when the process has ended
}

// member returns one that is not started. It is killed when the test ends.
func (b *bench) member(p *program, host string, id, rank int, guard bool) *member {
	b.Helper()
	m := &member{bench: b, program: p, host: b.lab.Host(host), id: id, rank: rank, guard: guard, addrs: p.addresses(id), dir: b.TempDir()}
	b.members = append(b.members, m)
	b.Cleanup(func() {
		if m.cmd != nil {
			m.kill()
		}
		if text, err := os.ReadFile(m.logFile()); err == nil && b.Failed() {
			b.Logf("%s on %s:\n%s", p.name, host, tail(string(text), 60))
		}
	})
	return m
}

// tail returns the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// priority returns that of VRRP.
func (m *member) priority() int { return 200 - 100*m.rank }

func (m *member) logFile() string { return filepath.Join(m.dir, "log") }

// start starts the process.
func (m *member) start() {
	m.Helper()
	log, err := os.OpenFile(m.logFile(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	m.must(err)
	defer log.Close()
	m.cmd = exec.Command(m.program.executable(m), m.program.args(m)...)
	m.cmd.Env = append(os.Environ(), "GOTRACEBACK=all", setupEnv+"="+m.setup().text())
	m.cmd.Stdout, m.cmd.Stderr = log, log
	m.in, err = m.cmd.StdinPipe()
	m.must(err)
	m.must(m.host.Start(m.cmd))
	cmd, done := m.cmd, make(chan struct{})
	m.done = done
	go func() {
		_ = cmd.Wait() // what came of it is asked for later
		close(done)
	}()
}

// tell gives an order to a program that takes some.
func (m *member) tell(order string) {
	m.Helper()
	_, err := fmt.Fprintln(m.in, order)
	m.must(err)
}

// said returns what stands in the log after the last occurrence of a text.
func (m *member) said(text string) (after string, ok bool) {
	log, _ := os.ReadFile(m.logFile())
	i := strings.LastIndex(string(log), text)
	if i < 0 {
		return "", false
	}
	return string(log[i+len(text):]), true
}

// signal sends the process a signal.
func (m *member) signal(s syscall.Signal) {
	m.Helper()
	m.must(m.cmd.Process.Signal(s))
}

// ended reports whether the process has.
func (m *member) ended() bool {
	select {
	case <-m.done:
		return true
	default:
		return false
	}
}

// kill ends the process as nobody can prevent.
func (m *member) kill() {
	if err := m.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		m.Error(err)
	}
	<-m.done
}

// stop ends the process as planned, and wants it to say that all is well.
func (m *member) stop() {
	m.Helper()
	m.signal(syscall.SIGTERM)
	m.await("planned end of "+m.String(), m.ended)
	if code := m.cmd.ProcessState.ExitCode(); code != 0 {
		m.Errorf("%v ended with status %d", m, code)
	}
}

// String names the member in messages.
func (m *member) String() string { return m.program.name + " on " + m.host.Name() }

// pids returns the processes of the member: that of the program, and its guard.
func (m *member) pids() []int {
	m.Helper()
	all, err := m.host.Processes()
	m.must(err)
	return all
}

// guardPID returns the process that is the member's guard, 0 if there is none.
func (m *member) guardPID() int {
	m.Helper()
	all := slices.DeleteFunc(m.pids(), func(pid int) bool { return pid == m.cmd.Process.Pid })
	if len(all) != 1 {
		return 0
	}
	return all[0]
}

// descriptors returns how many the process has open of each kind.
func (m *member) descriptors() map[string]int {
	m.Helper()
	dir := "/proc/" + strconv.Itoa(m.cmd.Process.Pid) + "/fd/"
	list, err := os.ReadDir(dir)
	m.must(err)
	kinds := map[string]int{}
	for _, e := range list {
		if to, err := os.Readlink(dir + e.Name()); err == nil {
			kind, _, numbered := strings.Cut(to, ":")
			if !numbered {
				kind = "file"
			}
			kinds[kind]++
		}
	}
	return kinds
}

// count returns how many of its addresses the host has on eth0. An interface that is gone has none.
func (m *member) count() (n int) {
	all, _ := m.host.Addresses(0)
	for _, p := range m.addrs {
		if slices.Contains(all, p) {
			n++
		}
	}
	return n
}

// holds reports whether the host has all the addresses, holdsNone whether it has none of them.
func (m *member) holds() bool     { return m.count() == len(m.addrs) }
func (m *member) holdsNone() bool { return m.count() == 0 }

// SPDX-License-Identifier: Apache-2.0

// Package systemd tells the service manager how a service is, by the protocol of sd_notify(3), and that it is alive, for
// WatchdogSec of systemd.service(5). It speaks for programs whose liveness is that of a loop, which it asks.
package systemd

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// Notifier tells the service manager. A nil one tells nobody. It is safe for concurrent use.
type Notifier struct {
	socket    *net.UnixAddr
	watchdog  time.Duration // that the manager waits for a sign of life; 0: it doesn't
	monotonic func() (time.Duration, error)
	replaced  atomic.Bool // another process tells the manager
}

// patience is how long a message may wait for room in the manager's queue.
const patience = time.Second

// Open finds out by the environment whether the service manager wants to be told, by NOTIFY_SOCKET, and whether it watches the
// process with the number pid, by WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3)). If it doesn't want to be told, the
// Notifier is nil. The error names the variable, its value and what is allowed.
func Open(getenv func(string) string, pid int) (*Notifier, error) {
	name := getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil, nil
	}
	if len(name) < 2 || name[0] != '/' && name[0] != '@' {
		return nil, fmt.Errorf("systemd: NOTIFY_SOCKET %q: a path or an abstract name, with @, is allowed", name)
	}
	watchdog, err := watchdogTime(getenv, pid)
	if err != nil {
		return nil, err
	}
	return &Notifier{socket: &net.UnixAddr{Name: name, Net: "unixgram"}, watchdog: watchdog, monotonic: monotonic}, nil
}

// watchdogTime returns how long the manager waits for a sign of life of the process, 0 if it isn't watched.
func watchdogTime(getenv func(string) string, pid int) (time.Duration, error) {
	const most = 1 << 53 // 285 years, which fit into a Duration
	text, of := getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID")
	if text == "" || of != "" && of != strconv.Itoa(pid) {
		return 0, nil
	}
	usec, err := strconv.ParseInt(text, 10, 64)
	if err != nil || usec <= 0 || usec > most {
		return 0, fmt.Errorf("systemd: WATCHDOG_USEC %q: microseconds, 1 to %d, are allowed", text, int64(most))
	}
	return time.Duration(usec) * time.Microsecond, nil
}

// Ready tells that the service is set up, or that a reload is done, and how it is, in a line.
func (n *Notifier) Ready(status string) error { return n.send("READY=1", statusLine(status)) }

// Reloading tells that the service is about to read its configuration again. Ready ends that.
func (n *Notifier) Reloading() error {
	if n == nil {
		return nil
	}
	now, err := n.monotonic()
	if err != nil {
		return n.send("RELOADING=1")
	}
	return n.send("RELOADING=1", "MONOTONIC_USEC="+strconv.FormatInt(now.Microseconds(), 10))
}

// Status tells how the service is, in a line.
func (n *Notifier) Status(status string) error { return n.send(statusLine(status)) }

// Stopping tells that the service is about to end.
func (n *Notifier) Stopping() error { return n.send("STOPPING=1") }

// Replaced tells that the process with the number pid goes on in the place of this one, which is the service's main
// process so far. Nothing that this process would tell after that is told.
func (n *Notifier) Replaced(pid int) error {
	if n == nil {
		return nil
	}
	err := n.send("MAINPID=" + strconv.Itoa(pid))
	n.replaced.Store(true)
	return err
}

// Alive is a sign of life.
func (n *Notifier) Alive() error { return n.send("WATCHDOG=1") }

// statusMost is how many octets of a status are told: the manager ignores a message of more than 4,096 as a whole.
const statusMost = 2048

// statusLine returns the assignment of a status: one line of UTF-8 without control characters, for the manager ignores others.
func statusLine(status string) string {
	line := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(status, "?"), unicode.IsControl), " ")
	if len(line) > statusMost {
		line = strings.ToValidUTF8(line[:statusMost], "") + "..."
	}
	return "STATUS=" + line
}

// send sends a message of assignments. The socket is opened each time, for the manager may have made another one.
func (n *Notifier) send(assignments ...string) error {
	if n == nil || n.replaced.Load() {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, n.socket)
	if err != nil {
		return fmt.Errorf("systemd: notify: %w", err)
	}
	defer conn.Close()
	err = conn.SetWriteDeadline(time.Now().Add(patience))
	if err == nil {
		_, err = conn.Write([]byte(strings.Join(assignments, "\n")))
	}
	if err != nil {
		return fmt.Errorf("systemd: notify: %w", err)
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

// Package systemdtest is the service manager's end of sd_notify(3), for tests of services.
package systemdtest

import (
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
)

// Manager takes what a service tells. It is safe for concurrent use.
type Manager struct {
	Socket string // for NOTIFY_SOCKET

	mu       sync.Mutex
	messages []string
	alive    int
}

// New returns a manager that listens until the test ends, and says what it was told if that fails.
func New(t *testing.T) *Manager {
	t.Helper()
	m := &Manager{Socket: filepath.Join(t.TempDir(), "notify")}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.Socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	var reader sync.WaitGroup
	reader.Go(func() { m.read(conn) })
	t.Cleanup(func() {
		_ = conn.Close()
		reader.Wait()
		if t.Failed() {
			t.Logf("the service manager was told %q and had %d signs of life", m.Messages(), m.Alive())
		}
	})
	return m
}

// read takes messages until the socket is closed.
func (m *Manager) read(conn *net.UnixConn) {
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		m.mu.Lock()
		if text := string(buf[:n]); text == "WATCHDOG=1" {
			m.alive++
		} else {
			m.messages = append(m.messages, text)
		}
		m.mu.Unlock()
	}
}

// Messages returns what was told so far, without the signs of life.
func (m *Manager) Messages() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.messages)
}

// Alive returns how many signs of life there were.
func (m *Manager) Alive() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alive
}

// Has reports whether a message was told, after the first so many, that matches a pattern as a whole.
func (m *Manager) Has(pattern string, after int) bool {
	all := m.Messages()
	whole := regexp.MustCompile("^(?:" + pattern + ")$")
	return slices.ContainsFunc(all[min(after, len(all)):], whole.MatchString)
}

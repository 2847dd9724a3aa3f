// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// syncLog notes what is asked of the sync daemons.
type syncLog struct {
	calls []string
	err   error // of starts
}

func (s *syncLog) start(role syncRole, _ *keepalived.SyncDaemon) error {
	s.calls = append(s.calls, "start "+role.String())
	return s.err
}

func (s *syncLog) stop(role syncRole) error {
	s.calls = append(s.calls, "stop "+role.String())
	return nil
}

func (s *syncLog) close() {}

// begin returns a follower that has begun.
func (s *syncLog) begin(t *testing.T, c *keepalived.SyncDaemon) *follower {
	t.Helper()
	f := &follower{open: func() (syncDaemons, error) { return s, nil }, config: c, log: quiet()}
	if err := f.begin(); err != nil {
		t.Fatal(err)
	}
	return f
}

func (s *syncLog) took() string {
	defer func() { s.calls = nil }()
	return strings.Join(s.calls, ", ")
}

// TestFollower has the sync daemons follow one virtual router.
func TestFollower(t *testing.T) {
	s := &syncLog{}
	f := s.begin(t, &keepalived.SyncDaemon{Interface: "eth0", Instance: "A"})
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"the start", func() {}, "stop master, start backup"},
		{"nothing new", f.again, ""},
		{"another one", func() { f.follow("B", true) }, ""},
		{"Active", func() { f.follow("A", true) }, "stop backup, start master"},
		{"the same", func() { f.follow("A", true) }, ""},
		{"Backup", func() { f.follow("A", false) }, "stop master, start backup"},
		{"the same file", func() { f.configure(&keepalived.SyncDaemon{Interface: "eth0", Instance: "A"}) }, ""},
		{"another interface", func() { f.configure(&keepalived.SyncDaemon{Interface: "eth1", Instance: "A"}) }, "stop master, stop backup, stop master, start backup"},
		{"one that is Active", func() { f.configure(&keepalived.SyncDaemon{Interface: "eth1", Instance: "B"}) }, "stop master, stop backup, stop backup, start master"},
		{"none", func() { f.configure(nil) }, "stop master, stop backup"},
		{"changes without", func() { f.follow("A", true) }, ""},
		{"again", func() { f.configure(&keepalived.SyncDaemon{Instance: "A"}) }, "stop backup, start master"},
		{"the end", func() { _ = f.end() }, "stop master, stop backup"},
	} {
		c.do()
		if got := s.took(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestFollowerFails tries again, what is wanted by then.
func TestFollowerFails(t *testing.T) {
	s := &syncLog{err: errors.New("no interface")}
	f := s.begin(t, &keepalived.SyncDaemon{Instance: "A"})
	f.follow("A", true)
	s.err = nil
	s.calls = nil
	f.again()
	f.again()
	if got := s.took(); got != "stop backup, start master" {
		t.Error(got)
	}
}

// TestFollowerOfNone has both daemons run.
func TestFollowerOfNone(t *testing.T) {
	s := &syncLog{}
	f := s.begin(t, &keepalived.SyncDaemon{})
	f.follow("A", true)
	if got := s.took(); got != "start backup, start master" {
		t.Error(got)
	}
}

// TestFollowerLater has daemons where the first file had none, once they can be had.
func TestFollowerLater(t *testing.T) {
	s := &syncLog{}
	var missing error
	f := &follower{open: func() (syncDaemons, error) { return s, missing }, log: quiet()}
	if err := errors.Join(f.begin(), f.end()); err != nil {
		t.Fatal(err)
	}
	missing = errors.New("no module")
	f.configure(&keepalived.SyncDaemon{Instance: "A"})
	missing = nil
	f.again()
	if got := s.took(); got != "stop master, start backup" {
		t.Error(got)
	}
	f.daemons = nil
	missing = errors.New("no module")
	if err := f.begin(); !errors.Is(err, missing) {
		t.Error(err)
	}
}

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

func (s *syncLog) took() string {
	defer func() { s.calls = nil }()
	return strings.Join(s.calls, ", ")
}

// TestFollower has the sync daemons follow one virtual router.
func TestFollower(t *testing.T) {
	s := &syncLog{}
	f := &follower{daemons: s, config: &keepalived.SyncDaemon{Interface: "eth0", Instance: "A"}, log: quiet()}
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"the start", f.again, "stop master, start backup"},
		{"nothing new", f.again, ""},
		{"another one", func() { f.follow("B", true) }, ""},
		{"Active", func() { f.follow("A", true) }, "stop backup, start master"},
		{"the same", func() { f.follow("A", true) }, ""},
		{"Backup", func() { f.follow("A", false) }, "stop master, start backup"},
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
	f := &follower{daemons: s, config: &keepalived.SyncDaemon{Instance: "A"}, log: quiet()}
	f.again()
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
	f := &follower{daemons: s, config: &keepalived.SyncDaemon{}, log: quiet()}
	f.again()
	f.follow("A", true)
	if got := s.took(); got != "start backup, start master" {
		t.Error(got)
	}
}

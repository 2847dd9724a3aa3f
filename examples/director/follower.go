// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// syncRole is which of the kernel's sync daemons is meant, as linux/ip_vs.h numbers them.
type syncRole uint32

const (
	syncMaster syncRole = 1 // sends
	syncBackup syncRole = 2 // receives
)

// String returns the role as ipvsadm(8) has it.
func (r syncRole) String() string {
	if r == syncMaster {
		return "master"
	}
	return "backup"
}

// syncDaemons are the kernel's. Starting one that runs, and stopping one that doesn't, does nothing.
type syncDaemons interface {
	start(role syncRole, s *keepalived.SyncDaemon) error
	stop(role syncRole) error
}

// follower has the sync daemons be what the state of a virtual router asks for: the one that is Active sends its
// connections, the others receive them. It is safe for concurrent use.
type follower struct {
	daemons syncDaemons
	config  *keepalived.SyncDaemon
	log     *slog.Logger

	mu      sync.Mutex
	active  bool
	settled bool
}

// follow takes the state of a virtual router.
func (f *follower) follow(instance string, active bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if instance == f.config.Instance && active != f.active {
		f.active = active
		f.settle()
	}
}

// again tries again what failed, as it does while the interface is not there. The first call is the start.
func (f *follower) again() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled {
		f.settle()
	}
}

// settle has the daemons be what they are to be: both, where no virtual router is followed.
func (f *follower) settle() {
	var err error
	switch {
	case f.config.Instance == "":
		err = errors.Join(f.run(syncBackup), f.run(syncMaster))
	case f.active:
		err = errors.Join(f.daemons.stop(syncBackup), f.run(syncMaster))
	default:
		err = errors.Join(f.daemons.stop(syncMaster), f.run(syncBackup))
	}
	f.settled = err == nil
	if err != nil {
		f.log.Error("sync daemon", "error", err)
	}
}

func (f *follower) run(role syncRole) error {
	f.log.Info("sync daemon", "role", role.String(), "interface", f.config.Interface)
	return f.daemons.start(role, f.config)
}

// end stops both. It must be the last call.
func (f *follower) end() error {
	return errors.Join(f.daemons.stop(syncMaster), f.daemons.stop(syncBackup))
}

// keep tries again until ctx ends.
func (f *follower) keep(ctx context.Context) {
	for pause(ctx, retryTime) {
		f.again()
	}
}

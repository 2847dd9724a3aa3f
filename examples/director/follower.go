// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"log/slog"

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
// connections, the others receive them.
type follower struct {
	daemons syncDaemons
	config  *keepalived.SyncDaemon
	log     *slog.Logger
}

// begin starts what there is to be before the first change of state: the daemon that receives, or both where no virtual
// router is followed.
func (f *follower) begin() error {
	err := f.run(syncBackup)
	if f.config.Instance == "" {
		err = errors.Join(err, f.run(syncMaster))
	}
	return err
}

// follow takes the state of a virtual router.
func (f *follower) follow(instance string, active bool) error {
	if instance != f.config.Instance {
		return nil
	}
	if active {
		return errors.Join(f.daemons.stop(syncBackup), f.run(syncMaster))
	}
	return errors.Join(f.daemons.stop(syncMaster), f.run(syncBackup))
}

func (f *follower) run(role syncRole) error {
	f.log.Info("sync daemon", "role", role.String(), "interface", f.config.Interface)
	return f.daemons.start(role, f.config)
}

// end stops both.
func (f *follower) end() error {
	return errors.Join(f.daemons.stop(syncMaster), f.daemons.stop(syncBackup))
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
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
	close()
}

// follower has the sync daemons be what the state of a virtual router asks for: the one that is Active sends its
// connections, the others receive them. It is safe for concurrent use.
type follower struct {
	open func() (syncDaemons, error) // is called when they are needed first
	log  *slog.Logger

	mu      sync.Mutex
	config  *keepalived.SyncDaemon // nil: there are none
	daemons syncDaemons            // nil: not opened yet
	active  map[string]bool        // virtual routers by name
	former  bool                   // daemons of a former configuration are to be stopped
	settled bool
}

// begin opens the daemons, if there are to be any, and starts them.
func (f *follower) begin() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = map[string]bool{}
	if err := f.reach(); err != nil {
		return err
	}
	f.settle()
	return nil
}

// reach opens the daemons, if there are to be any.
func (f *follower) reach() (err error) {
	if f.config != nil && f.daemons == nil {
		f.daemons, err = f.open()
	}
	return err
}

// configure goes over to what another file says: daemons that are to be others are stopped first, as the kernel changes
// none that runs.
func (f *follower) configure(config *keepalived.SyncDaemon) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if reflect.DeepEqual(config, f.config) {
		return
	}
	f.former = f.former || f.config != nil
	f.config = config
	f.settle()
}

// follow takes the state of a virtual router.
func (f *follower) follow(instance string, active bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.active[instance]
	f.active[instance] = active
	if f.config != nil && instance == f.config.Instance && active != was {
		f.settle()
	}
}

// again tries again what failed, as it does while the interface is not there.
func (f *follower) again() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled {
		f.settle()
	}
}

// settle has the daemons be what they are to be.
func (f *follower) settle() {
	err := f.reach()
	if err == nil && f.daemons != nil {
		err = f.arrange()
	}
	f.settled = err == nil
	if err != nil {
		f.log.Error("sync daemon", "error", err)
	}
}

// arrange starts and stops daemons: both run where no virtual router is followed.
func (f *follower) arrange() error {
	if f.former {
		if err := f.stop(); err != nil {
			return err
		}
		f.former = false
	}
	switch {
	case f.config == nil:
		return nil
	case f.config.Instance == "":
		return errors.Join(f.run(syncBackup), f.run(syncMaster))
	case f.active[f.config.Instance]:
		return errors.Join(f.daemons.stop(syncBackup), f.run(syncMaster))
	}
	return errors.Join(f.daemons.stop(syncMaster), f.run(syncBackup))
}

func (f *follower) run(role syncRole) error {
	f.log.Info("sync daemon", "role", role.String(), "interface", f.config.Interface)
	return f.daemons.start(role, f.config)
}

// stop stops both.
func (f *follower) stop() error {
	return errors.Join(f.daemons.stop(syncMaster), f.daemons.stop(syncBackup))
}

// end stops both and lets go of them. It must be the last call.
func (f *follower) end() (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.daemons == nil {
		return nil
	}
	if f.config != nil || f.former {
		err = f.stop()
	}
	f.daemons.close()
	f.daemons = nil
	return err
}

// keep tries again until ctx ends.
func (f *follower) keep(ctx context.Context) {
	for pause(ctx, retryTime) {
		f.again()
	}
}

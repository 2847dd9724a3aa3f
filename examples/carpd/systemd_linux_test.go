// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/systemd/systemdtest"
)

// The service manager is told that carpd is set up, its states, signs of life and its end.
func TestServiceManager(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p, m := newPair(t, "10.0.0.100"), systemdtest.New(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	variables := []string{"NOTIFY_SOCKET=" + m.Socket, "WATCHDOG_USEC=100000", exe, "-f", "none"}
	a := start(t, p.n1, "env", append(variables, p.args()...)...)
	eventually(t, "ready", func() bool { return m.Has(`READY=1\nSTATUS=1 virtual hosts: .*`, 0) })
	eventually(t, "Master", func() bool { return m.Has(`(READY=1\n)?STATUS=1 virtual hosts: 1 MASTER, 0 BACKUP, 0 INIT`, 0) })
	eventually(t, "signs of life", func() bool { return m.Alive() > 5 })
	a.stop(syscall.SIGTERM)
	a.wantExit(exitOK)
	eventually(t, "stopping", func() bool { return m.Has(`STOPPING=1`, 0) })
}

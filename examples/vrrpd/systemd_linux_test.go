// SPDX-License-Identifier: Apache-2.0

package main

import (
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/systemd/systemdtest"
)

// TestServiceManager is told of the whole life of the program: ready, the states, signs of life, a reload, one that fails, and the end.
func TestServiceManager(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n, m := newNode(t, lab, "n1", 200), systemdtest.New(t)
	p := startProgramIn(t, n, []string{"NOTIFY_SOCKET=" + m.Socket, "WATCHDOG_USEC=100000"})
	eventually(t, "ready", func() bool { return m.Has(`READY=1\nSTATUS=2 virtual routers: .*`, 0) })
	eventually(t, "both Active", func() bool { return m.Has(`(READY=1\n)?STATUS=2 virtual routers: 2 Active, 0 Backup, 0 Initialize`, 0) })
	eventually(t, "signs of life", func() bool { return m.Alive() > 5 })

	before := len(m.Messages())
	p.signal(t, syscall.SIGHUP)
	eventually(t, "reload", func() bool {
		return m.Has(`RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*`, before) && m.Has(`READY=1\nSTATUS=2 virtual routers: 2 Active.*`, before)
	})
	n.write("keepalived.conf", "nonsense")
	p.signal(t, syscall.SIGHUP)
	eventually(t, "reload that fails", func() bool { return m.Has(`READY=1\nSTATUS=Reload failed: .*keepalived.conf.*`, before) })

	before = len(m.Messages())
	p.signal(t, syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, p.log())
	}
	eventually(t, "stopping", func() bool { return m.Has(`STOPPING=1`, before) })
	if m.Has(`READY=1.*`, before) {
		t.Error("ready at the end")
	}
}

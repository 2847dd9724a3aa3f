// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// alertLines are what a director says in global_defs to send alerts.
func alertLines(id string, server netip.AddrPort) string {
	return "global_defs {\n\trouter_id " + id + "\n\tnotification_email {\n\t\tadmin@example.org\n\t}\n\tnotification_email_from lb@example.org\n" +
		"\tsmtp_server " + server.Addr().String() + " " + strings.TrimPrefix(server.String(), server.Addr().String()+":") + "\n\tsmtp_alert\n}\n"
}

// listen listens on the host that is all clients.
func (b *bench) listen() net.Listener {
	b.t.Helper()
	var l net.Listener
	if err := b.lab.Host("client").Do(func() (err error) {
		l, err = net.Listen("tcp4", "10.10.10.100:0")
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { l.Close() })
	return l
}

// TestAlerts has two directors send alerts: one to a server that takes connections and never says anything, which keeps
// neither its checks nor its advertisements nor its end waiting, and one to a server that takes them.
func TestAlerts(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	hanging := b.listen()
	reached := make(chan struct{})
	go mute(hanging, "", reached)
	box := newMailServer(t, b.listen())
	d1, _ := b.director("d1", alertLines("d1", netip.MustParseAddrPort(hanging.Addr().String()))+pairFile("MASTER", 150))
	b.eventually("d1 has the address", func() bool { return b.holds("d1") })
	<-reached
	d2, _ := b.director("d2", alertLines("d2", box.addr)+pairFile("BACKUP", 50))
	got := func(subject string) {
		t.Helper()
		b.eventually(subject, func() bool { return box.has("[d2] " + subject) })
	}
	got("VRRP Instance VI_1 - Entering BACKUP state")
	got("Virtualserver [10.10.10.10]:tcp:80 - UP")
	b.servers["s1"].close()
	b.eventually("s1 out of both tables", func() bool { return b.has("d1", "2A") && b.has("d2", "2A") })
	b.servers["s1"].open()
	b.eventually("s1 in both tables", func() bool { return b.has("d1", "29", "2A") && b.has("d2", "29", "2A") })
	got("Realserver [10.10.10.41]:tcp:80 of virtual server [10.10.10.10]:tcp:80 - DOWN")
	got("Realserver [10.10.10.41]:tcp:80 of virtual server [10.10.10.10]:tcp:80 - UP")
	if box.has("[d2] VRRP Instance VI_1 - Entering MASTER state") {
		t.Errorf("d2 was Active beside d1: %q", box.subjects())
	}
	b.stop(d1)
	if text := d1.text(); strings.Count(text, "alert left out") < 3 || !strings.Contains(text, errLate.Error()) {
		t.Errorf("d1 does not say what it has left out:\n%s", text)
	}
	got("VRRP Instance VI_1 - Entering MASTER state")
	b.stop(d2)
	got("VRRP Instance VI_1 - Stopping")
}

// theirFile is an instance in a group that keepalived tells about.
const theirFile = `vrrp_instance VI_1 {
	state BACKUP
	interface eth0
	virtual_router_id 10
	priority 150
	advert_int 1
	virtual_ipaddress {
		10.0.0.100
	}
}
vrrp_sync_group G1 {
	group {
		VI_1
	}
}
`

// TestKeepalivedAlerts wants the words of keepalived itself to be those of the alerts here.
func TestKeepalivedAlerts(t *testing.T) {
	program := netlabtest.Program(t, "keepalived")
	if !netlabtest.Enter(t) {
		return
	}
	host := netlabtest.New(t, netlab.Config{Hosts: []string{"d1"}}).Host("d1")
	var l net.Listener
	if err := host.Do(func() (err error) {
		l, err = net.Listen("tcp4", host.Addr(0).String()+":0")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	box := newMailServer(t, l)
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, []byte(alertLines("d1", box.addr)+theirFile), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(program, "-n", "-l", "-D", "-P", "-f", file, "-p", file+".pid", "-r", file+".vpid")}
	p.Stdout, p.Stderr = p, p
	if err := host.Start(p.Cmd); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, state := range []string{isBackup, isMaster} {
		want = append(want, "[d1] VRRP Instance VI_1 - "+state+": "+stateBody("Instance", state), "[d1] VRRP Group G1 - "+state+": "+stateBody("Group", state))
	}
	missing := func() []string {
		return slices.DeleteFunc(slices.Clone(want), func(w string) bool { return slices.Contains(box.said(), w) })
	}
	for end := time.Now().Add(patience); len(missing()) > 0 && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	_ = p.Process.Signal(syscall.SIGTERM)
	_ = p.Wait()
	if list := missing(); len(list) > 0 {
		t.Errorf("keepalived does not say %q but %q\n%s", list, box.said(), p.text())
	}
}

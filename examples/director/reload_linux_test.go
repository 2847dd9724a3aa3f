// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/ipvs"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/systemd/systemdtest"
)

// reloadFile is a director without virtual routers, by the weight of s1 and what else there is.
func reloadFile(weight, more string) string {
	return `virtual_server 10.10.10.10 80 {
	protocol TCP
	delay_loop 1
	lvs_sched rr
	lvs_method DR
	real_server 10.10.10.41 80 {
		weight ` + weight + `
		TCP_CHECK {
		}
	}
}
` + more
}

// second is one more virtual server.
const second = `virtual_server 10.10.10.10 81 {
	protocol TCP
	real_server 10.10.10.42 81 {
	}
}
`

// foreign is a service that somebody else has in the table.
func foreign() *ipvs.Service {
	return &ipvs.Service{Address: []byte{10, 10, 10, 10}, Port: 99, Protocol: unix.IPPROTO_TCP, AddressFamily: unix.AF_INET, SchedName: "rr", Netmask: 0xffffffff}
}

// TestReload changes what differs, keeps connections, leaves what others made, and goes on as before where the file has
// errors.
func TestReload(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	b.address("d1", 10) // the service address
	if err := b.lab.Host("d1").Do(func() error {
		handle, err := ipvs.New("")
		if err != nil {
			return err
		}
		defer handle.Close()
		return handle.NewService(foreign())
	}); err != nil {
		t.Fatal(err)
	}
	manager := systemdtest.New(t)
	d, file := b.director("d1", reloadFile("10", second), "NOTIFY_SOCKET="+manager.Socket, "WATCHDOG_USEC=100000")
	table := func() string { return b.file("d1", "/proc/net/ip_vs") }
	b.eventually("answer", func() bool { return b.ask(firstClient) == "s1" })
	b.eventually("signs of life", func() bool { return manager.Alive() > 5 && manager.Has(`READY=1\nSTATUS=no virtual routers`, 0) })
	conn, reader, err := b.dial(firstClient)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = reader.ReadString('\n')

	b.write(file, reloadFile("20", ""))
	err = errors.Join(err, d.Process.Signal(syscall.SIGHUP))
	b.eventually("the new weight", func() bool {
		return strings.Contains(table(), "0A0A0A29:0050      Route   20") && !strings.Contains(table(), ":0051")
	})
	b.eventually("told of the reload", func() bool { return manager.Has(`RELOADING=1\nMONOTONIC_USEC=\d+`, 1) && manager.Has(`READY=1\n.*`, 2) })
	err = errors.Join(err, talk(conn, reader, "after the reload"))

	for _, c := range []struct{ lines, want string }{
		{"lvs_sync_daemon eth0 id 7", "backup eth0 7, master eth0 7"}, {"lvs_sync_daemon eth0 id 8", "backup eth0 8, master eth0 8"}, {"", ""},
	} {
		b.write(file, "global_defs {\n"+c.lines+"\n}\n"+reloadFile("20", ""))
		err = errors.Join(err, d.Process.Signal(syscall.SIGHUP))
		b.eventually("sync daemons "+c.want, func() bool { return b.syncDaemons("d1") == c.want })
	}
	err = errors.Join(err, talk(conn, reader, "after the sync daemons"))

	b.write(file, reloadFile("70000", second))
	err = errors.Join(err, d.Process.Signal(syscall.SIGHUP))
	b.eventually("the error", func() bool { return strings.Contains(d.text(), "keepalived.conf:7: weight") })
	err = errors.Join(err, talk(conn, reader, "after the error"))
	if err != nil || strings.Contains(table(), ":0051") {
		t.Errorf("%v, table:\n%s", err, table())
	}
	b.stop(d)
	b.eventually("told of the end", func() bool { return manager.Has(`STOPPING=1`, 3) })
	if text := table(); strings.Contains(text, ":0050") || !strings.Contains(text, "0A0A0A0A:0063") {
		t.Errorf("at the end:\n%s", text)
	}
}

// syncDaemons returns the sync daemons that run on a host, each with its interface and number.
func (b *bench) syncDaemons(host string) string {
	b.t.Helper()
	const cmdGetDaemon = 11
	var list []string
	if err := b.lab.Host(host).Do(func() error {
		family, err := netlink.GenlFamilyGet("IPVS")
		if err != nil {
			return err
		}
		request := nl.NewNetlinkRequest(int(family.ID), unix.NLM_F_DUMP)
		request.AddData(&nl.Genlmsg{Command: cmdGetDaemon, Version: genlVersion})
		messages, err := request.Execute(unix.NETLINK_GENERIC, 0)
		for _, m := range messages {
			list = append(list, daemonText(m[nl.SizeofGenlmsg:]))
		}
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// daemonText returns a sync daemon in words.
func daemonText(message []byte) string {
	var role syncRole
	var link string
	var id uint32
	outer, _ := nl.ParseRouteAttr(message)
	for _, o := range outer {
		inner, _ := nl.ParseRouteAttr(o.Value)
		for _, a := range inner {
			switch a.Attr.Type {
			case daemonState:
				role = syncRole(binary.NativeEndian.Uint32(a.Value))
			case daemonInterface:
				link = strings.TrimRight(string(a.Value), "\x00")
			case daemonID:
				id = binary.NativeEndian.Uint32(a.Value)
			}
		}
	}
	return fmt.Sprintf("%v %s %d", role, link, id)
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
)

// pairFile is the setting that a load balancer pair has in every introduction, with shorter times and a sorry server.
func pairFile(state string, priority int) string {
	return fmt.Sprintf(`vrrp_instance VI_1 {
	state %s
	interface eth0
	lvs_sync_daemon_interface eth0
	virtual_router_id 10
	priority %d
	advert_int 1
	authentication {
		auth_type PASS
		auth_pass MY_PASS
	}
	virtual_ipaddress {
		10.10.10.10
	}
}
virtual_server 10.10.10.10 80 {
	delay_loop 2
	lb_algo wlc
	lb_kind DR
	persistence_timeout 5
	protocol TCP
	sorry_server 10.10.10.49 80
	real_server 10.10.10.41 80 {
		weight 50
		TCP_CHECK {
			connect_timeout 3
		}
	}
	real_server 10.10.10.42 80 {
		weight 50
		TCP_CHECK {
			connect_timeout 3
		}
	}
}
`, state, priority)
}

// TestPair is the whole setting: two directors, two real servers, clients.
func TestPair(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	d1, _ := b.director("d1", pairFile("MASTER", 150))
	d2, _ := b.director("d2", pairFile("BACKUP", 50))
	b.eventually("d1 has the address", func() bool { return b.holds("d1") && !b.holds("d2") })
	b.eventually("answer", func() bool { return b.ask(firstClient) != "" })
	b.balanced()
	b.serversFail()
	b.handOver(d1)
	d1, _ = b.director("d1", pairFile("MASTER", 150))
	b.eventually("d1 has the address again", func() bool { return b.holds("d1") && !b.holds("d2") })
	b.crash(d1)
	b.stop(d2)
	if text := b.file("d2", "/proc/net/ip_vs"); strings.Contains(text, "0A0A0A") {
		t.Errorf("services are left:\n%s", text)
	}
}

// balanced wants each server to have half of the clients, and a client to stay with its server.
func (b *bench) balanced() {
	b.t.Helper()
	if got := b.shares(); got["s1"] < 8 || got["s2"] < 8 || got["s1"]+got["s2"] != clients {
		b.t.Errorf("shares of %d clients: %v", clients, got)
	}
	for i := range 4 {
		server := b.ask(firstClient + i)
		for range 3 {
			if again := b.ask(firstClient + i); again != server {
				b.t.Errorf("client %d: from %s to %s", i, server, again)
			}
		}
	}
}

// serversFail has one server fail and come back, and then both.
func (b *bench) serversFail() {
	b.t.Helper()
	s1, s2 := b.servers["s1"], b.servers["s2"]
	s1.close()
	took := b.eventually("s1 out of d1's table", func() bool { return b.has("d1", "2A") })
	b.t.Logf("the dead server was out after %v", took)
	b.eventually("s1 out of d2's table", func() bool { return b.has("d2", "2A") })
	if got := b.shares(); got["s2"] != clients {
		b.t.Errorf("shares without s1: %v", got)
	}
	s2.close()
	b.eventually("sorry server", func() bool { return b.has("d1", "31") && b.has("d2", "31") })
	if got := b.shares(); got["sorry"] != clients {
		b.t.Errorf("shares without servers: %v", got)
	}
	s1.open()
	s2.open()
	b.eventually("both servers", func() bool { return b.has("d1", "29", "2A") && b.has("d2", "29", "2A") })
	if got := b.shares(); got["sorry"] > 0 || got["s1"]+got["s2"] != clients {
		b.t.Errorf("shares after the return: %v", got)
	}
}

// handOver stops the active director as planned: the other one goes on with its connections.
func (b *bench) handOver(d1 *process) {
	b.t.Helper()
	conn, reader, err := b.dial(firstClient)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	server, err := reader.ReadString('\n')
	if err != nil {
		b.t.Fatal(err)
	}
	client := fmt.Sprintf("0A0A0A%02X %04X", firstClient, conn.LocalAddr().(*net.TCPAddr).Port)
	b.eventually("connection on d2", func() bool {
		if err := talk(conn, reader, "before"); err != nil {
			b.t.Fatal(err)
		}
		return strings.Contains(b.file("d2", "/proc/net/ip_vs_conn_sync"), client)
	})
	b.stop(d1)
	b.eventually("d2 has the address", func() bool { return b.holds("d2") && !b.holds("d1") })
	for i := range 5 {
		if err := talk(conn, reader, fmt.Sprintf("after %d", i)); err != nil {
			b.t.Fatalf("the connection with %s: %v", strings.TrimSpace(server), err)
		}
	}
}

// crash kills the active director: the other one has the address after the master-down interval, and the kernel takes
// it from the dead one.
func (b *bench) crash(d1 *process) {
	b.t.Helper()
	if err := d1.Process.Signal(syscall.SIGKILL); err != nil {
		b.t.Fatal(err)
	}
	_ = d1.Wait() // it was killed
	took := b.eventually("d2 has the address", func() bool { return b.holds("d2") && !b.holds("d1") })
	b.t.Logf("the address moved after %v", took)
	b.eventually("answer through d2", func() bool { return b.ask(firstClient+1) != "" })
	if got := b.shares(); got["s1"]+got["s2"] != clients {
		b.t.Errorf("shares through d2: %v", got)
	}
}

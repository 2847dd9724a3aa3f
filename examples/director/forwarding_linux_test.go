// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// forwardingFile has a virtual server of each way that packets go, to the real server s1.
const forwardingFile = `virtual_server 10.10.10.10 80 {
	protocol TCP
	lvs_method NAT
	real_server 10.10.10.41 8080 {
	}
}
virtual_server 10.10.10.10 81 {
	protocol TCP
	lvs_method TUN
	real_server 10.10.10.41 81 {
	}
}
virtual_server 10.10.10.10 53 {
	protocol UDP
	ops
	lvs_method DR
	real_server 10.10.10.41 53 {
	}
}
virtual_server fd00::10 80 {
	protocol TCP
	lvs_method DR
	real_server fd00::73 80 {
	}
}
`

// farClient is an address of the client's that the real server reaches through the director only, as NAT needs it.
const farClient = "172.16.0.1"

// TestForwarding has an answer by each method of forwarding, over UDP and IPv6 too.
func TestForwarding(t *testing.T) {
	b := newBench(t)
	if b == nil {
		return
	}
	b.shell("d1", `ip addr add 10.10.10.10/32 dev eth0; ip -6 addr add fd00::10/128 dev eth0
		echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects; echo 0 >/proc/sys/net/ipv4/conf/eth0/send_redirects
		ip route add `+farClient+` dev eth0`)
	b.shell("client", "ip addr add "+farClient+"/32 dev eth0")
	b.shell("s1", `ip -6 addr add fd00::10/128 dev dummy0; ip route add `+farClient+` via 10.10.10.21
		ip link set tunl0 up; echo 0 >/proc/sys/net/ipv4/conf/tunl0/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter`)
	for _, addr := range []string{"10.10.10.41:8080", "10.10.10.10:81", "[fd00::10]:80"} {
		b.answerTCP("s1", addr)
	}
	b.answerUDP("s1", "10.10.10.10:53")
	d, _ := b.director("d1", forwardingFile)
	for _, c := range []struct{ name, network, local, remote string }{
		{"NAT", "tcp", farClient, "10.10.10.10:80"}, {"TUN", "tcp", "10.10.10.100", "10.10.10.10:81"},
		{"UDP", "udp", "10.10.10.100", "10.10.10.10:53"}, {"IPv6", "tcp", "", "[fd00::10]:80"},
	} {
		b.eventually("answer by "+c.name, func() bool { return b.query(c.network, c.local, c.remote) == "hello" })
	}
	b.stop(d)
}

// shell runs commands on a host, all of which must succeed.
func (b *bench) shell(host, commands string) {
	b.t.Helper()
	p := b.start(host, exec.Command("sh", "-ec", commands))
	if err := p.Wait(); err != nil {
		b.t.Fatalf("%s: %v: %s", host, err, p.text())
	}
}

// answerTCP has a host say hello to whoever connects. The address need not be there yet.
func (b *bench) answerTCP(host, addr string) {
	b.t.Helper()
	var l net.Listener
	if err := b.lab.Host(host).Do(func() (err error) {
		l, err = net.Listen("tcp", addr)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprintln(conn, "hello")
			conn.Close()
		}
	}()
}

// answerUDP has a host say hello to whoever asks.
func (b *bench) answerUDP(host, addr string) {
	b.t.Helper()
	var l net.PacketConn
	if err := b.lab.Host(host).Do(func() (err error) {
		l, err = net.ListenPacket("udp", addr)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { l.Close() })
	go func() {
		buffer := make([]byte, 100)
		for {
			_, from, err := l.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = l.WriteTo([]byte("hello\n"), from) // he asks again
		}
	}()
}

// query returns what a client is answered, "" if it is nothing.
func (b *bench) query(network, local, remote string) string {
	b.t.Helper()
	var line string
	_ = b.lab.Host("client").Do(func() error {
		d := net.Dialer{Timeout: 2 * time.Second}
		if addr, err := netip.ParseAddr(local); err == nil && network == "tcp" {
			d.LocalAddr = &net.TCPAddr{IP: addr.AsSlice()}
		} else if err == nil {
			d.LocalAddr = &net.UDPAddr{IP: addr.AsSlice()}
		}
		conn, err := d.DialContext(context.Background(), network, remote)
		if err != nil {
			return err
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
		_, err = fmt.Fprintln(conn, "?")
		line, _ = bufio.NewReader(conn).ReadString('\n')
		return err // it is asked again
	})
	return strings.TrimSpace(line)
}

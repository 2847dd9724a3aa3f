// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/vmtest"
)

// patience bounds every wait for an event; nothing is measured against it.
const patience = time.Minute

// askTime bounds one question of a client, which has an answer at once or, while something moves, none.
const askTime = 15 * time.Second

// The addresses of the setting.
const (
	serviceAddr = "10.10.10.10:80"
	firstClient = 100 // of clients' addresses, by their last octet
	clients     = 20
)

// hostNumbers are the last octets of the hosts' addresses in 10.10.10.0/24.
var hostNumbers = map[string]int{"d1": 21, "d2": 22, "s1": 41, "s2": 42, "sorry": 49}

// bench is two directors, two real servers, one that says sorry, and a host that is all clients.
type bench struct {
	t       *testing.T
	lab     *netlab.Lab
	servers map[string]*webServer
}

// newBench returns a bench with all servers running. It is nil outside of the test's namespaces.
func newBench(t *testing.T) *bench {
	t.Helper()
	vmtest.Only(t)
	t.Parallel()
	if !netlabtest.Enter(t) {
		return nil
	}
	b := &bench{t: t, servers: map[string]*webServer{}}
	b.lab = netlabtest.New(t, netlab.Config{Hosts: []string{"d1", "d2", "s1", "s2", "sorry", "client"}})
	for name, number := range hostNumbers {
		b.address(name, number)
	}
	for i := range clients {
		b.address("client", firstClient+i)
	}
	for _, name := range []string{"s1", "s2", "sorry"} {
		p := b.start(name, exec.Command("realserver", "-vip", "10.10.10.10", "-link", "eth0"))
		b.eventually(name+" is ready", func() bool { return strings.Contains(p.text(), "ready: ") })
		b.servers[name] = &webServer{b: b, name: name}
		b.servers[name].open()
	}
	return b
}

// address gives a host an address.
func (b *bench) address(host string, number int) {
	b.t.Helper()
	err := b.lab.Host(host).Do(func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		addr, err := netlink.ParseAddr(fmt.Sprintf("10.10.10.%d/24", number))
		if err != nil {
			return err
		}
		return netlink.AddrAdd(eth0, addr)
	})
	if err != nil {
		b.t.Fatalf("%s: address %d: %v", host, number, err)
	}
}

// process is a program on a host.
type process struct {
	*exec.Cmd
	mu  sync.Mutex
	log bytes.Buffer
}

func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(text)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// start runs a program on a host until it is stopped, or the test ends.
func (b *bench) start(host string, cmd *exec.Cmd) *process {
	b.t.Helper()
	p := &process{Cmd: cmd}
	cmd.Stdout, cmd.Stderr = p, p
	if err := b.lab.Host(host).Start(cmd); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if b.t.Failed() {
			b.t.Logf("%s: %s:\n%s", host, cmd.Path, p.text())
		}
	})
	return p
}

// director runs the program on a host with a file.
func (b *bench) director(host, text string, env ...string) (p *process, file string) {
	b.t.Helper()
	file = filepath.Join(b.t.TempDir(), "keepalived.conf")
	b.write(file, text)
	cmd := exec.Command("/proc/self/exe", "-f", file)
	cmd.Env = append(append(os.Environ(), beProgram+"=1"), env...)
	return b.start(host, cmd), file
}

func (b *bench) write(file, text string) {
	b.t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// stop ends a program in order.
func (b *bench) stop(p *process) {
	b.t.Helper()
	if err := errors.Join(p.Process.Signal(syscall.SIGTERM), p.Wait()); err != nil {
		b.t.Errorf("%v: %v\n%s", p.Args, err, p.text())
	}
}

// file returns what a file is in the network namespace of a host.
func (b *bench) file(host, name string) string {
	b.t.Helper()
	cmd := exec.Command("cat", name)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := b.lab.Host(host).Start(cmd); err != nil {
		b.t.Fatal(err)
	}
	_ = cmd.Wait() // what it printed tells
	return out.String()
}

// eventually waits until a condition holds, and returns how long that took.
func (b *bench) eventually(what string, condition func() bool) time.Duration {
	b.t.Helper()
	begin := time.Now()
	for !condition() {
		if time.Since(begin) > patience {
			b.t.Fatalf("not within %v: %s\nd1: %s\nd2: %s", patience, what, b.file("d1", "/proc/net/ip_vs"), b.file("d2", "/proc/net/ip_vs"))
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(begin)
}

// has reports whether the table of a director has these real servers, by the last octets in hexadecimal digits, and no
// other one.
func (b *bench) has(host string, numbers ...string) bool {
	b.t.Helper()
	text := b.file(host, "/proc/net/ip_vs")
	for _, n := range numbers {
		if !strings.Contains(text, "0A0A0A"+n+":0050") {
			return false
		}
	}
	return strings.Count(text, "  -> 0A0A0A") == len(numbers)
}

// holds reports whether a director has the service address.
func (b *bench) holds(host string) bool {
	b.t.Helper()
	all, err := b.lab.Host(host).Addresses(0)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range all {
		if p.Addr() == netip.MustParseAddrPort(serviceAddr).Addr() {
			return true
		}
	}
	return false
}

// webServer tells its name to whoever connects, and then repeats what it hears.
type webServer struct {
	b        *bench
	name     string
	listener net.Listener
	done     sync.WaitGroup
}

// open has the server answer.
func (s *webServer) open() {
	s.b.t.Helper()
	err := s.b.lab.Host(s.name).Do(func() (err error) {
		s.listener, err = net.Listen("tcp4", ":80")
		return err
	})
	if err != nil {
		s.b.t.Fatal(err)
	}
	s.done.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				fmt.Fprintln(conn, s.name)
				_, _ = io.Copy(conn, conn) // the client ends it
			}()
		}
	})
}

// close has it refuse connections; those that there are go on.
func (s *webServer) close() {
	s.listener.Close()
	s.done.Wait()
}

// dial connects to the service from an address of the clients.
func (b *bench) dial(number int) (net.Conn, *bufio.Reader, error) {
	b.t.Helper()
	var conn net.Conn
	err := b.lab.Host("client").Do(func() (err error) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(10, 10, 10, byte(number))}, Timeout: askTime}
		conn, err = d.DialContext(context.Background(), "tcp4", serviceAddr)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return conn, bufio.NewReader(conn), nil
}

// ask returns the name of the server that answers a client, "" if none does.
func (b *bench) ask(number int) string {
	b.t.Helper()
	conn, reader, err := b.dial(number)
	if err != nil {
		return ""
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(askTime))
	line, _ := reader.ReadString('\n')
	return strings.TrimSpace(line)
}

// shares returns how many clients each server answers.
func (b *bench) shares() map[string]int {
	b.t.Helper()
	got := map[string]int{}
	for i := range clients {
		got[b.ask(firstClient+i)]++
	}
	return got
}

// talk sends a line over a connection and wants it back.
func talk(conn net.Conn, reader *bufio.Reader, line string) error {
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(conn, line); err != nil {
		return err
	}
	if got, err := reader.ReadString('\n'); err != nil || strings.TrimSpace(got) != line {
		return fmt.Errorf("%q, %w", got, err)
	}
	return nil
}

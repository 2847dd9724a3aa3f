// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// memory is a listener whose connections are in memory, so that time is that of a bubble. Nothing is buffered: who doesn't read
// stops the other side from its first octet on.
type memory struct {
	conns    chan net.Conn
	accepted atomic.Int32
	done     chan struct{}
	close    func()
}

func listenMemory() *memory {
	m := &memory{conns: make(chan net.Conn), done: make(chan struct{})}
	m.close = sync.OnceFunc(func() { close(m.done) })
	return m
}

// Accept returns the next connection.
func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		m.accepted.Add(1)
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (m *memory) Close() error {
	m.close()
	return nil
}

// Addr is nowhere.
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

// bed is a LAN in memory with a pair of routers, the better one of which is served, in a bubble.
type bed struct {
	t      *testing.T
	memory *memory
	host   *netiftest.Host
	router *vrrp.Router
	stop   func() // ends the router, and returns when it has handed over

	stall atomic.Pointer[chan struct{}] // the loop of the router waits for it to be closed, unless it is nil

	mu   sync.Mutex
	sent []time.Time // advertisements of the router
}

// addRouter makes a router on the nth host of a LAN.
func addRouter(t *testing.T, lan *netiftest.LAN, n int, priority uint8, trace vrrp.Trace) (*netiftest.Host, *vrrp.Router) {
	t.Helper()
	host := lan.Host(fmt.Sprint(n), netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix(fmt.Sprintf("192.0.2.%d/24", n))}})
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Trace: trace})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Backend: &viptest.Memory{},
		Config: vrrp.Config{VRID: 51, Priority: priority, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.100/32")}}}); err != nil {
		t.Fatal(err)
	}
	return host, router
}

// newBed runs it, and lets time pass until the router is Active.
func newBed(t *testing.T) *bed {
	t.Helper()
	lan := netiftest.New(netiftest.Config{Delay: time.Millisecond})
	b := &bed{t: t, memory: listenMemory()}
	b.host, b.router = addRouter(t, lan, 1, 200, vrrp.Trace{Sent: func(*vrrp.VirtualRouter, uint8) {
		if stall := b.stall.Load(); stall != nil {
			<-*stall
		}
	}})
	_, other := addRouter(t, lan, 2, 100, vrrp.Trace{})
	lan.Tap(func(p netiftest.Packet) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if p.From == b.host {
			b.sent = append(b.sent, p.At)
		}
	})
	b.stop = b.run(b.router)
	t.Cleanup(b.run(other))
	t.Cleanup(b.stop)
	endServer := serve(b.memory, newHandler(b.router, nil), slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := endServer(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// run runs a router.
func (b *bed) run(r *vrrp.Router) (stop func()) {
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			b.t.Error(err)
		}
	})
}

// dial opens a connection to the server, which may take it later, or never.
func (b *bed) dial() net.Conn {
	client, server := net.Pipe()
	go func() {
		select {
		case b.memory.conns <- server:
		case <-b.memory.done:
		}
	}()
	b.t.Cleanup(func() { _ = client.Close() })
	return client
}

// get asks for a page.
func (b *bed) get(path string) (status int, body string) {
	b.t.Helper()
	conn := b.dial()
	defer conn.Close()
	request, err := http.NewRequest("GET", "http://memory"+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	request.Close = true
	if err := request.Write(conn); err != nil {
		b.t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
	return response.StatusCode, string(text)
}

// want checks the status of a page, and what is in it.
func (b *bed) want(path string, status int, part string) {
	b.t.Helper()
	if got, body := b.get(path); got != status || !strings.Contains(body, part) {
		b.t.Errorf("%s: status %d, %q, want %d, %q", path, got, body, status, part)
	}
}

// took returns when the router advertised since the last call.
func (b *bed) took() []time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := b.sent
	b.sent = nil
	return sent
}

// wantOnTheDot lets a minute pass, and checks that the router advertises all the time, each second to the nanosecond.
func (b *bed) wantOnTheDot() {
	b.t.Helper()
	b.took()
	time.Sleep(time.Minute)
	sent := b.took()
	if len(sent) != 60 {
		b.t.Errorf("%d advertisements in a minute", len(sent))
	}
	for i := range sent {
		if i > 0 && sent[i].Sub(sent[i-1]) != time.Second {
			b.t.Errorf("%v between two advertisements", sent[i].Sub(sent[i-1]))
		}
	}
}

// hang has twice as many clients as the server takes at once, who begin a request by some text, and then neither write nor read.
func (b *bed) hang(text string) {
	for range 2 * maxClients {
		conn := b.dial()
		go func() { _, _ = io.WriteString(conn, text) }() // ends with the connection
	}
	synctest.Wait()
	if n := b.memory.accepted.Load(); n != maxClients {
		b.t.Errorf("the server took %d clients", n)
	}
}

// TestHangingClients: advertisements leave on the dot, whatever clients do: who never read metrics, who never read whether it is ready,
// who send half a request, and who send nothing. The server is rid of them in time, and answers others then.
func TestHangingClients(t *testing.T) {
	for name, text := range map[string]string{
		"metrics are not read": "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "readiness is not read": "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n",
		"liveness is not read": "GET /live HTTP/1.1\r\nHost: x\r\n\r\n", "half a request": "GET /ready HTTP/1.1\r\nHost:", "nothing": "",
		"a body that doesn't come": "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
		"many on one connection":   strings.Repeat("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n", 100),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t)
				time.Sleep(10 * time.Second)
				b.hang(text)
				b.wantOnTheDot()
				b.wantOnTheDot() // two times as many as the server takes at once are gone after two rounds
				if n := b.memory.accepted.Load(); n != 2*maxClients {
					t.Errorf("the server took %d clients", n)
				}
				b.want("/ready", http.StatusOK, "1 active")
				b.want("/metrics", http.StatusOK, `fhrp_vrrp_state{family="ipv4",interface="eth0",state="active",vrid="51"} 1`)
			})
		})
	}
}

// TestManyScrapes: clients that ask all the time don't move an advertisement either.
func TestManyScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		time.Sleep(10 * time.Second)
		end := make(chan struct{})
		var clients sync.WaitGroup
		for range 2 * maxScrapes {
			clients.Go(func() {
				for {
					b.get("/metrics")
					select {
					case <-end:
						return
					case <-time.After(701 * time.Millisecond):
					}
				}
			})
		}
		b.wantOnTheDot()
		close(end)
		clients.Wait()
	})
}

// TestElectionStandsStill: /live says so, /ready too, and a scrape that there is nothing to read; nobody waits for ever. When the
// election goes on all is as before.
func TestElectionStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		time.Sleep(10 * time.Second)
		b.want("/live", http.StatusOK, "alive")
		release := make(chan struct{})
		b.stall.Store(&release)
		time.Sleep(2 * time.Second)
		begin := time.Now()
		for range 20 {
			b.want("/live", http.StatusServiceUnavailable, "did not answer within 1s")
			b.want("/ready", http.StatusServiceUnavailable, "did not answer within 1s")
			b.want("/metrics", http.StatusOK, "fhrp_vrrp_up 0")
		}
		if took := time.Since(begin); took != 20*7*time.Second {
			t.Errorf("20 times all three took %v", took)
		}
		close(release)
		time.Sleep(20 * time.Second)
		b.want("/live", http.StatusOK, "alive")
		b.want("/metrics", http.StatusOK, "fhrp_vrrp_up 1")
	})
}

// TestPages: what there is, and what isn't.
func TestPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		b.want("/ready", http.StatusServiceUnavailable, "eth0 IPv4 VRID 51: Backup, and has heard no advertisement yet")
		time.Sleep(10 * time.Second)
		b.want("/ready", http.StatusOK, "ready: 1 virtual routers, 1 active")
		b.want("/", http.StatusNotFound, "")
		_, first := b.get("/metrics")
		if !slices.ContainsFunc(strings.Split(first, "\n"), func(line string) bool {
			return strings.HasPrefix(line, "fhrp_vrrp_advertisements_sent_total{")
		}) || strings.Contains(first, "fhrp_carp") {
			t.Errorf("metrics:\n%s", first)
		}
		if err := b.host.SetLink("eth0", false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		b.want("/ready", http.StatusServiceUnavailable, "eth0 IPv4 VRID 51: Initialize")
		b.want("/live", http.StatusOK, "alive")
		b.stop()
		b.want("/ready", http.StatusServiceUnavailable, "there is no virtual router")
	})
}
